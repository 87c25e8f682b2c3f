"""Which rows to ask people about: those whose answers are expected to set most other rows right.

An answer sets its own row right where the suggestion was wrong, and tells of rows like it. With `u_j = 1 - max_y
p(y | x_j, given_j)`, how likely the suggestion of row j is wrong, and `s_ij` in 0..1, how alike rows are, the rows S
that are asked about cover `sum_j u_j max_{i in S} s_ij` expected errors. Each next row is the one that adds most to it:
facility location, whose greedy solution is at most 1/e away from the best one (G. L. Nemhauser, L. A. Wolsey, M. L.
Fisher, "An analysis of approximations for maximizing submodular set functions", Mathematical Programming 14, 1978).
"""

import numpy as np

from meta_noise.cleaning.views.numbers import squared_distances

MOST, AMONG = 2_000, 5_000  # rows that may be asked about, and rows that errors are covered on
NEAR = 10  # the distance to so many nearest rows is called near


def asked_order(doubt: np.ndarray, near: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    """Returns [k] row numbers in the order in which to ask about them, k = `count` at most.

    Args:
        doubt: [N] how likely the suggestion of a row is wrong, 0 for rows that are not to be asked about.
        near: [N, D] vectors whose distances mean something.
        count: rows that are wanted.
        seed: of the rows on which errors are covered, where there are many.
    """
    open_rows = np.flatnonzero(doubt > 0)
    choices = open_rows[np.argsort(-doubt[open_rows], kind="stable")[:MOST]]
    if not len(choices):
        return choices
    among = np.random.default_rng(seed).permutation(open_rows)[:AMONG]
    alike = _alike(near[choices], near[among])  # [choices, among]
    alike[choices[:, None] == among] = 1.0
    weight, own = doubt[among].astype(np.float32), 1e-6 * doubt[choices].astype(np.float32)
    covered, found = np.zeros(len(among), np.float32), list[int]()
    gain = np.full(len(choices), np.inf, np.float32)  # at least what a row adds, as it adds ever less
    for _ in range(min(count, len(choices))):
        renewed = gain < 0
        while not renewed[best := int(np.argmax(gain))]:
            gain[best] = np.maximum(alike[best] - covered, 0) @ weight + own[best]
            renewed[best] = True
        gain[best] = -1
        found.append(choices[best])
        covered = np.maximum(covered, alike[best])
    return np.array(found)


def candidates_of(doubt: np.ndarray, seed: int = 0) -> np.ndarray:
    """Returns row numbers, increasing, that `asked_order` looks at of many rows: those in most doubt, and a sample."""
    open_rows = np.flatnonzero(doubt > 0)
    most = np.argpartition(-doubt[open_rows], MOST)[:MOST] if len(open_rows) > MOST else np.arange(len(open_rows))
    sample = np.random.default_rng([seed, 13]).choice(open_rows, min(AMONG, len(open_rows)), replace=False)
    return np.union1d(open_rows[most], sample)


def _alike(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns [n, m] in 0..1: a Gaussian of the distance, as wide as the nearest rows are far."""
    squares = squared_distances(first.astype(np.float32), second.astype(np.float32))
    nearest = np.partition(squares, min(NEAR, squares.shape[1] - 1), axis=1)[:, min(NEAR, squares.shape[1] - 1)]
    return np.exp(-squares / max(float(np.median(nearest)), 1e-12)).astype(np.float32)
