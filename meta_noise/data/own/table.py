"""Rows as they came: named columns from a file, a folder or a frame, before anything is made of them."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from meta_noise.errors import InputError

Column: TypeAlias = pa.ChunkedArray | list[Any]  # a list where the cells are of several types

MOST_ROWS = 20_000_000
MOST_BYTES = 4 * 2**30  # of text in a file, or of numbers in memory


class Table(NamedTuple):
    """Named columns of N cells.

    Attributes:
        columns: name -> cells, in the order of the file.
        size: N.
        where: the name of the file, for messages.
        folders: where relative image paths begin; the first in which there is such a file counts.
        typed: False where all cells are text, as in a CSV.
        lines: [N] the line of the file on which each row begins, None where rows have no lines.
        bad: row -> why it has no cells (they are null then).
        class_names: column -> the names of its classes 0..C-1, where the file says so.
        inputs: [N, ...] a ready array of numbers, one row of it for each row, None where there is none.
        notes: what was left out or guessed in reading.
        is_made: whether the columns were made here, so that their names are no guess.
    """

    columns: Mapping[str, Column]
    size: int
    where: str
    folders: tuple[Path, ...]
    typed: bool = True
    lines: np.ndarray | None = None
    bad: Mapping[int, str] = {}
    class_names: Mapping[str, tuple[str, ...]] = {}
    inputs: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    is_made: bool = False


def number(table: Table, row: int) -> int:
    """Returns what the user would call this row: its line in the file, or else its number from 0."""
    return row if table.lines is None else int(table.lines[row])


def place(table: Table, row: int) -> str:
    """Returns file and row for a message, such as "data.csv, line 17"."""
    return f"{table.where}, {'row' if table.lines is None else 'line'} {number(table, row)}"


def as_column(values: Any) -> Column:
    """Returns values as an Arrow column, NaN as null; as a list where they are of several types."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "S":
        values = values.astype(np.str_)
    if not isinstance(values, pa.ChunkedArray):
        try:
            array = pa.array(values, from_pandas=True)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            return [value.item() if isinstance(value, np.generic) else value for value in values]
        values = array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
    if pa.types.is_dictionary(values.type):
        parts = [_without_views(chunk.dictionary).take(chunk.indices) for chunk in values.chunks]
        values = pa.chunked_array(parts, None if parts else values.type.value_type)
    values = _without_views(values)
    if isinstance(values.type, pa.BaseExtensionType):
        values = pa.chunked_array([chunk.storage for chunk in values.chunks], values.type.storage_type)
    return values


def _without_views(values: Any) -> Any:
    """Returns an array with texts stored in the old way, as few functions of Arrow take views (those of Polars)."""
    return values.cast(pa.large_string()) if pa.types.is_string_view(values.type) else values


def is_text(column: Column) -> bool:
    return isinstance(column, pa.ChunkedArray) and (
        pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    )


def cells(column: Column) -> list[Any]:
    """Returns the cells as Python values, None where there is none (NaN included)."""
    values = column.to_pylist() if isinstance(column, pa.ChunkedArray) else column
    return [None if isinstance(value, float) and math.isnan(value) else value for value in values]


def written(value: Any) -> str:
    """Returns a cell as text without surrounding blanks: 3.0 as "3", None as "", True as "true"."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def check_size(size: int, what: str, advice: str, most: int = MOST_BYTES) -> None:
    """Raises InputError where `what` has more bytes than are read at once."""
    if size > most:
        raise InputError(f"{what}: {size / 2**30:.1f} GiB; at most {most / 2**30:g} GiB are read. {advice}.")


def check_rows(count: int, where: str) -> None:
    """Raises InputError for a file without rows, or with too many of them."""
    if count == 0:
        raise InputError(f"{where} holds no rows; give one or more.")
    if count > MOST_ROWS:
        raise InputError(f"{where} has {count:,} rows; at most {MOST_ROWS:,} are read. Give a part of them.")
