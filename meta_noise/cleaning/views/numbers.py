"""Numbers as vectors of like scale, straight and bent by radial functions."""

from collections.abc import Callable

import numpy as np
from sklearn.preprocessing import StandardScaler

LANDMARKS = 300


def standardised(values: np.ndarray) -> np.ndarray:
    """Returns [N, D] float32: columns of mean 0 and like variance, the mean squared length of a row being 1."""
    scaled = np.clip(StandardScaler().fit_transform(values.astype(np.float64)), -10, 10)
    return unit_rows(scaled)


def unit_rows(values: np.ndarray) -> np.ndarray:
    """Returns values [N, D] float32 divided by one number, so that the mean squared length of a row is 1."""
    length = float(np.sqrt(np.mean(np.einsum("nd,nd->n", values, values)))) if values.size else 1.0
    return (values / (length or 1.0)).astype(np.float32)


def radial(values: np.ndarray, seed: int = 0) -> np.ndarray:
    """Returns [N, L] float32: a Gaussian of the distance to each of at most 300 rows, made independent (Nystroem).

    The width is the median distance between rows. C. K. I. Williams and M. Seeger, "Using the Nystroem Method to Speed
    Up Kernel Machines", NIPS 2000.
    """
    rng = np.random.default_rng(seed)
    marks = values[rng.choice(len(values), min(LANDMARKS, len(values)), replace=False)]
    among = squared_distances(marks, marks)
    width = float(np.median(among[among > 1e-9])) if (among > 1e-9).any() else 1.0
    eigenvalues, vectors = np.linalg.eigh(np.exp(-among / width))
    kept = eigenvalues > 1e-4 * eigenvalues[-1]
    root = vectors[:, kept] / np.sqrt(eigenvalues[kept])
    found = np.exp(-squared_distances(values, marks) / width) @ root
    return unit_rows(found - found.mean(axis=0))


def squared_lengths(rows: np.ndarray) -> np.ndarray:
    """Returns the squared lengths [N] of rows [N, D]."""
    return np.einsum("nd,nd->n", rows, rows)


def squared_distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns [N, M] squared distances of rows [N, D] and [M, D]."""
    return distances_to(second)(first)


def distances_to(marks: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Returns `rows [n, D] -> [n, M]`, the squared distances to marks [M, D], by one product of matrices."""
    marks = marks.astype(np.result_type(marks, np.float32))
    right = np.vstack([-2 * marks.T, squared_lengths(marks), np.ones(len(marks), marks.dtype)])

    def of(rows: np.ndarray) -> np.ndarray:
        rows = rows.astype(marks.dtype, copy=False)
        found = np.column_stack([rows, np.ones(len(rows), marks.dtype), squared_lengths(rows)]) @ right
        return np.maximum(found, 0, out=found)

    return of
