"""Which rows a person should look at: those where a look changes most, and a few by chance to measure by.

Of `n` rows about a fifth is drawn at random from all rows that nobody has looked at (`random`): their answers estimate
the share of wrong labels without a bias, which answers about suspicious rows cannot. They come in random order, so the
first ones alone are such a sample, too. The others are taken by what a look is worth:

* three in four of them where the label is probably wrong (`suspicious`): a row is worth `1 - label_quality`;
* one in four where the network does not know (`uncertain`): worth `1 - suggested_probability`, a label there teaches
  most, whether it is right or wrong.

Both are spread over the classes that the network suggests. Where `k` rows are taken of `C` classes, the row of worth
`w_i` that is the `r_i`-th best of its class (from 0) has the value

    v_i = w_i / sqrt(1 + r_i C / k)

and the `k` rows of the highest value are taken: a class that holds many such rows gets more than its share, and none
gets all. The three kinds are shuffled into each other in proportion, the p-th of m rows (from 0) at `(p + 1/2) / m` of
the way: who stops early has seen some of each, the best first.
"""

from collections.abc import Sequence
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


class Shares(NamedTuple):
    """How many of the rows are of each kind."""

    suspicious: int
    uncertain: int
    random: int


def rows_to_ask(labels: pa.Table, n: int, seed: int = 0) -> Asked:
    """Returns `n` different rows of a label table (or all, if it has fewer) by the rule of this module.

    Args:
        labels: of a run, which holds the rows that nobody has looked at.
        n: 1 or more.
        seed: decides the random rows.
    """
    found, total = columns(labels), labels.num_rows
    shares = shares_of(min(n, total))
    doubt = 1 - np.asarray(labels["suggested_probability"].fill_null(0.0), np.float64)  # [N]
    free = np.ones(total, bool)
    by_chance = np.random.default_rng(seed).permutation(total)[: shares.random]
    free[by_chance] = False
    suspicious = best_spread(1 - found.quality, found.suggested, free, shares.suspicious)
    free[suspicious] = False
    uncertain = best_spread(doubt, found.suggested, free, shares.uncertain)
    groups = (suspicious, uncertain, by_chance)
    order = interleaved([len(group) for group in groups])
    why = [word for word, group in zip(WHY, groups, strict=True) for _ in group]
    return Asked(np.concatenate(groups)[order], [why[position] for position in order])


def shares_of(n: int) -> Shares:
    """Returns how many of `n` rows are of each kind; halves are rounded to the even number."""
    by_chance = round(RANDOM * n)
    uncertain = round(UNCERTAIN * (n - by_chance))
    return Shares(n - by_chance - uncertain, uncertain, by_chance)


def best_spread(worth: np.ndarray, classes: np.ndarray, free: np.ndarray, count: int) -> np.ndarray:
    """Returns the `count` free rows of the highest value, the best first; of equal ones the better, then the earlier.

    Args:
        worth: [N] what a look at a row is worth.
        classes: [N] int class over which the rows are spread.
        free: [N] bool, rows that may be taken.
        count: how many to take, at most.
    """
    rows = np.flatnonzero(free)
    rows = rows[np.argsort(-worth[rows], kind="stable")]
    values = spread_values(worth[rows], classes[rows], count)
    return rows[np.argsort(-values, kind="stable")[:count]]


def spread_values(worth: np.ndarray, classes: np.ndarray, count: int) -> np.ndarray:
    """Returns `v_i = w_i / sqrt(1 + r_i C / k)` of rows in descending order of worth, [M].

    Args:
        worth: [M] `w`, descending.
        classes: [M] int; `r_i` counts the rows of the same class before row i, C is how many classes there are.
        count: `k`, rows to take.
    """
    found = np.unique(classes)
    rank = np.zeros(len(worth))
    for klass in found:
        inside = classes == klass
        rank[inside] = np.arange(inside.sum())
    return worth / np.sqrt(1 + rank * (len(found) / max(count, 1)))


def interleaved(sizes: Sequence[int]) -> np.ndarray:
    """Returns the order of groups of rows, one after the other, that mixes them in proportion.

    The p-th of m rows of a group (from 0) stands at `(p + 1/2) / m` of the way; equal places keep the order of groups.
    """
    return np.argsort(np.concatenate([(np.arange(size) + 0.5) / max(size, 1) for size in sizes]), kind="stable")
