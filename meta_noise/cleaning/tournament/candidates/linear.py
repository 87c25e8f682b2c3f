"""Cross-validated logistic regression on the given labels (what confident learning starts from)."""

import numpy as np

from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.cleaning.tournament.softmax import Head, fit_softmax, one_hot, scores_of, softmax
from meta_noise.cleaning.views import Matrix

STRENGTHS = (20.0, 5.0, 1.0, 0.2, 0.04)  # from strong to weak


def linear(problem: Problem, x: Matrix) -> np.ndarray:
    """Returns p(given | x) [N, C] out of fold; the penalty is the one under which given labels are most probable."""
    best, found = np.inf, np.zeros((len(problem.given), problem.num_classes), np.float32)
    heads: list[Head | None] = [None] * problem.folds
    known = np.flatnonzero(problem.given >= 0)
    for strength in STRENGTHS:
        p = np.empty_like(found)
        for fold in range(problem.folds):
            train, rest = known[problem.fold_of[known] != fold], np.flatnonzero(problem.fold_of == fold)
            evidence = one_hot(problem.given[train], problem.num_classes)
            head = heads[fold] = fit_softmax(x[train], evidence, strength, start=heads[fold])
            p[rest] = softmax(scores_of(head, x[rest]))
        loss = -float(np.mean(np.log(np.maximum(p[known, problem.given[known]], 1e-12))))
        if loss > best:
            break
        best, found = loss, p
    return found
