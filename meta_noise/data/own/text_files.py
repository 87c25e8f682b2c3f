"""Text files opened line by line (UTF-8, packed by gzip or not), and those that hold JSON.

Format: "JSON Lines", https://jsonlines.org: one object a line. A JSON file that is one list of objects is read, too.
"""

import contextlib
import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import numpy as np

from meta_noise.data.own.table import MOST_BYTES, Table, as_column, check_rows, check_size
from meta_noise.errors import InputError

_BEGINNINGS = {
    b"\xff\xfe": "is UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "is UTF-16 text; save it as UTF-8",
    b"PK\x03\x04": "is a zip archive or an Excel workbook; unpack it, or save the sheet as CSV (UTF-8)",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook; save the sheet as CSV (UTF-8)",
    b"PAR1": "is a Parquet file; give it the ending .parquet",
}
MOST_JSON = 2**30  # bytes; as Python objects a file takes several times its size


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


def read_json_lines(path: Path) -> Table:
    """Returns the table of a file with one JSON object a line; a key that an object lacks is a missing cell.

    A line that is no object, or not UTF-8, is a bad row. Blank lines are nothing.
    """
    with open_text(path, MOST_JSON) as stream:
        lines = ((line, text) for line, text in enumerate(stream, start=1) if text.strip())
        return _json_table(path, ((line, *_parsed(text)) for line, text in lines), has_lines=True)


def read_json(path: Path) -> Table:
    """Returns the table of a file that is one list of objects, or else JSON lines."""
    with open_text(path) as stream:
        is_list = next((line for line in stream if line.strip()), "").lstrip().startswith("[")
    if not is_list:
        return read_json_lines(path)
    with open_text(path, MOST_JSON) as stream:
        text = stream.read()
    if wrong := not_utf8(text):
        raise InputError(f"{path}: {wrong}.")
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not whole JSON: {error}.") from error
    return _json_table(path, ((row, *_checked(entry)) for row, entry in enumerate(entries)), has_lines=False)


def _json_table(path: Path, records: Iterable[tuple[int, dict[str, Any], str]], has_lines: bool) -> Table:
    """Returns the table of (line, object, what is wrong with it)."""
    numbers: list[int] = []
    objects: list[dict[str, Any]] = []
    bad: dict[int, str] = {}
    for number, record, wrong in records:
        if wrong:
            bad[len(numbers)] = wrong
        numbers.append(number)
        objects.append(record)
    check_rows(len(numbers), str(path))
    names = list(dict.fromkeys(key for record in objects for key in record))
    if not names:
        raise InputError(f"{path} holds no JSON object with a key; the first row: {bad.get(0, 'an empty object')}.")
    columns = {name: as_column([record.get(name) for record in objects]) for name in names}
    lines = np.array(numbers) if has_lines else None
    return Table(columns, len(numbers), path.name, (path.parent,), lines=lines, bad=bad)


def _parsed(text: str) -> tuple[dict[str, Any], str]:
    """Returns the object on a line, and what is wrong with it or ""."""
    if wrong := not_utf8(text):
        return {}, wrong
    try:
        entry = json.loads(text)
        if "\\ud" in text.lower():  # an escape may be half of a pair, which no file can hold
            json.dumps(entry, ensure_ascii=False).encode("utf-8")
        return _checked(entry)
    except (ValueError, RecursionError) as error:
        return {}, f'it is not JSON ({error}); write one object such as {{"label": "cat", "text": "..."}} on each line'


def _checked(entry: Any) -> tuple[dict[str, Any], str]:
    if isinstance(entry, dict):
        return entry, ""
    return {}, f"it holds {json.dumps(entry)[:40]}, not an object with a value for each column"
