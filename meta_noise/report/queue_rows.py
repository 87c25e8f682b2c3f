"""Which rows a person should look at: some by chance, to measure by, then those whose answers help most.

The first `FIRST` answers of all rounds are about rows drawn at random from all rows that nobody has looked at
(`random`): they estimate the share of wrong labels without a bias, which answers about suspicious rows cannot, and they
are what candidates are judged by. From then on one row in five is drawn at random, so that each round can be compared
with the one before on fresh answers. They come in random order, so the first ones alone are such a sample, too.

The others come in the order that the run has worked out (`meta_noise.cleaning.tournament.coverage`), called
`suspicious` where another label is suggested than given and `uncertain` where it is the given one. A run that has no
such order asks for rows of the least certain suggestions, spread over the classes that are suggested: where `k` rows
are taken of `C` classes, the row of worth `w_i = 1 - suggested_probability` that is the `r_i`-th best of its class
(from 0) has the value

    v_i = w_i / sqrt(1 + r_i C / k)

and the `k` rows of the highest value are taken: a class that holds many such rows gets more than its share, and none
gets all. Both kinds are shuffled into each other in proportion, the p-th of m rows (from 0) at `(p + 1/2) / m` of the
way: who stops early has seen some of each, the best first.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from meta_noise.report.labels import columns

FIRST, RANDOM = 20, 0.2  # answers that are all by chance; share of later ones
WHY = ("suspicious", "uncertain", "random")


class Asked(NamedTuple):
    """Rows to ask about, in their order.

    Attributes:
        rows: [k] row numbers of the label table.
        why: k of `WHY`.
    """

    rows: np.ndarray
    why: list[str]


def rows_to_ask(labels: pa.Table, n: int, seed: int = 0, order: Sequence[str] = (), drawn: int = 0) -> Asked:
    """Returns `n` different rows of a label table (or all, if it has fewer) by the rule of this module.

    Args:
        labels: of a run, which holds the rows that nobody has looked at.
        n: 1 or more.
        seed: decides the random rows.
        order: ids of rows in the order in which to ask; those that the table lacks are passed over.
        drawn: answers so far about rows drawn at random.
    """
    total = labels.num_rows
    first, later = shares_of(min(n, total), drawn)
    by_chance = np.random.default_rng(seed).permutation(total)[: first + later]
    chosen = _chosen(labels, order, by_chance, min(n, total) - len(by_chance))
    rest = np.concatenate([chosen, by_chance[first:]])[interleaved([len(chosen), later])]
    rows = np.concatenate([by_chance[:first], rest]).astype(int)
    found, chance = columns(labels), set(by_chance.tolist())
    why = ["random" if row in chance else _why(found.suggested[row], found.given[row]) for row in rows.tolist()]
    return Asked(rows, why)


def _why(suggested: int, given: int) -> str:
    return "uncertain" if suggested == given else "suspicious"


def shares_of(n: int, drawn: int = 0) -> tuple[int, int]:
    """Returns how many of `n` rows are drawn by chance: at first, and among the others (halves to the even number)."""
    first = min(max(FIRST - drawn, 0), n)
    return first, round(RANDOM * (n - first))


def _chosen(labels: pa.Table, order: Sequence[str], taken: np.ndarray, count: int) -> np.ndarray:
    """Returns [count] row numbers in the order given, those of the least certain suggestions where it ends."""
    ids = labels["id"].cast(pa.string())
    there = np.flatnonzero(pc.is_in(ids, value_set=pa.array(list(order), pa.string())).to_numpy())
    place = dict(zip(ids.take(pa.array(there)).to_pylist(), there.tolist(), strict=True))
    free = np.ones(labels.num_rows, bool)
    free[taken] = False
    listed = [row for row in (place.get(identity, -1) for identity in order) if row >= 0 and free[row]][:count]
    free[listed] = False
    doubt = 1 - np.asarray(labels["suggested_probability"].fill_null(0.0), np.float64)  # [N]
    further = best_spread(doubt, columns(labels).suggested, free, count - len(listed))
    return np.concatenate([np.array(listed, int), further])


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
