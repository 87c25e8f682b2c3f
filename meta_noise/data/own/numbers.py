"""Arrays out of a table: numbers of a column, vectors as float32, ready arrays of vectors or images checked."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from meta_noise.data.own.table import Column, Table, cells, check_size, is_text
from meta_noise.errors import InputError

NOTHING = ("na", "n/a", "#n/a", "<na>", "nan", "nat", "null", "none", "?", "-")  # words for it, of labels too
_MISSING = ("", *NOTHING)
_WORDS = {"true": 1.0, "false": 0.0}


def looks_numeric(column: Column, share: float = 0.9) -> bool:
    """Returns whether such a share of the cells that are not missing are numbers, and there is one at all."""
    if not isinstance(column, list) and not is_text(column):
        return _is_numeric(column.type) and column.null_count < len(column)
    values = [value for value in cells(column) if not is_gap(value)]
    return bool(values) and sum(not np.isnan(_parsed(value)) for value in values) >= share * len(values)


def counts_rows(column: Column) -> bool:
    """Returns whether the cells are ten or more whole numbers that go up by one from row to row; one step in twenty may
    be another, where a row was deleted or is there twice."""
    values, wrong = column_numbers(column)
    if len(values) < 10 or wrong or not np.all(values == np.floor(values)):
        return False
    return float(np.mean(np.diff(values) == 1)) >= 0.95


def is_number(text: str) -> bool:
    """Returns whether Python reads a text as a number, such as 1, -1.5e3 or nan."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def is_gap(value: object) -> bool:
    """Returns whether a cell of inputs is empty, or a word for a missing value."""
    return value is None or (isinstance(value, str) and value.strip().lower() in _MISSING)


def column_numbers(column: Column) -> tuple[np.ndarray, dict[int, object]]:
    """Returns [N] float64, NaN for what is missing or no number, and the cells that are no number."""
    if not isinstance(column, list):
        if _is_numeric(column.type):
            return _cast(column), {}
        if is_text(column):
            trimmed = pc.utf8_trim_whitespace(column)
            is_missing = pc.is_in(pc.utf8_lower(trimmed), pa.array(_MISSING, trimmed.type))
            try:
                return _cast(pc.if_else(is_missing, pa.scalar(None, trimmed.type), trimmed)), {}
            except pa.ArrowInvalid:
                pass
    found = cells(column)
    values = np.array([np.nan if is_gap(value) else _parsed(value) for value in found])
    return values, {row: found[row] for row in np.flatnonzero(np.isnan(values)).tolist() if not is_gap(found[row])}


def vectors(table: Table, name: str) -> tuple[np.ndarray, dict[int, str]]:
    """Returns a column of lists as [N, D] float32, and what is wrong with rows that are not like most."""
    column = table.columns[name]
    assert isinstance(column, pa.ChunkedArray)
    lengths = pc.fill_null(pc.list_value_length(column), -1).to_numpy()  # [N]
    width = int(Counter(lengths[lengths >= 0].tolist() or [0]).most_common(1)[0][0])
    check_size(table.size * width * 4, f"{table.size:,} vectors of {width} numbers", "Give fewer rows")
    fits = lengths == width
    matrix = np.zeros((table.size, width), np.float32)
    flat = pc.list_flatten(column.filter(pa.array(fits)))
    matrix[fits] = flat.cast(pa.float32(), safe=False).to_numpy().reshape(-1, width)
    bad = {
        row: f"column {name!r} holds {max(lengths[row], 0)} numbers, in most rows {width}"
        for row in np.flatnonzero(~fits).tolist()
    }
    return matrix, bad | not_finite(matrix, f"column {name!r}")


def not_finite(matrix: np.ndarray, what: str) -> dict[int, str]:
    """Returns row -> what is wrong, for rows [N, D] with a NaN or an infinite number."""
    broken = np.flatnonzero(~np.isfinite(matrix).all(axis=1)).tolist()
    return {row: f"{what} holds a NaN or an infinite number; repair it" for row in broken}


def _is_numeric(kind: pa.DataType) -> bool:
    return (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_boolean(kind)
    )


def _cast(column: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    return np.array(column.cast(pa.float64(), safe=False).to_numpy(), np.float64)


def _parsed(value: object) -> float:
    """Returns a cell as a number, NaN where it is none; true and false are 1 and 0."""
    try:
        if isinstance(value, str):
            text = value.strip().lower()
            return _WORDS[text] if text in _WORDS else float("x" if "_" in text else text)
        return float(value) if isinstance(value, int | float) else np.nan
    except (ValueError, OverflowError):
        return np.nan


def ready_vectors(array: np.ndarray, where: str) -> tuple[np.ndarray, dict[int, str]]:
    """Returns vectors [N, D] as float32, and what is wrong with rows that hold no finite numbers."""
    if array.ndim != 2 or array.dtype.kind not in "fiub" or not array.shape[1]:
        raise InputError(f"The features of {where} are {array.dtype} of shape {array.shape}; give numbers [N, D].")
    with np.errstate(over="ignore"):  # what does not fit becomes infinite and is found
        values = array.astype(np.float32, copy=False)
    return values, not_finite(values, "the vector")


def ready_images(array: np.ndarray, where: str) -> tuple[np.ndarray, dict[int, str], tuple[str, ...]]:
    """Returns images as uint8 [N, H, W, C], what is wrong with some of them, and what was done to all.

    Args:
        array: uint8 in 0..255 or floats in 0..1, [N, H, W] or [N, H, W, C] with C of 1 or 3; [N, C, H, W] is turned.
        where: for messages.
    """
    notes: tuple[str, ...] = ()
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim == 4 and array.shape[-1] not in (1, 3) and array.shape[1] in (1, 3):
        array = np.moveaxis(array, 1, -1)
        notes = (f"Images came as [N, {array.shape[-1]}, height, width]; the channels were put last.",)
    if array.ndim != 4 or array.shape[-1] not in (1, 3) or not (array.dtype == np.uint8 or array.dtype.kind == "f"):
        raise InputError(
            f"The images of {where} are {array.dtype} of shape {array.shape}; give uint8 in 0..255 or floats in 0..1, "
            "[N, height, width] or [N, height, width, channels] with 1 or 3 channels."
        )
    if array.dtype == np.uint8:
        return array, {}, notes
    flat = array.reshape(len(array), -1)
    is_outside = np.asarray(~((flat >= 0) & (flat <= 1)).all(axis=1))  # [N], NaN too
    if is_outside.all():
        raise InputError(f"The images of {where} are floats outside 0..1; divide them by 255, or give uint8.")
    bad = {row: "the image leaves 0..1; scale it, or repair it" for row in np.flatnonzero(is_outside).tolist()}
    values = np.rint(np.where(is_outside[:, None], 0, flat) * 255).astype(np.uint8).reshape(array.shape)
    return values, bad, (*notes, "Images in 0..1 were rounded to 256 levels.")
