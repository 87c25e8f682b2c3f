"""Docstrings as Markdown: prose, arguments, errors, and examples that can be run."""

import inspect
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

_SECTION = re.compile(r"^(Args|Attributes|Returns|Yields|Raises):$")
_ENTRY = re.compile(r"^    ([\w*][\w*, ]*): ?(.*)$")
TITLES = {"Args": "Arguments", "Attributes": "Fields", "Raises": "Errors", "Returns": "Returns", "Yields": "Yields"}


class Doc(NamedTuple):
    """A docstring.

    Attributes:
        prose: all before its sections and after them, examples included.
        sections: "Args", "Attributes", "Raises", ... -> name -> what is said of it.
    """

    prose: str
    sections: Mapping[str, Mapping[str, str]]

    @property
    def summary(self) -> str:
        """The first paragraph, on one line."""
        return " ".join(self.prose.partition("\n\n")[0].split())


def read(thing: Any) -> Doc:
    """Returns the docstring of a function, class or module; empty where there is none or a made one."""
    text = inspect.getdoc(thing) or ""
    prose: list[str] = []
    sections: dict[str, dict[str, str]] = {}
    current: dict[str, str] | None = None
    name = ""
    for line in text.splitlines():
        if found := _SECTION.match(line):
            current, name = sections.setdefault(found[1], {}), ""
        elif current is None or (line and not line.startswith("    ")):
            current = None
            prose.append(line)
        elif entry := _ENTRY.match(line):
            name = entry[1]
            current[name] = entry[2]
        elif line.strip():
            current[name] = f"{current.get(name, '')} {line.strip()}".strip()
    return Doc("\n".join(prose).strip(), sections)


def markdown(doc: Doc, heading: bool = False) -> str:
    """Returns a docstring as Markdown, its sections as lists; `heading` leaves the prose away."""
    parts = [] if heading else [fenced(doc.prose)]
    for section, entries in doc.sections.items():
        if entries:
            lines = [
                f"* **{escaped(name)}**: {escaped(text)}" if name else f"* {escaped(text)}"
                for name, text in entries.items()
            ]
            parts.append("\n".join([f"*{TITLES[section]}*", "", *lines]))
    return "\n\n".join(parts)


def fenced(text: str) -> str:
    """Returns prose with its examples in fences; an indented block stays code."""
    found: list[str] = []
    inside = False
    for line in text.splitlines():
        starts = line.lstrip().startswith(">>>")
        if starts and not inside:
            found += ["```pycon", line]
            inside = True
        elif inside and not line.strip():
            found += ["```", ""]
            inside = False
        else:
            found.append(line if inside or line.startswith("    ") else escaped(line))
    return "\n".join([*found, "```"] if inside else found)


def escaped(text: str) -> str:
    """Returns a line in which `<` and `$` outside of code are themselves."""
    pieces = re.split(r"(`[^`]*`|<?https?://[^\s,;)>]+>?)", text)
    return "".join(
        piece
        if place % 2 and piece.startswith("`")
        else f"<{piece.strip('<>').rstrip('.')}>" + ("." if piece.endswith(".") else "")
        if place % 2
        else re.sub(r"([<$*_])", r"\\\1", piece)
        for place, piece in enumerate(pieces)
    )
