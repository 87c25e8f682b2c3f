"""Tables between marks: `<!-- made: NAME -->`, the table, `<!-- end -->`."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
MADE = ROOT / "docs" / "_made"  # pages made for the site, not kept
_MARKED = re.compile(r"(<!-- made: ([\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def marked_pages() -> list[Path]:
    """Returns the pages that people write, tables in them or not."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [path for path in pages if MADE not in path.parents]


def renewed(text: str, tables: Mapping[str, Callable[..., str]]) -> str:
    """Returns a page with every table between marks made anew; a mark may give words to its table.

    Raises:
        KeyError: there is no table of that name.
    """

    def made(found: re.Match[str]) -> str:
        name, *words = found[2].split()
        return f"{found[1]}\n{tables[name](*words).strip()}\n\n{found[3]}"

    return _MARKED.sub(made, text)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: int | None = None) -> str:
    """Returns a Markdown table; columns from number `right` on are aligned to the right."""
    right = len(head) if right is None else right
    rule = ["---" if place < right else "---:" for place in range(len(head))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))
