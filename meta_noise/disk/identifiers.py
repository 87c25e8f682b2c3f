"""Identifiers of very many rows as Arrow strings, and where they are among others."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CHUNK = 1_000_000  # identifiers that are Python strings at a time


def as_strings(ids: Sequence[Any] | np.ndarray | pa.ChunkedArray) -> pa.ChunkedArray:
    """Returns [N] identifiers of any type as strings, half characters as escapes."""
    if isinstance(ids, pa.ChunkedArray):
        return ids.cast(pa.string())
    return pa.chunked_array([_strings(ids[start : start + CHUNK]) for start in range(0, len(ids), CHUNK)], pa.string())


def _strings(ids: Sequence[Any] | np.ndarray) -> pa.Array:
    words = ids.tolist() if isinstance(ids, np.ndarray) and ids.dtype.kind == "U" else [str(one) for one in ids]
    try:
        return pa.array(words, pa.string())
    except UnicodeEncodeError:
        return pa.array([word.encode("utf-8", "backslashreplace") for word in words], pa.binary()).cast(pa.string())


def positions(ids: Sequence[Any] | np.ndarray | pa.ChunkedArray, among: Any) -> np.ndarray:
    """Returns where each of `ids` [N] is in `among` [M], the first of several, -1 where it is not; [N] int64."""
    found = pc.index_in(as_strings(ids), value_set=as_strings(among))
    return found.fill_null(-1).to_numpy().astype(np.int64)
