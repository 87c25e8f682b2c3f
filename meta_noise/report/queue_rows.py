"""Which rows a person should look at: those where a look changes most, and a few by chance to measure by.

Of `n` rows about a fifth is drawn at random from all rows that nobody has looked at (`random`): their answers estimate
the share of wrong labels without a bias, which answers about suspicious rows cannot. They come in random order, so the
first ones alone are such a sample, too. The others are taken by what a look is worth:

* three in four of them where the label is probably wrong (`suspicious`): a row is worth `1 - label_quality`;
* one in four where the network does not know (`uncertain`): worth `1 - suggested_probability`, a label there teaches
  most, whether it is right or wrong.

Both are spread over the classes that the network suggests: the r-th best row of a class (from 0) counts
`worth / sqrt(1 + r C / k)` where k rows are taken of C classes, so a class that holds many such rows gets more than its
share, and none gets all. The three kinds are shuffled into each other in proportion: who stops early has seen some of
each, the best first.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from meta_noise.report.labels import columns

RANDOM, UNCERTAIN = 0.2, 0.25  # of all rows; of the others
WHY = ("suspicious", "uncertain", "random")


class Asked(NamedTuple):
    """Rows to ask about, in their order.

    Attributes:
        rows: [k] row numbers of the label table.
        why: k of `WHY`.
    """

    rows: np.ndarray
    why: list[str]


def rows_to_ask(labels: pa.Table, n: int, seed: int = 0) -> Asked:
    """Returns `n` different rows of a label table (or all, if it has fewer) by the rule of this module.

    Args:
        labels: of a run, which holds the rows that nobody has looked at.
        n: 1 or more.
        seed: decides the random rows.
    """
    found, total = columns(labels), labels.num_rows
    n = min(n, total)
    doubt = 1 - np.asarray(labels["suggested_probability"].fill_null(0.0), np.float64)  # [N]
    free = np.ones(total, bool)
    by_chance = np.random.default_rng(seed).permutation(total)[: round(RANDOM * n)]
    free[by_chance] = False
    unsure = round(UNCERTAIN * (n - len(by_chance)))
    suspicious = _best(1 - found.quality, found.suggested, free, n - len(by_chance) - unsure)
    free[suspicious] = False
    uncertain = _best(doubt, found.suggested, free, unsure)
    groups = (suspicious, uncertain, by_chance)
    # the p-th of k rows stands at (p + 1/2) / k of the way
    places = np.concatenate([(np.arange(len(group)) + 0.5) / max(len(group), 1) for group in groups])
    order = np.argsort(places, kind="stable")
    why = [word for word, group in zip(WHY, groups, strict=True) for _ in group]
    return Asked(np.concatenate(groups)[order], [why[position] for position in order])


def _best(worth: np.ndarray, classes: np.ndarray, free: np.ndarray, count: int) -> np.ndarray:
    """Returns `count` row numbers of the free rows, the best first, spread over classes ([N] int)."""
    rows = np.flatnonzero(free)
    rows = rows[np.argsort(-worth[rows], kind="stable")]
    spread = len(np.unique(classes[rows])) / max(count, 1)
    rank = np.zeros(len(rows))
    for klass in np.unique(classes[rows]):
        inside = classes[rows] == klass
        rank[inside] = np.arange(inside.sum())
    value = worth[rows] / np.sqrt(1 + rank * spread)
    return rows[np.argsort(-value, kind="stable")[:count]]
