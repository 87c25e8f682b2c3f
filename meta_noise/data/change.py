"""What is written into a user's data: other cells in some rows, and further columns."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from meta_noise.data.own.table import Column, cells, written

GROUP = 65_536  # rows whose cells are Python values at a time


class Rewrite(NamedTuple):
    """What is written into N rows.

    Attributes:
        changed: column -> row -> the cell that takes the place of the one there, in the type of the column.
        columns: further columns, name -> N cells, lists or of Arrow; a name that the data have already is told apart by
            `meta_noise.data.rewritten.fresh_names`.
    """

    changed: Mapping[str, Mapping[int, Any]]
    columns: Mapping[str, Column]

    def added(self) -> Iterator[tuple[Any, ...]]:
        """Yields the cells of the further columns, row by row; () without end where there are none."""
        return zip(*map(cells_of, self.columns.values()), strict=True) if self.columns else itertools.repeat(())

    def named(self, added: Sequence[Any]) -> dict[str, Any]:
        """Returns further column -> cell as JSON holds it, of one row of `added`."""
        return {name: plain(value) for name, value in zip(self.columns, added, strict=True)}

    def of_row(self, row: int) -> dict[str, Any]:
        """Returns column -> new cell of a row."""
        return {name: cells[row] for name, cells in self.changed.items() if row in cells}


def cells_of(column: Column) -> Iterator[Any]:
    """Yields the cells of a column as `cells` returns them, so many at a time that memory is bounded."""
    for start in range(0, len(column), GROUP):
        part = column[start : start + GROUP] if isinstance(column, list) else column.slice(start, GROUP)
        yield from cells(part)


def replaced(column: Column, new: Mapping[int, Any]) -> Column:
    """Returns a column with other cells in some rows, in its type; as text where one of them is of another one."""
    if isinstance(column, list):
        return [new.get(row, cell) for row, cell in enumerate(column)]
    try:
        return _put(column, new, column.type, lambda cell: cell)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return _put(column, new, pa.string(), lambda cell: None if cell is None else written(cell))


def _put(column: pa.ChunkedArray, new: Mapping[int, Any], kind: pa.DataType, form: Callable[[Any], Any]) -> Column:
    parts = []
    for start in range(0, len(column), GROUP):
        part = enumerate(cells(column.slice(start, GROUP)), start)
        parts.append(pa.array([form(new.get(row, cell)) for row, cell in part], kind))
    return pa.chunked_array(parts, kind)


def plain(value: Any) -> Any:
    """Returns a cell as JSON holds it, a number with six digits."""
    value = value.item() if isinstance(value, np.generic) else value
    return round(value, 6) if isinstance(value, float) else value


def cell_text(value: Any) -> str:
    """Returns a cell as a CSV file holds it: six digits of a number, nothing for None, a text as it is."""
    value = plain(value)
    return value if isinstance(value, str) else repr(value) if isinstance(value, float) else written(value)
