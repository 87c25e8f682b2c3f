"""What was tried and how well it did, as JSON holds it."""

from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from meta_noise.cleaning.tournament.answer import Answer
from meta_noise.cleaning.tournament.judge import log_likelihood
from meta_noise.cleaning.tournament.problem import Problem

Z = 1.96  # of an interval of 95%
TOGETHER = "combination"


def scoreboard(problem: Problem, found: Answer) -> dict[str, Any]:
    """Returns {judged_by, rows, candidates: [{name, score, low, high, average_precision, weight}], simplest}.

    With trusted rows, scores are mean log-likelihoods of the right label of rows whose true label was not seen, and
    `average_precision` is that of finding wrong labels among them. Without, they are those of given labels out of fold.
    Intervals are of 95%.
    """
    if found.verdict is None:
        return _by_given(problem, found)
    trusted = np.flatnonzero(problem.truth >= 0)
    labels, given = problem.truth[trusted], problem.given[trusted]
    parts = {**found.held_out, TOGETHER: found.held}
    weights = dict(zip(found.verdict.names, found.verdict.weights.tolist(), strict=True))
    candidates = [
        {
            "name": name,
            **_score(log_likelihood(p, labels)),
            "average_precision": _precision(p, given, labels),
            "weight": round(weights[name], 4) if name in weights else None,
        }
        for name, p in parts.items()
    ]
    return {
        "judged_by": f"log-likelihood of the right labels of {len(trusted):,} trusted rows, which were not seen",
        "rows": len(trusted),
        "candidates": candidates,
        "simplest": found.verdict.chosen,
    }


def _by_given(problem: Problem, found: Answer) -> dict[str, Any]:
    known = np.flatnonzero(problem.given >= 0)
    given = problem.given[known]
    alone = "the trusted rows lack a class" if (problem.truth >= 0).any() else "no row is trusted"
    parts = {**found.given_by, **({TOGETHER: found.pool} if len(found.given_by) > 1 else {})}
    scores = {name: _score(log_likelihood(p[known], given)) for name, p in parts.items()}
    best = max(score["score"] for score in scores.values())
    return {
        "judged_by": f"log-likelihood of the {len(known):,} given labels, which were not seen; {alone}",
        "rows": len(known),
        "candidates": [
            {"name": name, **score, "average_precision": None, "weight": None} for name, score in scores.items()
        ],
        "simplest": next(name for name, score in scores.items() if score["high"] >= best),
    }


def _score(values: np.ndarray) -> dict[str, float]:
    mean, error = float(values.mean()), float(values.std(ddof=min(1, len(values) - 1)) / len(values) ** 0.5)
    return {"score": round(mean, 4), "low": round(mean - Z * error, 4), "high": round(mean + Z * error, 4)}


def _precision(p: np.ndarray, given: np.ndarray, labels: np.ndarray) -> float | None:
    """Returns the average precision of low p[given] for finding wrong labels; None where there are none of a kind."""
    known = given >= 0
    wrong = given[known] != labels[known]
    if not wrong.any() or wrong.all():
        return None
    doubt = 1 - p[known][np.arange(len(wrong)), given[known]]
    return round(float(average_precision_score(wrong, doubt)), 4)
