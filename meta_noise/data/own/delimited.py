"""CSV and TSV files: cells as text, every row with the line on which it begins.

Format: Y. Shafranovich, "Common Format and MIME Type for Comma-Separated Values (CSV) Files", RFC 4180, 2005,
https://www.rfc-editor.org/rfc/rfc4180.
"""

import contextlib
import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import numpy as np
import pyarrow as pa

from meta_noise.data.own.numbers import is_number
from meta_noise.data.own.table import Column, Table, check_rows
from meta_noise.data.own.text_files import Encoding, encoding_of, not_utf8, open_text
from meta_noise.errors import InputError
from meta_noise.visible import counted

CHUNK = 4096  # rows turned into Arrow at a time
LONGEST_CELL = 2**26  # characters
_DELIMITERS = ",;\t|"


def read_delimited(path: Path) -> Table:
    """Returns the table of a CSV or TSV file with a header; all cells are text, as they are written.

    The delimiter is the one of `,` `;` tab `|` that the header holds most often. A row of another length than the
    header, or that is not UTF-8, is bad. Blank lines are nothing.

    Raises:
        InputError: the file has no rows or no usable header.
    """
    encoding = encoding_of(path)
    delimiter = delimiter_of(path, encoding)
    is_plain = is_plain_text(path, encoding, delimiter)
    bad: dict[int, str] = {}
    lines: list[int] = []
    with open_text(path, encoding) as stream, long_cells():
        records = _records(
            csv.reader(stream, delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=True)
            if is_plain
            else csv.reader(stream, delimiter=delimiter, strict=True)
        )
        header = _header(next(records, (1, [])), path)
        chunks = [list(chunk) for chunk in _chunks(records, len(header), lines, bad)]
    if not lines:
        raise InputError(f"{path} has a header and nothing else; it must hold a row for each example.")
    check_rows(len(lines), str(path))
    columns: dict[str, Column] = {
        name: pa.chunked_array([chunk[position] for chunk in chunks], pa.string())
        for position, name in enumerate(header)
        if name
    }
    unnamed = sum(not name for name in header)
    notes = list(encoding.notes)
    notes += [f"{counted(unnamed, 'column')} without a name left out."] if unnamed else []
    if is_plain:
        notes += ["Quotes are ordinary characters in this file, as cells begin with one that never closes."]
    return Table(columns, len(lines), path.name, (path.parent,), False, np.array(lines), bad, notes=tuple(notes))


def delimiter_of(path: Path, encoding: Encoding) -> str:
    """Returns the delimiter that the header of a file holds most often."""
    with open_text(path, encoding) as stream:
        first = next((line for line in stream if line.strip()), "")
    return max(_DELIMITERS, key=first.count)


def is_plain_text(path: Path, encoding: Encoding, delimiter: str) -> bool:
    """Returns whether quotes are ordinary characters in a file, as in many tab-separated ones."""
    if delimiter != "\t":
        return False
    with open_text(path, encoding) as stream:
        return _quotes_are_text(stream)


@contextlib.contextmanager
def long_cells() -> Iterator[None]:
    """Lets cells be longer than the 131,072 characters that Python's reader takes by itself."""
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _records(reader) -> Iterator[tuple[int, list[str] | str]]:
    """Yields the first line of each record, and its cells or what is wrong with it."""
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield start, _reason(error, start, reader.line_num)
            continue
        if cells:
            yield start, cells


def _reason(error: csv.Error, start: int, end: int) -> str:
    if "field larger" in str(error):
        return (
            f"a cell that begins on this line has more than {LONGEST_CELL:,} characters; shorten it or close its quote"
        )
    if "unexpected end" in str(error):
        return (
            f"a quoted cell that begins on this line is not closed by line {end}; close it, or double quotes in cells"
        )
    return f"a quote stands in the middle of a cell ({error}); put the whole cell in quotes and double those inside"


def _header(record: tuple[int, list[str] | str], path: Path) -> list[str]:
    line, cells = record
    if isinstance(cells, str):
        raise InputError(f"{path}, line {line}: {cells}.")
    names = [cell.strip() for cell in cells]
    if wrong := not_utf8("".join(names)):
        raise InputError(f"{path}, line {line}: {wrong}.")
    double = [name for name, times in Counter(names).items() if name and times > 1]
    if double:
        raise InputError(
            f"{path}, line {line}: the header names {double[0]!r} more than once; rename one of the columns."
        )
    if not any(names) or all(is_number(name) for name in names if name):
        raise InputError(
            f"{path}, line {line}: the first line must name the columns, but it holds "
            f"{', '.join(names[:3]) or 'no names'}. Put a line such as `label,text` before it."
        )
    return names


def _chunks(
    records: Iterator[tuple[int, list[str] | str]], width: int, lines: list[int], bad: dict[int, str]
) -> Iterator[Iterator[pa.Array]]:
    """Yields the columns of `CHUNK` rows at a time; adds to `lines` and `bad`."""
    empty = [None] * width
    rows: list[list[str] | list[None]] = []
    for line, cells in records:
        if isinstance(cells, str):
            wrong: str | None = cells
        elif len(cells) != width:
            wrong = (
                f"{counted(len(cells), 'cell')}, but the header names {width} columns; put cells that hold "
                "the delimiter or a line break in double quotes"
            )
        else:
            wrong = not_utf8("".join(cells))
        if wrong:
            bad[len(lines)] = wrong
        lines.append(line)
        rows.append(empty if wrong or isinstance(cells, str) else cells)
        if len(rows) == CHUNK:
            yield (pa.array(column, pa.string()) for column in zip(*rows, strict=True))
            rows = []
    if rows:
        yield (pa.array(column, pa.string()) for column in zip(*rows, strict=True))


def _quotes_are_text(stream: TextIO) -> bool:
    """Returns whether each line is a record of its own, and some cell begins with a quote without being quoted.

    Tab-separated files are often written without any quoting, a text that begins with a quote included.
    """
    width, is_odd = 0, False
    for line in stream:
        found = line.rstrip("\r\n").split("\t")
        if not line.strip():
            continue
        width = width or len(found)
        if len(found) != width:
            return False
        is_odd = is_odd or any(_is_half_quoted(cell) for cell in found)
    return is_odd


def _is_half_quoted(cell: str) -> bool:
    return cell.startswith('"') and (len(cell) < 2 or not cell.endswith('"') or '"' in cell[1:-1].replace('""', ""))
