"""Inputs as a user has them, arrays, texts, images or frames, read for an estimator; and new ones the same way.

Every row counts here, as an answer is wanted for each: a row that cannot be used is an error, never left out.
"""

import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from meta_noise.data.new_rows import read_new
from meta_noise.data.own.columns import NOT_USED, Roles, input_columns, without_inputs
from meta_noise.data.own.encoding import encode
from meta_noise.data.own.fitting import fitted
from meta_noise.data.own.frames import column_name, is_sparse
from meta_noise.data.own.in_memory import memory_table
from meta_noise.data.own.names import Asked, flag_of, known_column, listed
from meta_noise.data.own.parsing import Inputs, read_inputs
from meta_noise.data.own.pictures import decoded
from meta_noise.data.own.table import Table, cells, place, written
from meta_noise.data.reader import NAMED, Reader
from meta_noise.errors import InputError


class Read(NamedTuple):
    """N rows of inputs.

    Attributes:
        kind: "numbers" (a matrix), "texts", "images", "table" (cells of columns) or "features" (a column of vectors).
        inputs: [N, ...] array; [N, 0] for texts.
        texts: N texts, None for all other kinds.
        reader: how new rows are read, None for numbers.
    """

    kind: str
    inputs: Any
    texts: list[str] | None = None
    reader: Reader | None = None


class Taken(NamedTuple):
    """Columns of a frame that are no inputs: `labels` and `trusted` [N], None where no column was named."""

    labels: np.ndarray | None
    trusted: np.ndarray | None


def is_matrix(data: Any) -> bool:
    """Says whether something is a matrix of numbers as scikit-learn takes it, or nothing that is read otherwise.

    Frames, data sets, series, columns of texts, stacks of images and matrices with words in them are read otherwise.
    """
    if is_sparse(data):
        return True
    if hasattr(data, "columns") or hasattr(data, "column_names") or isinstance(data, Mapping):
        return False
    if isinstance(data, list | tuple) and data and isinstance(data[0], Mapping):
        return False
    try:
        array = np.asarray(data)
    except ValueError:
        return True  # scikit-learn says what is wrong
    if array.ndim > 2:
        return False
    if array.dtype.kind in "US":
        return False
    return not (array.dtype == object and any(isinstance(cell, str) for cell in array.flat))


def check_gaps(matrix: Any) -> None:
    """Raises InputError where a dense matrix of numbers has a gap (NaN)."""
    array = np.asarray(matrix) if not is_sparse(matrix) else np.zeros((0, 0))
    if array.ndim == 2 and array.dtype.kind == "f" and (gaps := np.isnan(array)).any():
        row, column = np.argwhere(gaps)[0]
        more = f" ({gaps.sum():,} cells in all)" if gaps.sum() > 1 else ""
        raise InputError(
            f"X has NaN in row {row}, column {column}{more}. Fill them, or give a frame, where gaps are filled."
        )


def read_frame(data: Any, asked: Asked, label: Any = None, trusted: Any = None) -> tuple[Read, Taken]:
    """Returns the rows of what is no matrix, and the columns that were named beside them.

    Args:
        data: frame, data set, dictionary of columns, texts or images, see `meta_noise.data.own.in_memory`.
        asked: which columns are inputs.
        label: name of the column of labels, None where they come apart.
        trusted: name of the column that is true where a label is known to be right, None where there is none.

    Raises:
        InputError: a row or a column cannot be used; the message says which and why.
    """
    table = memory_table(data)
    names = [known_column(table, column_name(name)) for name in (label, trusted) if name is not None]
    taken = Taken(
        None if label is None else values_of(table, column_name(label)),
        None if trusted is None else _flags(table, column_name(trusted)),
    )
    rest = [name for name in table.columns if name not in names]
    kind, columns, notes = input_columns(table, asked, rest)
    if kind is None:
        raise without_inputs(table, "to learn from", notes)
    for note in notes:
        if NOT_USED in note:
            warnings.warn(note, UserWarning, stacklevel=4)  # at the call of fit
    inputs = read_inputs(table, Roles("", kind, columns, None, None, None))
    _check(table, inputs)
    return _as_read(table, kind, columns, inputs), taken


def read_more(data: Any, read: Read) -> Read:
    """Returns new rows, read as those of `read` were, which is given without its rows or with them.

    Raises:
        InputError: a row is not like those.
    """
    assert read.reader is not None
    if read.kind != "texts":
        new = read_new(data, read.reader)
        if new.bad:
            raise InputError(next(iter(new.bad.values())))
        return read._replace(inputs=new.inputs)
    table = memory_table(data)
    name = read.reader.named.get("text")
    if name not in table.columns:
        others = Asked(image="", features="")
        name = next(iter(input_columns(table, others, list(table.columns))[1]), None)
    if name is None:
        raise InputError(f"{table.where} has no column of texts, and texts were learned. Its columns: {listed(table)}.")
    texts = read_inputs(table, Roles("", "texts", (name,), None, None, None))
    _check(table, texts)
    return read._replace(inputs=_no_inputs(table.size), texts=texts.values)


def without_rows(read: Read) -> Read:
    """Returns what is needed to read more."""
    return read._replace(inputs=None, texts=None)


def values_of(table: Table, name: str) -> np.ndarray:
    """Returns the cells of a column [N], None where there is none."""
    found = cells(table.columns[name])
    array = np.asarray(found)
    return array if array.ndim == 1 and array.dtype.kind in "biufU" else np.array([*found, None], object)[:-1]


def _flags(table: Table, name: str) -> np.ndarray:
    flags = [flag_of(written(cell)) for cell in cells(table.columns[name])]
    if None in flags:
        row = flags.index(None)
        raise InputError(f"{place(table, row)}: column {name!r} says neither true nor false; write one of them.")
    return np.array(flags, bool)


def _check(table: Table, inputs: Inputs) -> None:
    bad = {**inputs.bad, **table.bad}
    if bad:
        row = min(bad)
        more = f" {len(bad) - 1:,} more cannot." if len(bad) > 1 else ""
        raise InputError(f"{place(table, row)} cannot be used: {bad[row]}.{more} Leave such rows out, or repair them.")


def _as_read(table: Table, kind: str, columns: tuple[str, ...], inputs: Inputs) -> Read:
    word = {"images": "image", "texts": "text", "features": "features"}.get(kind, "")
    named = {word: columns[0]} if word in NAMED and columns else {}
    if kind == "texts":
        reader = Reader("texts", (1,), "int32", named=named)
        return Read(kind, _no_inputs(table.size), list(inputs.values), reader)
    if kind == "table":
        encoders, _ = fitted(inputs.values, inputs.fields)
        values = encode(inputs.values, encoders)
        return Read(kind, values, None, Reader(kind, values.shape[1:], "float32", columns, named, (), encoders))
    values = inputs.values
    if kind == "images" and isinstance(values, list):
        images, bad, _ = decoded(values, None)
        _check(table, Inputs(None, bad))
        values = images[np.arange(len(images))]
    return Read(kind, values, None, Reader(kind, values.shape[1:], str(values.dtype), (), named))


def _no_inputs(rows: int) -> np.ndarray:
    return np.zeros((rows, 0), np.float32)
