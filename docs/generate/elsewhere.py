"""Pages that lie outside docs/ (tables of results, CONTRIBUTING, CHANGELOG), with their links turned to the site's."""

import os
import re
from pathlib import Path

from docs.generate.marks import MADE, ROOT

DOCS = ROOT / "docs"
_LINK = re.compile(r"(\]\()([^)\s#]*)(#[^)\s]*)?(\))")
_SOURCE = (".py", ".txt", ".toml", ".cff", ".yml", ".jsonl", ".ipynb")


def outside() -> dict[str, Path]:
    """Returns where a page of the site is made from: name below `_made` -> file of the repository."""
    found = {f"experiments/{path.parent.name}.md": path for path in sorted(ROOT.glob("experiments/*/README.md"))}
    found["notebooks/index.md"] = ROOT / "colab" / "README.md"
    for name in ("CONTRIBUTING", "CHANGELOG", "SECURITY"):
        found[f"project/{name.lower()}.md"] = ROOT / f"{name}.md"
    return found


def pages() -> dict[str, str]:
    """Returns the pages, name -> text, and a page that lists those of results."""
    found = {name: on_site(path.read_text("utf-8"), path.parent, MADE / name) for name, path in outside().items()}
    lines = ["# Results", "", "Each page has its command, its settings and what the figures do not say.", ""]
    names = [Path(name).stem for name in found if name.startswith("experiments/")]
    for name in names:
        title = next(line for line in found[f"experiments/{name}.md"].splitlines() if line.startswith("# "))
        lines.append(f"* [{title[2:]}]({name}.md)")
    found["experiments/index.md"] = "\n".join([*lines, "", toctree(names)])
    return found


def toctree(names: list[str]) -> str:
    """Returns a hidden table of contents."""
    return "\n".join(["```{toctree}", ":hidden:", "", *names, "```"])


def on_site(text: str, base: Path, page: Path) -> str:
    """Returns a text with its links as the site has them.

    Args:
        text: of a page.
        base: folder from which its links are counted.
        page: file of the page in the site's sources.
    """
    pages_of = {path: MADE / name for name, path in outside().items()}

    def turned(found: re.Match[str]) -> str:
        start, link, anchor, end = found[1], found[2], found[3] or "", found[4]
        if not link or "://" in link or link.startswith("mailto:"):
            return found[0]
        target = (base / link).resolve()
        target = target / "README.md" if (target / "README.md").is_file() else target
        if target == ROOT / "README.md":
            target = DOCS / "index.md"
        target = pages_of.get(target, target)
        if target.is_dir():
            return f"{start}{source_of(target)}{end}" if source_of(target) else found[0]
        return f"{start}{os.path.relpath(target, page.parent)}{anchor}{end}"

    return _LINK.sub(turned, text)


def source_of(folder: Path) -> str:
    """Returns what a link to a folder of the repository without a page leads to: nothing."""
    del folder
    return ""
