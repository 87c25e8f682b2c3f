"""What the meta level has learned, as `learned.npz` keeps it: a transition matrix, another matrix, a weight curve."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from meta_noise.report.files import damaged, read_arrays

ROW_SUM_TOLERANCE = 1e-3  # float32 rows of a thousand classes


class Learned(NamedTuple):
    """The arrays of learned.npz, None for those it lacks.

    Attributes:
        transition: [C, C] float, `[true, observed]`; rows are probabilities and sum to one.
        matrix: [C, C] float, `[true, observed]`, no probabilities: MLC-T's matrix where it acts on scores.
        weight_curve: [2, n] float, losses in ascending order and the weights that the weight network gives them.
    """

    transition: np.ndarray | None = None
    matrix: np.ndarray | None = None
    weight_curve: np.ndarray | None = None


def read_learned(path: Path, classes: int) -> Learned:
    """Returns the content of learned.npz, nothing where there is no such file.

    Raises:
        InputError: an array does not have the form above; the message names it.
    """
    arrays = read_arrays(path)
    transition = _numbers(path, arrays, "transition", (classes, classes))
    if transition is not None:
        sums = transition.sum(axis=1)
        if transition.min() < 0 or np.abs(sums - 1).max() > ROW_SUM_TOLERANCE:
            raise damaged(path, f"rows of transition must be probabilities; they sum to {sums.min():g}..{sums.max():g}")
    matrix = _numbers(path, arrays, "matrix", (classes, classes))
    curve = _numbers(path, arrays, "weight_curve", (2, None))
    if curve is not None:
        curve = curve[:, np.argsort(curve[0], kind="stable")]
    return Learned(transition, matrix, curve)


def _numbers(
    path: Path, arrays: Mapping[str, np.ndarray], name: str, shape: tuple[int, int | None]
) -> np.ndarray | None:
    """Returns the array as float64, None where it is missing; finite and of that shape, where None fits any length."""
    if name not in arrays:
        return None
    array = arrays[name]
    fits = array.ndim == 2 and array.size > 0 and all(b in (a, None) for a, b in zip(array.shape, shape, strict=True))
    if not fits or array.dtype.kind not in "fiu":
        wanted = f"[{shape[0]}, {'n' if shape[1] is None else shape[1]}]"
        raise damaged(path, f"{name} must be {wanted} numbers, found {list(array.shape)} of {array.dtype}")
    if not np.isfinite(array).all():
        raise damaged(path, f"{name} holds NaN or infinity")
    return array.astype(np.float64)
