"""Which rows are clean, which select the model, which train: drawn once, disjoint, kept in a file.

The original loaders of the field draw the clean and the noisy set as two objects, each with its own shuffle, so that
the two overlap unless both random states agree. Here one draw decides about every row.
"""

import hashlib
import os
from typing import NamedTuple

import numpy as np

from meta_noise.data.corruption import check_labels
from meta_noise.data.ids import check_unique, rows_of
from meta_noise.data.npz import read_npz, write_npz
from meta_noise.errors import InputError


class Splits(NamedTuple):
    """Row numbers, each sorted int64; no row is in two of them, every row is in one.

    Attributes:
        train: rows with observed labels to train on.
        clean: the small trusted set, the same number of rows of every class.
        selection: trusted rows that only choose the checkpoint.
    """

    train: np.ndarray
    clean: np.ndarray
    selection: np.ndarray


def draw_splits(rng: np.random.Generator, labels: np.ndarray, num_classes: int, clean: int, selection: int) -> Splits:
    """Returns a random division of N rows.

    Args:
        rng: decides; the same generator state gives the same division.
        labels: [N] classes used for balancing, the true ones where they are known.
        num_classes: C.
        clean: size of the clean set, 0 or at least C. Classes get equal shares; what is left over goes to random
            classes, and what a small class cannot give is taken from the others.
        selection: size of the selection set, drawn from the remaining rows regardless of class.
    """
    labels = check_labels(labels, num_classes)
    for what, size in (("clean", clean), ("selection", selection)):
        if size < 0:
            raise InputError(f"The {what} set has size {size}; give 0 or more.")
    if clean + selection >= len(labels):
        raise InputError(
            f"{clean} clean and {selection} selection rows of {len(labels)} leave no row to train on; ask for fewer."
        )
    if 0 < clean < num_classes:
        raise InputError(f"{clean} clean rows cannot cover {num_classes} classes; ask for {num_classes} or more, or 0.")
    counts = np.bincount(labels, minlength=num_classes)  # [C]
    if clean and not counts.all():
        raise InputError(f"Class {int(np.argmin(counts))} has no row, so no clean set can cover all classes.")
    chosen = []
    for klass, size in enumerate(_shares(rng, counts, clean)):
        chosen.append(rng.choice(np.flatnonzero(labels == klass), size, replace=False))
    clean_rows = np.sort(np.concatenate(chosen)).astype(np.int64)
    rest = np.setdiff1d(np.arange(len(labels)), clean_rows)
    selection_rows = np.sort(rng.choice(rest, selection, replace=False)).astype(np.int64)
    return Splits(np.setdiff1d(rest, selection_rows).astype(np.int64), clean_rows, selection_rows)


def trusted_splits(
    rng: np.random.Generator, trusted: np.ndarray, labels: np.ndarray, num_classes: int, selection: int
) -> Splits:
    """Returns the division of N rows in which the clean set is given.

    Args:
        rng: decides which of the other rows select.
        trusted: [N] bool, True for the rows whose label is known to be right; all of them become clean.
        labels: [N] classes.
        num_classes: C.
        selection: size of the selection set, drawn from the rows that are not trusted.
    """
    labels, trusted = check_labels(labels, num_classes), np.asarray(trusted, bool)
    if trusted.shape != labels.shape:
        raise InputError(f"trusted has shape {trusted.shape}, labels {labels.shape}; give one entry for each row.")
    rest = np.flatnonzero(~trusted)
    if not 0 <= selection < len(rest):
        raise InputError(
            f"{selection} selection rows cannot come from the {len(rest)} rows that are not trusted and leave one to "
            "train on; ask for fewer, 0 or more."
        )
    selected = np.sort(rng.choice(rest, selection, replace=False))
    return Splits(np.setdiff1d(rest, selected), np.flatnonzero(trusted), selected)


def _shares(rng: np.random.Generator, counts: np.ndarray, total: int) -> np.ndarray:
    """Returns how many rows each class gives, as equal as `counts` [C] allows, `total` in all."""
    shares = np.zeros_like(counts)
    while (left := total - int(shares.sum())) > 0:
        able = np.flatnonzero(shares < counts)
        if left < len(able):
            shares[rng.choice(able, left, replace=False)] += 1
        else:
            shares[able] = np.minimum(counts[able], shares[able] + left // len(able))
    return shares


def _sha256(ids: np.ndarray, splits: Splits) -> str:
    """Returns the SHA-256 of all ids and row numbers, in hexadecimal."""
    digest = hashlib.sha256()
    for part in ("\n".join(ids.tolist()).encode(), *(rows.astype("<i8").tobytes() for rows in splits)):
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def save_splits(path: str | os.PathLike[str], splits: Splits, ids: np.ndarray) -> str:
    """Writes the division with the ids [N] of all rows, whole or not at all, and returns its SHA-256."""
    ids = np.asarray(ids).astype(np.str_)
    check_unique(ids, "ids")
    _check_division(splits, len(ids), "splits")
    sha256 = _sha256(ids, splits)
    write_npz(path, ids=ids, sha256=np.asarray(sha256), **splits._asdict())
    return sha256


def load_splits(path: str | os.PathLike[str], ids: np.ndarray) -> Splits:
    """Returns the stored division as row numbers of a data set with these ids [N], whatever their order.

    The file and the data set must know the same rows; otherwise, or where the file was changed, InputError says so.
    """
    stored = read_npz(path, ("ids", "sha256", *Splits._fields), "file of splits")
    splits = Splits(*(stored[field] for field in Splits._fields))
    if _sha256(stored["ids"], splits) != str(stored["sha256"]):
        raise InputError(f"{path} does not have its stored sha256; it was changed or damaged. Draw the splits again.")
    _check_division(splits, len(stored["ids"]), path)
    ids = np.asarray(ids).astype(np.str_)
    rows_of(ids, stored["ids"], path)  # the file must know every row of the data set
    rows = rows_of(stored["ids"], ids, "The data set")
    return Splits(*(np.sort(rows[part]) for part in splits))


def _check_division(splits: Splits, count: int, where: str | os.PathLike[str]) -> None:
    """Raises InputError unless every one of `count` rows is in exactly one part."""
    together = np.sort(np.concatenate(splits))
    if not np.array_equal(together, np.arange(count)):
        raise InputError(
            f"{where}: train, clean and selection hold {len(together)} row numbers that are not a division of "
            f"0..{count - 1}; every row must be in exactly one of them."
        )
