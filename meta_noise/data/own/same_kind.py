"""Answers in the kind of the data that were asked about: a frame for a frame of the same library, its index kept.

No frame library is imported here: the class of the user's own object makes the answer.
"""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa


def same_kind(data: Any, columns: Mapping[str, np.ndarray]) -> Any:
    """Returns columns of N cells in the kind of `data`, which has N rows.

    A frame or a series of pandas gives a frame with its index, one of Polars a frame of Polars, a table or a column of
    pyarrow a table, a Hugging Face `Dataset` a `Dataset`; all else (arrays, sparse matrices, lists, dictionaries) a
    structured NumPy array, whose columns are its fields.
    """
    library = type(data).__module__.partition(".")[0]
    if hasattr(data, "iloc") and hasattr(data, "index"):  # pandas, and what is like it
        return sys.modules[library].DataFrame(dict(columns), index=data.index)
    if library == "polars":
        return sys.modules[library].DataFrame({name: _plain(values) for name, values in columns.items()})
    if isinstance(data, pa.Table | pa.RecordBatch | pa.Array | pa.ChunkedArray):
        return pa.table({name: _plain(values) for name, values in columns.items()})
    if hasattr(data, "with_format") and hasattr(type(data), "from_dict"):
        return type(data).from_dict({name: _plain(values) for name, values in columns.items()})
    return as_array(columns)


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
