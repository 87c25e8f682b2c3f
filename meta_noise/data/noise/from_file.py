"""Noise from a file: the labels that an earlier run, another program or people gave.

Two forms carry ids and are matched by them: the `noise.npz` that `save_noise` writes, and a CSV file with the columns
`id` and `label` in its first line. A third, in which label files are often published, is a bare NumPy array of
integers (.npy), one for each row in the order of the data set; nothing in it tells whether that is the right order.
There is no equation: the matrix is the one stored, or for the other forms the counted one,

    R[c, k] = #(true = c, observed = k) / #(true = c),    the identity row where class c does not occur
"""

import csv
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from meta_noise.data.corruption import Noisy, check_labels, check_rate, count_transition, load_noise
from meta_noise.data.source import rows_of
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
        file: path of a noise file (.npz), of a table (.csv) with the columns id and label, or of an array (.npy) of
            N classes in the order of the rows.
        ids: [N] identifiers of the rows; each must be in the file, further rows in the file are left out. Not needed
            for an array.
        class_names: C names, so that a table may hold names instead of numbers.

    >>> import tempfile
    >>> import numpy as np
    >>> from meta_noise.data.noise.from_file import from_file
    >>> folder = tempfile.mkdtemp()
    >>> np.save(f"{folder}/labels.npy", np.array([1, 1, 2, 0]))
    >>> noisy = from_file(np.random.default_rng(0), np.array([0, 1, 2, 0]), 3, file=f"{folder}/labels.npy")
    >>> noisy.labels.tolist()
    [1, 1, 2, 0]
    """
    del rng
    check_rate(rate)
    labels = check_labels(labels, num_classes)
    path = Path(file)
    if path.suffix not in (".npz", ".csv", ".npy"):
        raise InputError(
            "Noise from_file reads .npz (written by save_noise), .csv (id,label) or .npy (N classes); got "
            f"file={file!r}."
        )
    if path.suffix != ".npy" and (ids is None or len(ids) != len(labels)):
        raise InputError(f"Noise from_file needs the id of each of the {len(labels)} rows; it matches by id.")
    if not path.is_file():
        raise DataNotFoundError(
            f"{path} does not exist; give file= the path of a noise file, an id,label table or an array of classes."
        )
    if path.suffix == ".npy":
        noisy = _read_array(path, len(labels), num_classes)
        return Noisy(noisy, count_transition(labels, noisy, num_classes))
    assert ids is not None
    if path.suffix == ".npz":
        stored = load_noise(path, ids)
        if stored.foreign is not None:
            raise InputError(
                f"{path} is of noise that changes images (kind {stored.kind}), which labels from a file cannot do; use "
                "that kind with the same seed."
            )
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
    return Noisy(noisy, count_transition(labels, noisy, num_classes))


def _read_array(path: Path, count: int, num_classes: int) -> np.ndarray:
    """Returns the classes [N] int32 in an array file; nothing is unpickled."""
    try:
        with path.open("rb") as file:
            classes = np.lib.format.read_array(file, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise InputError(
            f"{path} is not an array that NumPy wrote ({error}); save the classes with numpy.save, as integers."
        ) from error
    classes = check_labels(classes, num_classes, f"{path}: labels")
    if len(classes) != count:
        raise InputError(
            f"{path} has {len(classes)} labels and the data set {count} rows; an array is matched by position, so both "
            "must be equal (no config.data.limit). Use a table with ids for a part of the rows."
        )
    return classes


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
