"""Logistic regression on all rows at once: given labels through the transition, trusted labels as they are."""

import numpy as np

from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.cleaning.tournament.softmax import fit_softmax, one_hot, scores_of, softmax
from meta_noise.cleaning.views import Matrix


def joint(
    problem: Problem, x: Matrix, transition: np.ndarray, seen: np.ndarray, strength: float, fold: int
) -> np.ndarray:
    """Returns p(y | x) [n, C] of the rows of a fold, none of whose labels was learned.

    Untrusted rows tell by `T[y, given]` (forward correction), trusted ones, as in D. Hendrycks et al., "Using Trusted
    Data to Train Deep Networks on Labels Corrupted by Severe Noise", NeurIPS 2018, by their true class.
    """
    known = (problem.given >= 0) | (seen >= 0)
    train = np.flatnonzero(known & (problem.fold_of != fold))
    checked = seen[train] >= 0
    evidence = one_hot(seen[train], problem.num_classes)
    evidence[~checked] = transition.T[problem.given[train[~checked]]]
    head = fit_softmax(x[train], evidence, strength)
    return softmax(scores_of(head, x[problem.fold_of == fold])).astype(np.float32)
