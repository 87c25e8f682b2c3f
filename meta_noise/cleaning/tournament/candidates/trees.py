"""Trees for tables: a forest, judged by the trees that did not see a row, and boosting."""

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from threadpoolctl import threadpool_limits

from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.cleaning.tournament.transition import floored

TREES, LEAF = 300, 3
FEW = 5_000  # rows up to which threads that wait for each other cost more than they bring


def forest(problem: Problem) -> np.ndarray:
    """Returns p(given | x) [N, C] by the trees of a random forest whose sample left the row out."""
    x, known = _table(problem), problem.given >= 0
    model = RandomForestClassifier(TREES, min_samples_leaf=LEAF, oob_score=True, random_state=problem.seed)
    model.fit(x[known], problem.given[known])
    found = np.zeros((len(x), problem.num_classes), np.float32)
    found[np.ix_(known, model.classes_)] = np.nan_to_num(model.oob_decision_function_)
    if not known.all():
        found[np.ix_(~known, model.classes_)] = model.predict_proba(x[~known])
    return floored(found, problem.share, 0.01)


def boosted(problem: Problem) -> np.ndarray:
    """Returns p(given | x) [N, C] out of fold by gradient boosting with few leaves and early stopping."""
    x, known = _table(problem), np.flatnonzero(problem.given >= 0)
    found = np.zeros((len(x), problem.num_classes), np.float32)
    for fold in range(problem.folds):
        train, rest = known[problem.fold_of[known] != fold], np.flatnonzero(problem.fold_of == fold)
        enough = np.bincount(problem.given[train], minlength=problem.num_classes) >= 10
        train = train[enough[problem.given[train]]]  # early stopping needs some rows of each class apart
        if enough.sum() < 2:
            found[rest] = problem.share
            continue
        model = HistGradientBoostingClassifier(
            max_iter=100, max_leaf_nodes=8, min_samples_leaf=10, early_stopping=True, random_state=problem.seed
        )
        with threadpool_limits(1 if len(x) <= FEW else None, user_api="openmp"):
            model.fit(x[train], problem.given[train])
            found[np.ix_(rest, model.classes_)] = model.predict_proba(x[rest])
    return floored(found, problem.share, 0.01)


def _table(problem: Problem) -> np.ndarray:
    assert problem.views.numbers is not None
    return problem.views.numbers
