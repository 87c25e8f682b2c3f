"""The given labels of the nearest other rows."""

import numpy as np

from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.cleaning.views.numbers import distances_to

COUNTS, PRIORS = (5, 10, 20, 40), (1.0, 4.0)  # neighbours; votes by the shares of the classes among them
MOST, BLOCK = 20_000, 2**18  # rows that can be neighbours; distances at a time, which a processor has at hand
MANY, FEWER = 50_000, 5_000  # rows from which on fewer can be neighbours, so that time grows as the rows do


def neighbours(problem: Problem) -> np.ndarray:
    """Returns p(given | x) [N, C] from the labels of near rows, the row itself left out.

    How many rows, and how many votes by the shares of the classes stand beside theirs, is what makes the given labels
    most probable.
    """
    rows = near_rows(problem) if problem.nearest is None else problem.nearest
    known = problem.given >= 0
    best, found = np.inf, np.empty(0)
    for count in COUNTS:
        votes = _votes(problem.given[rows[:, :count]], problem.num_classes)
        for prior in PRIORS:
            p = (votes + prior * problem.share) / (votes.sum(axis=1, keepdims=True) + prior)
            loss = -float(np.mean(np.log(p[known, problem.given[known]])))
            if loss < best:
                best, found = loss, p.astype(np.float32)
    return found


def near_rows(problem: Problem) -> np.ndarray:
    """Returns [N, K] the nearest rows that have a given label, nearest first, never the row itself."""
    near = problem.views.near
    known = np.flatnonzero(problem.given >= 0)
    most = FEWER if len(near) > MANY else MOST
    if len(known) > most:
        known = np.sort(np.random.default_rng(problem.seed).choice(known, most, replace=False))
    count = min(max(COUNTS), len(known) - 1)
    found = np.empty((len(near), count), int)
    distances, size = distances_to(near[known]), max(BLOCK // len(known), 1)
    itself = np.full(len(near), -1)
    itself[known] = np.arange(len(known))
    for start in range(0, len(near), size):
        block = slice(start, min(start + size, len(near)))
        distance = distances(near[block])
        own = np.flatnonzero(itself[block] >= 0)
        distance[own, itself[block][own]] = np.inf
        found[block] = known[_smallest(distance, count)]
    return found


def _smallest(distance: np.ndarray, count: int) -> np.ndarray:
    """Returns the columns [n, count] of the smallest of each row of [n, M], the smallest first."""
    limit = np.partition(distance, count - 1, axis=1)[:, count - 1 : count]
    chosen = np.flatnonzero(distance <= limit)  # a third of the time of `argpartition`, and as many but for ties
    if len(chosen) == len(distance) * count:
        first = (chosen % distance.shape[1]).reshape(len(distance), count)
    else:
        first = np.argpartition(distance, count - 1, axis=1)[:, :count]
    order = np.argsort(np.take_along_axis(distance, first, axis=1), axis=1, kind="stable")
    return np.take_along_axis(first, order, axis=1)


def _votes(labels: np.ndarray, num_classes: int) -> np.ndarray:
    rows = np.arange(len(labels))[:, None] * num_classes
    return np.bincount((rows + labels).ravel(), minlength=len(labels) * num_classes).reshape(len(labels), -1)
