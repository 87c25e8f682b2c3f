"""Text files opened line by line: UTF-8, packed by gzip or not."""

import contextlib
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from meta_noise.data.own.table import MOST_BYTES, check_size
from meta_noise.errors import InputError

_BEGINNINGS = {
    b"\xff\xfe": "is UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "is UTF-16 text; save it as UTF-8",
    b"PK\x03\x04": "is a zip archive or an Excel workbook; unpack it, or save the sheet as CSV (UTF-8)",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook; save the sheet as CSV (UTF-8)",
    b"PAR1": "is a Parquet file; give it the ending .parquet",
}


@contextlib.contextmanager
def open_text(path: Path, most: int = MOST_BYTES) -> Iterator[TextIO]:
    """Opens a text file; bytes that are not UTF-8 come as lone surrogates, which `not_utf8` finds.

    Args:
        path: the file, its name ending in .gz if it is packed.
        most: bytes it may have, unpacked.

    Raises:
        InputError: the file is empty, no text, too large, or not whole.
    """
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opened(path, "rb") as file:
            _check_unpacked(file, path, most)
            _check_beginning(file, path)
            stream = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
            yield stream
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read: {error}.") from error


def not_utf8(text: str) -> str | None:
    """Returns why a row is no text, None where it is."""
    if text.isascii():
        return None
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        byte = ord(text[error.start]) - 0xDC00  # how surrogateescape keeps a byte
        return (
            f"byte 0x{byte:02x} is not UTF-8; the file is probably in Windows-1252 or Latin-1. Save it as UTF-8, for "
            "example by `iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW`"
        )
    return None


def _check_unpacked(file: BinaryIO | gzip.GzipFile, path: Path, most: int) -> None:
    size = 0 if isinstance(file, gzip.GzipFile) else path.stat().st_size
    while isinstance(file, gzip.GzipFile) and size <= most and (block := file.read(2**20)):  # tells no size beforehand
        size += len(block)
    check_size(size, f"{path} as text", "Write it as Parquet, or give a part of it", most)
    file.seek(0)


def _check_beginning(file: BinaryIO | gzip.GzipFile, path: Path) -> None:
    start = file.read(4096)
    file.seek(0)
    if not start.strip(b"\xef\xbb\xbf \t\r\n") and len(start) < 4096:
        raise InputError(f"{path} is empty; it must name its columns and hold a row for each example.")
    for beginning, why in _BEGINNINGS.items():
        if start.startswith(beginning):
            raise InputError(f"{path} {why}.")
    if b"\0" in start:
        raise InputError(f"{path} is no text file: it holds zero bytes. Save it as CSV, JSON lines (UTF-8) or Parquet.")
