"""A part of the rows, drawn at random."""

from collections import Counter

import numpy as np

from meta_noise.data.own.rows import Rows, taken
from meta_noise.errors import InputError


def drawn(rows: Rows, max_rows: int) -> Rows:
    """Returns at most `max_rows` rows to train on and as many held out, in their order; all for 0.

    All trusted rows stay, and two rows of every class at least. The same rows are drawn every time.
    """
    if max_rows < 0:
        raise InputError(f"max_rows is {max_rows}; give 0 for all rows, or how many to draw.")
    rng = np.random.default_rng(0)
    chosen = [np.flatnonzero(part) for part in (~rows.test, rows.test)]
    if not max_rows or all(len(part) <= max_rows for part in chosen):
        return rows
    train, test = (rng.permutation(part) for part in chosen)
    train = train[np.argsort(~rows.trusted[train], kind="stable")]  # trusted ones first
    seen: Counter[str] = Counter()
    is_needed = np.zeros(len(train), bool)
    for position, row in enumerate(train.tolist()):
        seen[rows.labels[row]] += 1
        is_needed[position] = rows.trusted[row] or seen[rows.labels[row]] <= 2
    if is_needed.sum() > max_rows:
        raise InputError(
            f"max_rows is {max_rows}, but the trusted rows and two of each class are {int(is_needed.sum())}; give more."
        )
    train = train[np.argsort(~is_needed, kind="stable")][:max_rows]
    return taken(rows, np.sort(np.concatenate([train, test[:max_rows]])))
