"""Which rows are clean, which select the model, which train: drawn once, disjoint, kept in a file.

The original loaders of the field draw the clean and the noisy set as two objects, each with its own shuffle, so that
the two overlap unless both random states agree. Here one draw decides about every row.

Rows to train on may be thinned out into a long tail, each class more than the one before: Y. Cui, M. Jia, T.-Y. Lin, Y.
Song, S. Belongie, "Class-Balanced Loss Based on Effective Number of Samples", CVPR 2019,
https://arxiv.org/abs/1901.05555. With the factor F between the largest and the smallest class,

    n_c = floor(n_max F^{-c / (C - 1)}),   c = 0..C-1

Class 0 stays the largest. Only training rows are thinned out, never the test set.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from meta_noise.data.corruption import check_labels
from meta_noise.data.formats.npz import read_npz, write_npz
from meta_noise.data.source import check_unique, rows_of
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
    rest = _others(len(labels), clean_rows)
    selection_rows = np.sort(rng.choice(rest, selection, replace=False)).astype(np.int64)
    return Splits(_others(len(labels), clean_rows, selection_rows), clean_rows, selection_rows)


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
    clean = np.flatnonzero(trusted)
    return Splits(_others(len(labels), clean, selected), clean, selected)


def _others(count: int, *parts: np.ndarray) -> np.ndarray:
    """Returns the row numbers below `count` that are in no part, sorted int64."""
    left = np.ones(count, bool)
    for rows in parts:
        left[rows] = False
    return np.flatnonzero(left)


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


def long_tail_counts(max_count: int, num_classes: int, factor: float) -> np.ndarray:
    """Returns how many rows each class keeps, [C] int64, falling from `max_count` to `max_count / factor`.

    Args:
        max_count: n_max, rows of class 0: 5000 for the whole of CIFAR-10, 4990 after 10 clean rows per class left.
        num_classes: C, two or more.
        factor: F, 1 or more; 1 keeps all classes equal.

    Raises:
        InputError: a number is out of range, or a class would be left without a row.
    """
    counts = np.floor(max_count * _tail_shares(num_classes, factor) + 1e-9).astype(np.int64)  # not 499 for 499.999...
    if counts[-1] < 1:
        raise InputError(
            f"{max_count} rows thinned by a factor of {factor:g} leave class {num_classes - 1} without a row; give "
            "more rows or a smaller factor."
        )
    return counts


def long_tail_rows(
    rng: np.random.Generator, labels: np.ndarray, num_classes: int, factor: float, max_count: int | None = None
) -> np.ndarray:
    """Returns the numbers of the rows that stay, sorted int64.

    Args:
        rng: decides which rows of a class stay.
        labels: [N] true classes.
        num_classes: C, two or more.
        factor: F, 1 or more, between the largest and the smallest class.
        max_count: n_max, rows of class 0. None: the most that every class can give, N / C in a balanced set.

    Raises:
        InputError: a number is out of range, or a class has fewer rows than it should keep.
    """
    labels = check_labels(labels, num_classes)
    present = np.bincount(labels, minlength=num_classes)  # [C]
    if max_count is None:
        max_count = int(np.min(present / _tail_shares(num_classes, factor) + 1e-9))
    counts = long_tail_counts(max_count, num_classes, factor)
    if np.any(counts > present):
        klass = int(np.argmax(counts > present))
        raise InputError(
            f"Class {klass} has {present[klass]} rows and should keep {counts[klass]} (max_count={max_count}, "
            f"factor={factor:g}); give a smaller max_count, or None for the largest that fits."
        )
    return _of_each(rng, labels, counts)


def drawn_rows(rng: np.random.Generator, labels: np.ndarray, num_classes: int, counts: Sequence[int]) -> np.ndarray:
    """Returns the numbers of so many rows of each class, sorted int64.

    Args:
        rng: decides which rows of a class stay.
        labels: [N] true classes.
        num_classes: C.
        counts: [C] rows of each class that stay.

    Raises:
        InputError: there is not one number for each class, or a class has fewer rows.
    """
    labels = check_labels(labels, num_classes)
    if len(counts) != num_classes:
        raise InputError(f"There are {num_classes} classes and rows for {len(counts)} of them; give a number for each.")
    present = np.bincount(labels, minlength=num_classes)  # [C]
    for klass, (count, there) in enumerate(zip(counts, present, strict=True)):
        if count > there:
            raise InputError(f"Class {klass} has {there} rows to train on, and {count} of them are asked for.")
    return _of_each(rng, labels, counts)


def _of_each(rng: np.random.Generator, labels: np.ndarray, counts: Iterable[int]) -> np.ndarray:
    kept = [
        rng.choice(np.flatnonzero(labels == klass), count, replace=False).astype(np.int64)
        for klass, count in enumerate(counts)
    ]
    return np.sort(np.concatenate(kept))


def _tail_shares(num_classes: int, factor: float) -> np.ndarray:
    """Returns the share of its rows that each class keeps, [C], from 1 down to 1 / factor."""
    if num_classes < 2:
        raise InputError(f"A long tail needs two or more classes; there are {num_classes}.")
    if not (factor >= 1 and np.isfinite(factor)):
        raise InputError(f"The factor of a long tail is {factor}; it must be 1 or more, as 10, 100.")
    return float(factor) ** (-np.arange(num_classes) / (num_classes - 1))
