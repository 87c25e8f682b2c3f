"""Noise from a file: the labels that an earlier run, another program or people gave, matched by id.

Two forms carry ids and are read: the `noise.npz` that `save_noise` writes, and a CSV file with the columns `id` and
`label` in its first line. There is no equation: the matrix is the one stored, or for a CSV file the counted one,

    R[c, k] = #(true = c, observed = k) / #(true = c),    the identity row where class c does not occur
"""

import csv
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from meta_noise.data.corruption import Noisy, check_labels, check_rate, load_noise
from meta_noise.data.ids import rows_of
from meta_noise.errors import DataNotFoundError, InputError


def from_file(
    rng: np.random.Generator,
    labels: np.ndarray,
    num_classes: int,
    rate: float = 0.0,
    *,
    file: str | os.PathLike[str] = "",
    ids: np.ndarray | None = None,
    class_names: Sequence[str] = (),
) -> Noisy:
    """Returns the labels that the file gives to these rows.

    Args:
        rng: not used.
        labels: [N] classes before this noise; a noise file made from other labels is refused.
        num_classes: C.
        rate: checked but without effect; the file decides.
        file: path of a noise file (.npz) or of a table (.csv) with the columns id and label.
        ids: [N] identifiers of the rows; each must be in the file, further rows in the file are left out.
        class_names: C names, so that a table may hold names instead of numbers.
    """
    del rng
    check_rate(rate)
    labels = check_labels(labels, num_classes)
    path = Path(file)
    if ids is None or len(ids) != len(labels):
        raise InputError(f"Noise from_file needs the id of each of the {len(labels)} rows; it matches by id.")
    if path.suffix not in (".npz", ".csv"):
        raise InputError(f"Noise from_file reads .npz (written by save_noise) or .csv (id,label); got file={file!r}.")
    if not path.is_file():
        raise DataNotFoundError(f"{path} does not exist; give file= the path of a noise file or an id,label table.")
    if path.suffix == ".npz":
        stored = load_noise(path, ids)
        if len(stored.transition) != num_classes:
            raise InputError(f"{path} has {len(stored.transition)} classes; the data set has {num_classes}.")
        truth = labels if stored.true_labels is None else stored.true_labels
        # A set with noise of its own brings the labels in the file, any other set the true ones.
        if not np.array_equal(truth, labels) and not np.array_equal(stored.labels, labels):
            row = int(np.argmax(truth != labels))
            raise InputError(
                f"{path} was made from other labels: id {str(ids[row])!r} was class {truth[row]} there "
                f"and is {labels[row]} here. Use it with the data set it was made from."
            )
        return Noisy(stored.labels, stored.transition)
    known, classes = _read_table(path, num_classes, class_names)
    noisy = classes[rows_of(ids, known, path)]
    return Noisy(noisy, _count_transition(labels, noisy, num_classes))


def _read_table(path: Path, num_classes: int, class_names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the ids [M] str and classes [M] int32 in a table; a label may be a class name or its number."""
    numbers = {str(number): number for number in range(num_classes)}
    numbers |= {str(name): number for number, name in enumerate(class_names)}  # a name that looks like a number wins
    ids, classes = [], []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: {error}. Save the table as UTF-8.") from error
    reader = csv.DictReader(lines)
    if not {"id", "label"} <= set(reader.fieldnames or ()):
        raise InputError(f"{path} has the columns {reader.fieldnames}; its first line must name id and label.")
    for entry in reader:
        label = (entry["label"] or "").strip()
        if label not in numbers:
            choices = f"0..{num_classes - 1}" + (f" or one of {', '.join(class_names)}" if class_names else "")
            raise InputError(f"{path}, line {reader.line_num}: unknown class {label!r}; give {choices}.")
        if not entry["id"]:
            raise InputError(f"{path}, line {reader.line_num}: the id is missing; give one for every label.")
        ids.append(entry["id"])
        classes.append(numbers[label])
    return np.array(ids, dtype=np.str_), np.array(classes, dtype=np.int32)


def _count_transition(labels: np.ndarray, noisy: np.ndarray, num_classes: int) -> np.ndarray:
    """Returns the observed fractions [C, C], `[true, observed]`."""
    counts = np.zeros((num_classes, num_classes))
    np.add.at(counts, (labels, noisy), 1)
    totals = counts.sum(axis=1, keepdims=True)
    return np.where(totals > 0, counts / np.maximum(totals, 1), np.eye(num_classes))
