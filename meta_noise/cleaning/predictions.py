"""Out-of-fold probabilities that a user brings (`--pred-probs`), checked and put in the order of the rows."""

from pathlib import Path
from typing import Any

import numpy as np

from meta_noise.data.formats.npz import read_npz
from meta_noise.data.own import Own
from meta_noise.data.own.frames import read_array
from meta_noise.data.source import rows_of
from meta_noise.errors import InputError

NAME = "pred-probs"
OFF = 1e-3  # of the sum of a row from one


def read_predictions(given: Any, own: Own) -> np.ndarray:
    """Returns p(given | x) [N, C] float32 for the rows of `own.source`.

    Args:
        given: an array [N, C]; or a .npy file of one; or an .npz file of `probs` [M, C], maybe `ids` [M], by which rows
            are found in any order, and maybe `class_names` [C], the order of the columns. Without `ids` the rows are in
            the order of the data, without `class_names` the columns in that of the classes.
        own: the data.

    Raises:
        InputError: it has another shape or order, or its rows are no probabilities.
    """
    p, ids, names, where = _read(given)
    rows, classes = len(own.source.labels), len(own.class_names)
    if p.ndim != 2 or not np.issubdtype(p.dtype, np.number) or np.iscomplexobj(p):
        raise InputError(f"{where} holds {p.dtype} of shape {p.shape}; give numbers of shape ({rows}, {classes}).")
    if p.shape[1] != classes:
        shown = ", ".join(own.class_names[:5]) + (", ..." if classes > 5 else "")
        raise InputError(f"{where} has {p.shape[1]} columns; the data have {classes} classes ({shown}). Give one each.")
    if ids is None and len(p) != rows:
        raise InputError(
            f"{where} has {len(p)} rows and the data have {rows}; give one row each in their order, or an .npz with "
            "probs and ids."
        )
    if not np.isfinite(p).all():
        raise InputError(f"{where} has values that are not finite, first in row {_first(~np.isfinite(p))}; give 0..1.")
    if (p < 0).any() or (p > 1 + OFF).any():
        raise InputError(
            f"{where} has values outside of 0..1, first in row {_first((p < 0) | (p > 1 + OFF))}; give probabilities, "
            "not scores (softmax makes the one from the other)."
        )
    if (far := np.abs(p.sum(axis=1) - 1) > OFF).any():
        row = int(np.argmax(far))
        raise InputError(f"{where}: row {row} sums to {p[row].sum():.4g}; the probabilities of a row sum to 1.")
    if names is not None:
        if lacking := sorted(set(own.class_names) - set(names.tolist())):
            raise InputError(
                f"class_names of {where} lacks the class {lacking[0]!r:.60}; name the classes of the data."
            )
        p = p[:, rows_of(np.array(own.class_names), names, f"class_names of {where}")]
    if ids is not None:
        if len(ids) != len(p):
            raise InputError(f"{where} has {len(ids)} ids for {len(p)} rows; give one each.")
        p = p[rows_of(own.source.ids, ids, where)]
    return p.astype(np.float32)


def _read(given: Any) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None, str]:
    """Returns probabilities, ids and class names where there are some, and the words for where they come from."""
    if not isinstance(given, str | Path):
        return np.asarray(given), None, None, "pred_probs"
    path = Path(given)
    if path.suffix == ".npz":
        arrays = read_npz(path, ("probs",), "file of probabilities", ("ids", "class_names"))
        ids, names = (arrays[name].astype(np.str_) if name in arrays else None for name in ("ids", "class_names"))
        return arrays["probs"], ids, names, str(path)
    if path.suffix != ".npy":
        raise InputError(
            f"{path} holds no probabilities that can be read; give a .npy file of an array [N, C], or .npz."
        )
    return read_array(path), None, None, str(path)


def _first(bad: np.ndarray) -> int:
    return int(np.argmax(bad.any(axis=1)))
