"""Logistic regression on all rows at once: given labels through the transition, trusted labels as they are.

Gold loss correction: D. Hendrycks et al., "Using Trusted Data to Train Deep Networks on Labels Corrupted by Severe
Noise", NeurIPS 2018.
"""

from collections.abc import Callable

import numpy as np

from meta_noise.cleaning.tournament.problem import Problem, hidden
from meta_noise.cleaning.tournament.softmax import Head, fit_softmax, one_hot, scores_of, softmax
from meta_noise.cleaning.views import Matrix

STRENGTHS = (20.0, 5.0, 1.0, 0.2, 0.04)  # from strong to weak


def gold_loss_correction(problem: Problem, x: Matrix, transitions: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Returns p(y | x) [N, C] by heads that learned no label, given or trusted, of the row's fold.

    The penalty is the one under which the labels of rows left out are most probable.

    Args:
        problem: some rows of which are trusted.
        x: [N, D] a view.
        transitions: `seen [N] true classes that may be used -> transition [C, C]`.
    """
    rows = [np.flatnonzero(problem.fold_of == fold) for fold in range(problem.folds)]
    seen = [hidden(problem, fold) for fold in range(problem.folds)]
    through = [transitions(one) for one in seen]
    heads: list[Head | None] = [None] * problem.folds
    best, found = np.inf, np.tile(problem.share, (len(problem.given), 1)).astype(np.float32)
    for strength in STRENGTHS:
        p, loss = np.empty_like(found), 0.0
        for fold, mine in enumerate(rows):
            heads[fold] = head = _fit(problem, x, through[fold], seen[fold], strength, fold, heads[fold])
            p[mine] = softmax(scores_of(head, x[mine]))
            evidence = _evidence(problem, through[fold], problem.truth, mine)
            loss -= float(np.log(np.maximum(np.sum(p[mine] * evidence, axis=1), 1e-12)).sum())
        if loss > best:
            break
        best, found = loss, p
    return found


def _fit(
    problem: Problem,
    x: Matrix,
    transition: np.ndarray,
    seen: np.ndarray,
    strength: float,
    fold: int,
    start: Head | None,
) -> Head:
    """Returns the head that learned the rows outside a fold."""
    known = (problem.given >= 0) | (seen >= 0)
    train = np.flatnonzero(known & (problem.fold_of != fold))
    return fit_softmax(x[train], _evidence(problem, transition, seen, train), strength, start=start)


def _evidence(problem: Problem, transition: np.ndarray, seen: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Returns how likely what is known of each row is under each class [n, C]: `T[y, given]`, or the trusted class."""
    found = one_hot(seen[rows], problem.num_classes)
    open_rows = (seen[rows] < 0) & (problem.given[rows] >= 0)
    found[open_rows] = transition.T[problem.given[rows[open_rows]]]
    return found
