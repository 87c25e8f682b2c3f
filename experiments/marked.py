"""What commands write into a page that people write, too: it stands between two marks."""

from pathlib import Path

from meta_noise.atomic import atomically


def write_between(path: Path, start: str, end: str, text: str) -> None:
    """Puts a text between the marks of a page, the whole page or nothing; the rest of it stays.

    A page without the marks gets them at its end, and a page that is not there begins with the name of its folder.
    """
    page = path.read_text(encoding="utf-8") if path.exists() else f"# {path.parent.name}\n"
    before, mark, rest = page.partition(start)
    before, after = (before, rest.partition(end)[2]) if mark else (f"{page.rstrip()}\n\n", "\n")
    with atomically(path) as file:
        file.write(f"{before}{start}\n\n{text.rstrip()}\n\n{end}{after}".encode())
