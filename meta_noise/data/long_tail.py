"""Long-tailed training sets: the classes of a balanced set thinned out, each more than the one before.

Y. Cui, M. Jia, T.-Y. Lin, Y. Song, S. Belongie, "Class-Balanced Loss Based on Effective Number of Samples", CVPR 2019,
https://arxiv.org/abs/1901.05555. With the factor F between the largest and the smallest class,

    n_c = floor(n_max F^{-c / (C - 1)}),   c = 0..C-1

Class 0 stays the largest. Only training rows are thinned out, never the test set.
"""

import numpy as np

from meta_noise.data.corruption import check_labels
from meta_noise.errors import InputError


def long_tail_counts(max_count: int, num_classes: int, factor: float) -> np.ndarray:
    """Returns how many rows each class keeps, [C] int64, falling from `max_count` to `max_count / factor`.

    Args:
        max_count: n_max, rows of class 0: 5000 for the whole of CIFAR-10, 4990 after 10 clean rows per class left.
        num_classes: C, two or more.
        factor: F, 1 or more; 1 keeps all classes equal.

    Raises:
        InputError: a number is out of range, or a class would be left without a row.
    """
    counts = np.floor(max_count * _shares(num_classes, factor) + 1e-9).astype(np.int64)  # not 499 for 499.999...
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
        max_count = int(np.min(present / _shares(num_classes, factor) + 1e-9))
    counts = long_tail_counts(max_count, num_classes, factor)
    if np.any(counts > present):
        klass = int(np.argmax(counts > present))
        raise InputError(
            f"Class {klass} has {present[klass]} rows and should keep {counts[klass]} (max_count={max_count}, "
            f"factor={factor:g}); give a smaller max_count, or None for the largest that fits."
        )
    kept = [
        rng.choice(np.flatnonzero(labels == klass), count, replace=False).astype(np.int64)
        for klass, count in enumerate(counts)
    ]
    return np.sort(np.concatenate(kept))


def _shares(num_classes: int, factor: float) -> np.ndarray:
    """Returns the share of its rows that each class keeps, [C], from 1 down to 1 / factor."""
    if num_classes < 2:
        raise InputError(f"A long tail needs two or more classes; there are {num_classes}.")
    if not (factor >= 1 and np.isfinite(factor)):
        raise InputError(f"The factor of a long tail is {factor}; it must be 1 or more, as 10, 100.")
    return float(factor) ** (-np.arange(num_classes) / (num_classes - 1))
