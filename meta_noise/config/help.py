"""What `--help` says of the settings: each with its default, meaning, unit and choices."""

import dataclasses
import textwrap
from typing import Any

from meta_noise.config import registry
from meta_noise.config.parse import is_open
from meta_noise.config.schema import About, Config, about

WIDTH, INDENT = 100, 8
ROOMS = {  # section -> room that its name comes from
    "data": "data.sources",
    "noise": "data.noise",
    "augment": "data.augment",
    "model": "models",
    "method": "methods",
}


def settings_help() -> str:
    """Returns a line for every setting, `--config.section.key=default`, and what it means."""
    parts = []
    for entry in dataclasses.fields(Config):
        value = getattr(Config(), entry.name)
        if dataclasses.is_dataclass(value):
            parts.append(f"\n{entry.name}: {about(entry).help}")
            parts += _section(value, f"--config.{entry.name}")
        else:
            parts.append(_line(f"--config.{entry.name}", value, about(entry)))
        if entry.name in ROOMS:
            names = ", ".join(registry.names(ROOMS[entry.name]))
            parts.append(textwrap.fill(f"names: {names}", WIDTH, initial_indent="  ", subsequent_indent=" " * INDENT))
    return "\n".join(parts)


def _section(section: Any, path: str) -> list[str]:
    lines = []
    for entry in dataclasses.fields(section):
        value = getattr(section, entry.name)
        if dataclasses.is_dataclass(value) and is_open(type(value)):
            lines.append(_line(f"{path}.{entry.name}.name", "", about(entry)))
        elif dataclasses.is_dataclass(value):
            lines += _section(value, f"{path}.{entry.name}")
        elif entry.name == "settings":
            lines.append(f"  {path}.SETTING=...\n{' ' * INDENT}{about(entry).help}")
        else:
            lines.append(_line(f"{path}.{entry.name}", value, about(entry)))
    return lines


def _line(path: str, value: Any, known: About) -> str:
    text = known.help + (f" [{known.unit}]" if known.unit else "")
    if known.choices:
        text += f" ({', '.join(known.choices)})"
    shown = "''" if value == "" else value
    return f"  {path}={shown}\n" + textwrap.fill(
        text, WIDTH, initial_indent=" " * INDENT, subsequent_indent=" " * INDENT
    )
