"""Logistic regression that learns from trusted rows: alone, or on top of what is believed without them."""

import numpy as np

from meta_noise.cleaning.tournament.softmax import fit_softmax, folds_of, one_hot, scores_of, softmax

STRENGTHS = (10.0, 3.0, 1.0, 0.3, 0.1, 0.03)
INNER = 5
MANY, FEWER = 2_000, 3  # trusted rows beyond which so many folds of them are enough: time grows with rows and folds
BIAS = 4.0  # penalty of the bias where something is believed already


def trusted_only(z: np.ndarray, seen: np.ndarray, share: np.ndarray, seed: int) -> np.ndarray:
    """Returns p(y | x) [N, C] of a head fitted to trusted rows alone, the penalty chosen by folds among them.

    What it says of the trusted rows themselves comes from the other folds.

    Args:
        z: [N, d] rows, see `spanned`.
        seen: [N] true classes that may be used, -1 elsewhere.
        share: [C] shares of the classes, taken for what few rows can't tell.
        seed: of the folds.
    """
    rows = np.flatnonzero(seen >= 0)
    mixed = 0.5 * len(share) / (len(rows) + len(share))
    if len(rows) < 4 or len(np.unique(seen[rows])) < 2:
        return np.tile(share, (len(z), 1)).astype(np.float32)
    offset = np.zeros((len(rows), len(share)), np.float32)
    strength, left_out = _strength(z[rows], seen[rows], offset, STRENGTHS, seed)
    head = fit_softmax(z[rows], one_hot(seen[rows], len(share)), strength)
    found = softmax(scores_of(head, z))
    found[rows] = left_out
    return ((1 - mixed) * found + mixed * share).astype(np.float32)


def tuned(z: np.ndarray, seen: np.ndarray, believed: np.ndarray, seed: int) -> np.ndarray:
    """Returns [N, C]: what is believed [N, C], moved by a head fitted to trusted rows with it as an offset.

    The penalty goes up to infinity, where nothing moves; the strongest within a standard error of the best is taken.
    """
    rows = np.flatnonzero(seen >= 0)
    offset = np.log(np.maximum(believed, 1e-6))
    if len(rows) < 4:
        return believed
    grid = (1e6, 30.0, 10.0, 3.0, 1.0, 0.3)
    strength, _ = _strength(z[rows], seen[rows], offset[rows], grid, seed, careful=True)
    known = one_hot(seen[rows], believed.shape[1])
    head = fit_softmax(z[rows], known, strength, offset=offset[rows], bias_strength=BIAS)
    return softmax(scores_of(head, z) + offset).astype(np.float32)


def fold_count(rows: int, usual: int) -> int:
    """Returns how many folds trusted rows are put into: a usual number, fewer where they are many or next to none."""
    return min(FEWER if rows > MANY else usual, rows)


def _strength(
    z: np.ndarray, labels: np.ndarray, offset: np.ndarray, grid: tuple[float, ...], seed: int, careful: bool = False
) -> tuple[float, np.ndarray]:
    """Returns the penalty of the grid with the least loss on rows left out, the first of a tie (a standard error, where
    `careful`, else none), and what it says of them [n, C]."""
    fold_of = folds_of(labels, fold_count(len(labels), INNER), seed)
    classes = offset.shape[1]
    found = np.empty((len(grid), *offset.shape), np.float32)
    for fold in np.unique(fold_of):
        train, rest = fold_of != fold, fold_of == fold
        head = None
        for place, strength in enumerate(grid):
            known, bias = one_hot(labels[train], classes), BIAS if careful else 1e-2
            head = fit_softmax(z[train], known, strength, None, offset[train], head, bias_strength=bias)
            found[place, rest] = softmax(scores_of(head, z[rest]) + offset[rest])
    own = 0.99 * found[:, np.arange(len(labels)), labels] + 0.01 / classes
    losses = -np.log(own)
    best = int(np.argmin(losses.sum(axis=1)))
    if careful:
        gap = losses - losses[best]
        best = int(np.argmax(gap.mean(axis=1) <= gap.std(axis=1) / len(labels) ** 0.5))
    return grid[best], found[best]
