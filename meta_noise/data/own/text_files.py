"""Text files opened line by line, packed by gzip or not, and those that hold JSON.

Format: "JSON Lines", https://jsonlines.org: one object a line. A JSON file that is one list of objects is read, too.
"""

import codecs
import contextlib
import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TextIO

import numpy as np

from meta_noise.data.own.table import MOST_BYTES, Table, as_column, cells, check_rows, check_size
from meta_noise.errors import InputError

_BEGINNINGS = {
    b"PK\x03\x04": "is a zip archive or an Excel workbook; unpack it, or save the sheet as CSV (UTF-8)",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook; save the sheet as CSV (UTF-8)",
    b"PAR1": "is a Parquet file; give it the ending .parquet",
}
_NOT_WINDOWS = {0x81, 0x8D, 0x8F, 0x90, 0x9D}  # bytes that stand for nothing in Windows-1252
_NO_LETTERS = bytes(byte for byte in range(256) if not chr(byte).isalpha() or byte > 127)
MOST_ACCENTS = 0.35  # share of letters beyond A to Z up to which a text may be Western European
MOST_JSON = 2**30  # bytes; as Python objects a file takes several times its size


class Encoding(NamedTuple):
    """How the bytes of a file are read as text, and a sentence on it, "" for UTF-8."""

    name: str
    note: str = ""

    @property
    def notes(self) -> tuple[str, ...]:
        return (self.note,) if self.note else ()


def encoding_of(path: Path, most: int = MOST_BYTES) -> Encoding:
    """Returns UTF-16 for a file that says so by its first two bytes, UTF-8, or else Windows-1252 or Latin-1.

    A file with some letters in UTF-8 and other bytes that are none is UTF-8; its rows with such bytes are bad.

    Raises:
        InputError: the file is empty, no text, too large, not whole, or in an encoding that cannot be told.
    """
    with _opened(path, most) as file:
        start = file.read(4096)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not start.startswith(codecs.BOM_UTF32_LE):
            return Encoding("utf-16", f"{path.name} is UTF-16 text, and was read as such.")
        _check_beginning(start, path)
        file.seek(0)
        is_mixed, others, high, plain = False, set[int](), 0, 0
        for line in file:
            plain += len(line.translate(None, delete=_NO_LETTERS))
            if line.isascii():
                continue
            try:
                line.removeprefix(codecs.BOM_UTF8).decode("utf-8")
                is_mixed = True
            except UnicodeDecodeError:
                others.update(line)
                high += len(line) - len(line.decode("ascii", "ignore"))
    if not others or is_mixed:
        return Encoding("utf-8-sig")
    if high > MOST_ACCENTS * (high + plain):
        raise InputError(
            f"{path} is not UTF-8, and has too many letters with codes above 127 to be Western European text. Save it "
            "as UTF-8, for example by `iconv -f SHIFT-JIS -t UTF-8 OLD > NEW`, or -f GB18030, -f WINDOWS-1251, ...."
        )
    name, known = ("latin-1", "Latin-1") if others & _NOT_WINDOWS else ("cp1252", "Windows-1252")
    return Encoding(
        name,
        f"{path.name} is not UTF-8, and was read as {known} (Western letters); if they look wrong, save it as UTF-8.",
    )


@contextlib.contextmanager
def open_text(path: Path, encoding: Encoding, most: int = MOST_BYTES) -> Iterator[TextIO]:
    """Opens a text file; bytes that are not UTF-8 come as lone surrogates, which `not_utf8` finds.

    Args:
        path: the file, its name ending in .gz if it is packed.
        encoding: of the file, see `encoding_of`.
        most: bytes it may have, unpacked.

    Raises:
        InputError: the file is too large, or not whole.
    """
    with _opened(path, most) as file:
        errors = "surrogateescape" if encoding.name == "utf-8-sig" else "strict"
        try:
            yield io.TextIOWrapper(file, encoding=encoding.name, errors=errors, newline="")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path} is no whole text in {encoding.name.upper()} ({error}); save it as UTF-8."
            ) from error


@contextlib.contextmanager
def _opened(path: Path, most: int) -> Iterator[Any]:
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opened(path, "rb") as file:
            _check_unpacked(file, path, most)
            yield file
    except gzip.BadGzipFile as error:
        advice = "Give its name without .gz if it is not packed, or an intact copy."
        raise InputError(f"{path} cannot be unpacked: {error}. {advice}") from error
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
        return f"byte 0x{byte:02x} is not UTF-8, and other rows are; correct it, or save the whole file as UTF-8"
    return None


def _check_unpacked(file: BinaryIO | gzip.GzipFile, path: Path, most: int) -> None:
    size = 0 if isinstance(file, gzip.GzipFile) else path.stat().st_size
    while isinstance(file, gzip.GzipFile) and size <= most and (block := file.read(2**20)):  # tells no size beforehand
        size += len(block)
    check_size(size, f"{path} as text", "Write it as Parquet, or give a part of it", most)
    file.seek(0)


def _check_beginning(start: bytes, path: Path) -> None:
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
    encoding = encoding_of(path, MOST_JSON)
    with open_text(path, encoding, MOST_JSON) as stream:
        lines = ((line, text) for line, text in enumerate(stream, start=1) if text.strip())
        table = _json_table(path, ((line, *_parsed(text)) for line, text in lines), has_lines=True)
    return table._replace(notes=encoding.notes)


def read_json(path: Path) -> Table:
    """Returns the table of a file that is one list of objects, or else JSON lines."""
    encoding = encoding_of(path)
    with open_text(path, encoding) as stream:
        is_list = next((line for line in stream if line.strip()), "").lstrip().startswith("[")
    if not is_list:
        return _by_rows(path, read_json_lines(path))
    with open_text(path, encoding, MOST_JSON) as stream:
        text = stream.read()
    if wrong := not_utf8(text):
        raise InputError(f"{path}: {wrong}.")
    try:
        entries = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not whole JSON: {error}.") from error
    table = _json_table(path, ((row, *_checked(entry)) for row, entry in enumerate(entries)), has_lines=False)
    return table._replace(notes=encoding.notes)


def _by_rows(path: Path, table: Table) -> Table:
    """Returns a table, or raises InputError where its only row holds whole columns."""
    first = {name: cells(column)[0] for name, column in table.columns.items()} if table.size == 1 else {}
    whole = [name for name, cell in first.items() if isinstance(cell, list | dict)]
    if not whole:
        return table
    raise InputError(
        f"{path} holds columns ({', '.join(f'{name:.40}' for name in whole[:5])}), where a list of rows is read. Write "
        "one object for each row; pandas does by df.to_json(path, orient='records', lines=True)."
    )


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Returns an object; ValueError names a key that stands in it twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise ValueError(f"the key {twice[:40]!r} stands twice in an object")
    return found


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
        entry = json.loads(text, object_pairs_hook=once)
        if "\\ud" in text.lower():  # an escape may be half of a pair, which no file can hold
            json.dumps(entry, ensure_ascii=False).encode("utf-8")
        return _checked(entry)
    except (ValueError, RecursionError) as error:
        return {}, f'it is not JSON ({error}); write one object such as {{"label": "cat", "text": "..."}} on each line'


def _checked(entry: Any) -> tuple[dict[str, Any], str]:
    if isinstance(entry, dict):
        return entry, ""
    return {}, f"it holds {json.dumps(entry)[:40]}, not an object with a value for each column"
