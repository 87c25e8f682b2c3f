"""What commands write into a page that people write, too: it stands between two marks."""

from pathlib import Path

from meta_noise.atomic import atomically


def write_between(path: Path, start: str, end: str, text: str) -> None:
    """Puts a text between the marks of a page, the whole page or nothing; the rest of it stays."""
    before, _, rest = path.read_text(encoding="utf-8").partition(start)
    with atomically(path) as file:
        file.write(f"{before}{start}\n\n{text.rstrip()}\n\n{end}{rest.partition(end)[2]}".encode())
