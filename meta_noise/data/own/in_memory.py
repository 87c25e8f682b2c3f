"""Data in memory as tables: lists of texts, arrays, series, sparse matrices, frames and Hugging Face data sets."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from meta_noise.data.own.arrow_files import class_names
from meta_noise.data.own.frames import column_name, dense, dictionary_table, frame_table, is_sparse
from meta_noise.data.own.names import split_of
from meta_noise.data.own.table import Table, as_column, check_rows
from meta_noise.errors import InputError


def memory_table(data: Any) -> Table:
    """Returns the table of data in memory.

    Args:
        data: a list, an array or a series of texts; an array or a sparse matrix of numbers [N, D]; an array of images
            [N, H, W] or [N, H, W, C]; a list of dictionaries, one for each row; a Hugging Face `Dataset` or
            `DatasetDict`; or a frame, see `frame_table`.

    Raises:
        InputError: it is nothing of these.
    """
    if isinstance(data, Mapping) and data and all(map(_is_data_set, data.values())):
        return _parts_table(data)
    if isinstance(data, Mapping) and data and all(map(_is_table, data.values())):
        name = next((name for name in data if split_of(str(name)) == "train"), next(iter(data)))
        raise InputError(
            f"The dictionary holds tables ({', '.join(map(str, data))}), not columns; give one of them, such as "
            f"data[{name!r}], or join them with a column split that says train or test."
        )
    if _is_data_set(data):
        return _arrow_table(_arrow(data), "the data set")
    if is_sparse(data):
        return _array_table(dense(data))
    if _is_series(data):
        return _array_table(np.asarray(data.to_pylist() if hasattr(data, "to_pylist") else data))
    if isinstance(data, list | tuple):
        return _list_table(data)
    if isinstance(data, np.ndarray) or (hasattr(data, "__array__") and not hasattr(data, "columns")):
        return _array_table(np.asarray(data))
    return frame_table(data)


def label_of(data: Any, label: Any) -> tuple[str | None, Any]:
    """Returns the name of the column of labels (or of their .npy file), None to guess, and labels given as values."""
    if label is None or isinstance(label, str | os.PathLike):
        return (None if label is None else os.fspath(label)), None
    is_name = isinstance(label, int | np.integer)
    if isinstance(label, tuple) and hasattr(data, "columns"):
        is_name = label in list(data.columns)
    return (column_name(label), None) if is_name else (None, label)


def with_labels(table: Table, labels: Any) -> Table:
    """Returns a table with a column `label` of these values, one for each row.

    Raises:
        InputError: there is such a column, or another number of rows.
    """
    if not hasattr(labels, "__len__") or getattr(labels, "ndim", 1) != 1:
        raise InputError(f"label is of type {type(labels).__name__}; give the name of a column, or one label a row.")
    if "label" in table.columns:
        raise InputError(
            f"Labels were given beside {table.where}, which has a column 'label', too; leave one of them out."
        )
    if len(labels) != table.size:
        raise InputError(
            f"{len(labels):,} labels were given for the {table.size:,} rows of {table.where}; give one a row."
        )
    column = as_column(labels if isinstance(labels, np.ndarray | pa.Array | pa.ChunkedArray) else list(labels))
    return table._replace(columns={**table.columns, "label": column})


def _is_data_set(data: Any) -> bool:
    """Returns whether something is a `Dataset` of Hugging Face, in memory, mapped or streamed."""
    return hasattr(data, "with_format") and hasattr(data, "column_names") and hasattr(data, "features")


def _is_table(data: Any) -> bool:
    return isinstance(data, Mapping) or hasattr(data, "columns") or hasattr(data, "column_names")


def _arrow(data: Any) -> pa.Table:
    """Returns the rows of a data set in their order, whatever was selected and shuffled."""
    if not hasattr(data, "__len__"):
        raise InputError(
            "A streamed data set cannot be read, as its rows come once; load it without streaming=True, or take some "
            "rows: Dataset.from_list(list(data.take(10_000)))."
        )
    check_rows(len(data), "The data set")
    return data.with_format("arrow")[:]


def _parts_table(parts: Mapping[Any, Any]) -> Table:
    """Returns the rows of all parts (of a `DatasetDict`) that are called as training and test parts are."""
    chosen = {str(name): part for name, part in parts.items() if split_of(str(name)) and len(part)}
    if "train" not in map(split_of, chosen):
        raise InputError(
            f"The data set has the parts {', '.join(map(str, parts))}, none of which is called train; give one of "
            f"them, such as data[{next(iter(parts))!r}]."
        )
    tables = []
    for name, part in chosen.items():
        table = _arrow(part)
        if "split" in table.column_names:
            table = table.drop_columns("split")
        tables.append(table.append_column("split", pa.array([name] * table.num_rows, pa.string())))
    try:
        whole = pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException as error:
        raise InputError(f"The parts of the data set do not fit together: {error!s:.200}. Give one of them.") from error
    table = _arrow_table(whole.replace_schema_metadata(tables[0].schema.metadata), "the data set")
    left = [str(name) for name in parts if str(name) not in chosen]
    notes = [f"Parts of the data set left out: {', '.join(left)}."] if left else []
    return table._replace(notes=(*table.notes, *notes))


def _arrow_table(table: pa.Table, where: str) -> Table:
    columns = {name: as_column(table.column(name)) for name in table.column_names}
    return Table(columns, table.num_rows, where, (Path.cwd(),), class_names=class_names(table.schema))


def _is_series(data: Any) -> bool:
    """Returns whether something is a column of pandas, Polars or pyarrow."""
    if isinstance(data, pa.Array | pa.ChunkedArray):
        return True
    return (
        not hasattr(data, "columns") and hasattr(data, "dtype") and (hasattr(data, "iloc") or hasattr(data, "to_arrow"))
    )


def _list_table(rows: Sequence[Any]) -> Table:
    if rows and all(isinstance(row, Mapping) for row in rows):
        names = dict.fromkeys(str(key) for row in rows for key in row)
        named = [{str(key): value for key, value in row.items()} for row in rows]
        return dictionary_table({name: [row.get(name) for row in named] for name in names}, "the list", (Path.cwd(),))
    if any(isinstance(row, str) for row in rows):
        return _array_table(np.array([None if row is None else row for row in rows], object))
    try:
        return _array_table(np.asarray(rows))
    except ValueError as error:
        raise InputError(f"The rows are not one array ({error}); give all of them the same shape.") from error


def _array_table(array: np.ndarray) -> Table:
    """Returns texts [N] as a column `text`; numbers [N, ...] as they are; cells of several types as columns "0", ..."""
    check_rows(len(array) if array.ndim else 0, "The array")
    if array.ndim == 1 and (array.dtype.kind in "UST" or any(isinstance(cell, str) for cell in array.tolist())):
        cells = [cell if isinstance(cell, str) else None for cell in array.astype(object).tolist()]
        return Table({"text": as_column(cells)}, len(array), "the list of texts", (Path.cwd(),), is_made=True)
    if array.ndim == 1:
        raise InputError(
            f"The array is {array.dtype} of shape {array.shape}; give texts [N], numbers [N, D] or images [N, H, W, C]."
        )
    if array.ndim == 2 and array.dtype.kind in "OUST":
        columns = {str(place): as_column(list(cells)) for place, cells in enumerate(array.T)}
        return Table(columns, len(array), "the array", (Path.cwd(),))
    return Table({}, len(array), "the array", (Path.cwd(),), inputs=array)
