"""A data set from arrays in memory, checked at the door."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from meta_noise.data.source import Source, check_unique, row_ids
from meta_noise.errors import InputError


def arrays(
    inputs: Any,
    labels: Any,
    ids: Any = None,
    class_names: Sequence[str] | None = None,
    true_labels: Any = None,
    trusted: Any = None,
    name: str = "arrays",
) -> Source:
    """Returns the data set made of these arrays.

    Args:
        inputs: uint8 images [N, height, width, channels] or [N, height, width]; the same as floats in [0, 1]; or
            vectors [N, D] of any numbers. Floats are kept as float32.
        labels: [N] integers, the observed classes 0..C-1.
        ids: [N] unique identifiers, numbers or strings; `name` and the row number where not given.
        class_names: C names; "0".."C-1" up to the largest label where not given.
        true_labels: [N] integers, the true classes, where they are known.
        trusted: [N] bool, True for rows whose label is known to be right.
        name: for messages and results.

    >>> import numpy as np
    >>> from meta_noise.data.sources.arrays import arrays
    >>> found = arrays(np.eye(4, dtype=np.float32), np.array([0, 1, 0, 1]))
    >>> found.class_names
    ('0', '1')
    """
    values = _check_inputs(inputs)
    count = len(values)
    observed = _check_labels(labels, "labels", count)
    truth = None if true_labels is None else _check_labels(true_labels, "true_labels", count)
    if class_names is None:
        largest = int(max(observed.max(), 0 if truth is None else truth.max()))
        if largest > 10 * count + 100:  # a number that is no class would make as many classes
            raise InputError(
                f"The largest class is {largest}, but there are only {count} rows; number the classes 0..C-1, or give "
                "class_names."
            )
        class_names = [str(number) for number in range(largest + 1)]
    if isinstance(class_names, str) or not np.iterable(class_names):
        raise InputError(f"class_names must be a sequence of names, one per class, got {class_names!r}.")
    names = tuple(str(entry) for entry in class_names)
    _check_names(names)
    _check_range(observed, "labels", len(names))
    if truth is not None:
        _check_range(truth, "true_labels", len(names))
    if ids is None:
        identifiers = row_ids(name, count)
    else:
        if np.ndim(ids) != 1:
            raise InputError(f"ids must be a sequence of {count} identifiers, got shape {np.shape(ids)}.")
        texts = [str(identifier).encode("utf-8", "backslashreplace").decode() for identifier in ids]
        identifiers = np.array(texts, dtype=np.str_)
        _check_length(identifiers, "ids", count)
        check_unique(identifiers, "ids")
    known = None if trusted is None else _check_trusted(trusted, count)
    if known is not None and known.all():
        raise InputError("trusted is True for every row; some rows must be left to train on.")
    known = known if known is not None and known.any() else None
    return Source(values, observed, identifiers, names, truth, known, name)


def _check_length(array: np.ndarray, what: str, count: int) -> None:
    if len(array) != count:
        raise InputError(f"{what} has {len(array)} entries but inputs has {count} rows; give one for each row.")


def _check_inputs(inputs: Any) -> np.ndarray:
    """Returns images [N, H, W, C] (uint8 or float32 in [0, 1]) or float32 vectors [N, D]."""
    try:
        values = np.asarray(inputs)
    except ValueError as error:
        raise InputError(f"inputs is not one array ({error}); give all rows the same shape.") from error
    if values.ndim not in (2, 3, 4):
        raise InputError(
            f"inputs has shape {values.shape}; give images [N, height, width, channels], grey images "
            "[N, height, width] or vectors [N, D]."
        )
    if values.size == 0:
        raise InputError(f"inputs is empty (shape {values.shape}); give at least one row.")
    is_image = values.ndim > 2
    if values.dtype.kind not in "fiu" or (is_image and values.dtype.kind != "f" and values.dtype != np.uint8):
        right = "uint8 in 0..255 or floats in [0, 1] for images" if is_image else "numbers for vectors"
        raise InputError(f"inputs has dtype {values.dtype}; give {right}.")
    if is_image and values.dtype == np.uint8:
        return values if values.ndim == 4 else values[..., None]
    with np.errstate(over="ignore"):  # what does not fit becomes infinite and is reported below
        values = values.astype(np.float32)
    flat = values.reshape(len(values), -1)
    is_broken = np.asarray(~np.isfinite(flat).all(axis=1))
    _check_rows(is_broken, "inputs", "holds a NaN or an infinite number; remove or repair the row")
    if is_image:
        outside = np.asarray(((flat < 0) | (flat > 1)).any(axis=1))
        _check_rows(outside, "inputs", "leaves [0, 1]; scale float images to [0, 1] or give uint8 in 0..255")
    return values if values.ndim != 3 else values[..., None]


def _check_rows(is_wrong: np.ndarray, what: str, why: str) -> None:
    if is_wrong.any():
        raise InputError(f"{what}: row {int(np.argmax(is_wrong))} {why} ({int(is_wrong.sum())} such rows).")


def _check_labels(labels: Any, what: str, count: int) -> np.ndarray:
    """Returns [N] int32 labels that are not negative."""
    values = np.asarray(labels)
    if values.ndim != 1:
        advice = "take the argmax of one-hot rows" if values.ndim == 2 else "give one class number for each row"
        raise InputError(f"{what} has shape {values.shape}; it must be [N]: {advice}.")
    _check_length(values, what, count)
    if values.dtype.kind not in "iu":
        raise InputError(
            f"{what} has dtype {values.dtype} (first: {values[0]!r}); give integers 0..C-1. "
            "`class_names, labels = numpy.unique(labels, return_inverse=True)` turns any labels into them."
        )
    _check_range(values, what, np.iinfo(np.int32).max)
    return values.astype(np.int32)


def _check_trusted(trusted: Any, count: int) -> np.ndarray:
    """Returns [N] bool."""
    values = np.asarray(trusted)
    if values.ndim != 1 or values.dtype != bool:
        raise InputError(
            f"trusted is {values.dtype} of shape {values.shape}; it must be [N] bool. From row numbers: "
            "`trusted = numpy.zeros(N, bool); trusted[rows] = True`."
        )
    _check_length(values, "trusted", count)
    return values


def _check_range(values: np.ndarray, what: str, num_classes: int) -> None:
    is_wrong = (values < 0) | (values >= num_classes)
    if is_wrong.any():
        row = int(np.argmax(is_wrong))
        raise InputError(
            f"{what}[{row}] is {values[row]}; classes are 0..{num_classes - 1} ({int(is_wrong.sum())} such rows)."
        )


def _check_names(names: tuple[str, ...]) -> None:
    if len(names) < 2:
        raise InputError(f"There is only {len(names)} class ({', '.join(names)}); a classifier needs two or more.")
    double = sorted(entry for entry, times in Counter(names).items() if times > 1)
    if double:
        raise InputError(f"class_names holds {double[0]!r} more than once; every class needs its own name.")
