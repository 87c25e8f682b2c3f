"""Answers in the kind of the data that were asked about: a frame for a frame of the same library, its index kept.

No frame library is imported here: the class of the user's own object makes the answer.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from meta_noise.data.own.frames import column_name, is_sparse
from meta_noise.data.own.names import ID, first_of, split_of
from meta_noise.data.own.table import written


def same_kind(data: Any, columns: Mapping[str, np.ndarray]) -> Any:
    """Returns columns of N cells in the kind of `data`, which has N rows.

    A frame or a series of pandas gives a frame with its index, one of Polars a frame of Polars, a table or a column of
    pyarrow a table, a Hugging Face `Dataset` a `Dataset`; all else (arrays, sparse matrices, lists, dictionaries) a
    structured NumPy array, whose columns are its fields.
    """
    made = _as_frame(data, columns)
    return as_array(columns) if made is None else made


def column_like(data: Any, values: np.ndarray, name: str) -> Any:
    """Returns values [N] as a series for a frame or a series of pandas or Polars, as they are for all else."""
    kind = _kind(data)
    if kind == "pandas":
        return _library(data).Series(values, index=data.index, name=name)
    return _library(data).Series(name, _plain(values)) if kind == "polars" else values


def matrix_like(data: Any, values: np.ndarray, names: Sequence[str]) -> Any:
    """Returns values [N, C] as a frame with columns of these names for one of pandas, Polars or pyarrow."""
    if _kind(data) not in ("pandas", "polars", "arrow"):
        return values
    return _as_frame(data, {name: values[:, place] for place, name in enumerate(names)})


def _as_frame(data: Any, columns: Mapping[str, np.ndarray]) -> Any:
    kind, plain = _kind(data), {name: _plain(values) for name, values in columns.items()}
    if kind == "pandas":
        return _library(data).DataFrame(dict(columns), index=data.index)
    if kind == "polars":
        return _library(data).DataFrame(plain)
    if kind == "arrow":
        return pa.table(plain)
    return type(data).from_dict(plain) if kind == "data set" else None


def _kind(data: Any) -> str:
    """Returns "pandas", "polars", "arrow", "data set", or "" for what is none of these."""
    if hasattr(data, "iloc") and hasattr(data, "index") and hasattr(_library(data), "DataFrame"):
        return "pandas"
    if type(data).__module__.partition(".")[0] == "polars":
        return "polars"
    if isinstance(data, pa.Table | pa.RecordBatch | pa.Array | pa.ChunkedArray):
        return "arrow"
    if (
        isinstance(data, Mapping)
        and not is_sparse(data)
        and data
        and all(_kind(part) == "data set" for part in data.values())
    ):
        return "parts"
    return "data set" if hasattr(data, "with_format") and hasattr(type(data), "from_dict") else ""


def _library(data: Any) -> Any:
    return sys.modules[type(data).__module__.partition(".")[0]]


def table_like(data: Any, table: pa.Table, has_ids: bool) -> Any:
    """Returns a table of some rows of `data`, named by a column `id`, as a frame of pandas or Polars or as a data set.

    A frame of pandas gets the index of its rows, unless their ids come from a column (`has_ids`, or one with a usual
    name), which then stands in `id` alone. A `DatasetDict` gets one, a table of all rows being cut into its parts, and
    another one being under the name of its training part. For all else the table stays as it is.
    """
    kind = _kind(data)
    if kind == "parts":
        chosen = {name: part for name, part in data.items() if split_of(str(name)) and len(part)}
        sizes = [len(part) for part in chosen.values()]
        if sum(sizes) != table.num_rows:
            name = next(name for name in chosen if split_of(str(name)) == "train")
            return type(data)({name: type(chosen[name]).from_dict(table.to_pydict())})
        starts = np.cumsum([0, *sizes[:-1]]).tolist()
        parts = zip(chosen.items(), starts, sizes, strict=True)
        return type(data)(
            {name: type(part).from_dict(table.slice(first, size).to_pydict()) for (name, part), first, size in parts}
        )
    if kind == "polars":
        return _library(data).from_arrow(table)
    if kind == "data set":
        return type(data).from_dict(table.to_pydict())
    if kind != "pandas":
        return table
    frame = table.to_pandas()
    names = [column_name(name) for name in getattr(data, "columns", ())]
    places = None if has_ids or first_of(names, ID) else _places(data.index, table["id"].to_pylist())
    return frame if places is None else frame.set_index(data.index.take(places))


def _places(index: Any, ids: Sequence[str]) -> list[int] | None:
    """Returns the places of rows in an index of pandas by ids made of it or of row numbers, None where they are not."""
    made = [re.fullmatch(r".*-(\d{5,})", name, re.DOTALL) for name in ids]
    numbers = [int(match[1]) for match in made if match]
    if index.tolist() == list(range(len(index))):  # it only counts, so it is no id
        return numbers if len(numbers) == len(ids) else None
    names = ["/".join(map(str, one)) if isinstance(one, tuple) else written(one) for one in index.tolist()]
    place = {name: number for number, name in enumerate(names)}
    if len(place) == len(names) and all(name in place for name in ids):
        return [place[name] for name in ids]
    return numbers if len(numbers) == len(ids) and max(numbers, default=0) < len(names) else None


def as_array(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Returns columns of N cells as a structured array [N]."""
    arrays = {name: np.asarray(values) for name, values in columns.items()}
    count = len(next(iter(arrays.values())))
    found = np.empty(count, [(name, values.dtype) for name, values in arrays.items()])
    for name, values in arrays.items():
        found[name] = values
    return found


def _plain(values: np.ndarray) -> Any:
    return values.tolist() if values.dtype.kind in "OU" else values
