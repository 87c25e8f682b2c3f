"""Text files of data sets, packed by gzip or not: found, opened, read as tables."""

import contextlib
import csv
import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, TextIO

import numpy as np

from meta_noise.data.formats.published import existing_path, not_found
from meta_noise.errors import InputError, unknown_name


def find(name: str, path: str | Path, advice: str, *files: str) -> Path:
    """Returns the first of `files`, or of the same with `.gz` behind them, that is in the folder `path`.

    Args:
        name: the data set, for the message.
        path: the folder.
        advice: how to get the files, without a full stop.
        files: names in the order of preference.

    Raises:
        DataNotFoundError: none of them is there.
        InputError: `path` is a file, an archive for instance.
    """
    folder = existing_path(name, path, advice)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; unpack it and give the folder that holds {files[0]} as the path.")
    for candidate in (folder / f"{file}{ending}" for file in files for ending in ("", ".gz")):
        if candidate.is_file():
            return candidate
    raise not_found(name, path, advice, " or ".join(files))


@contextlib.contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Opens UTF-8 text with its line ends as they are; InputError where the file is not whole or not UTF-8."""
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8", newline="") as stream:
            yield stream
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: {error}. Get it again.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read: {error}. Get it again.") from error


def read_rows(path: Path, delimiter: str = ",", quotes: bool = True) -> Iterator[list[str]]:
    """Yields the cells of each row of a CSV file; InputError, with the line, where a quoted cell is not closed.

    Args:
        path: the file.
        delimiter: between cells.
        quotes: cells may stand in double quotes, a quote in them is doubled; else a quote is an ordinary character.
    """
    with open_text(path) as stream:
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE
        reader = csv.reader(stream, delimiter=delimiter, quoting=quoting, strict=True)
        try:
            yield from reader
        except csv.Error as error:
            raise InputError(f"{path}, line {reader.line_num}: {error}; the file is cut off or damaged.") from error


def read_columns(
    path: Path, wanted: Mapping[str, tuple[str, ...]], delimiter: str = ",", quotes: bool = True
) -> dict[str, list[str]]:
    """Returns columns of a table with a header.

    Args:
        path: the file.
        wanted: name for us -> the names it may have in the header.
        delimiter: see `read_rows`.
        quotes: see `read_rows`.

    Raises:
        InputError: a column is lacking, or a row is not as long as the header.
    """
    rows = read_rows(path, delimiter, quotes)
    header = next(rows, [])
    places = {}
    for name, spellings in wanted.items():
        place = next((header.index(spelling) for spelling in spellings if spelling in header), None)
        if place is None:
            raise InputError(f"{path} has no column {' or '.join(spellings)}; its header is {', '.join(header)}.")
        places[name] = place
    columns: dict[str, list[str]] = {name: [] for name in wanted}
    for number, row in enumerate(rows):
        if len(row) != len(header):
            raise InputError(f"{path}: row {number} has {len(row)} cells, its header {len(header)}.")
        for name, place in places.items():
            columns[name].append(row[place])
    return columns


def class_numbers(cells: Sequence[str], first: int, count: int, where: str | Path) -> np.ndarray:
    """Returns [N] int32 classes 0..count-1, written as `first`, `first + 1`, ...; InputError for another."""
    known = {str(first + number): number for number in range(count)}
    numbers = [known.get(cell, -1) for cell in cells]
    if -1 in numbers:
        row = numbers.index(-1)
        raise InputError(
            f"{where}: row {row} has the class {cells[row]!r}; classes are {first} to {first + count - 1}."
        )
    return np.array(numbers, np.int32)


def class_names_to_numbers(cells: Sequence[str], names: Sequence[str], where: str | Path) -> np.ndarray:
    """Returns [N] int32 classes written as one of `names`; InputError names one that is not."""
    known = {name: number for number, name in enumerate(names)}
    for cell in cells:
        if cell not in known:
            raise unknown_name(f"class in {where}:", cell, names)
    return np.array([known[cell] for cell in cells], np.int32)
