"""The answer where no row is trusted.

Nothing then tells which candidate is right of the true classes, nor how many labels are wrong: where classes overlap
in the inputs, predictions contradict right labels, too, and given labels look the same either way. So the answer is the
mean over what might be: candidates, each counting the less the worse it explains given labels out of fold, and levels
of noise, the lowest, the likeliest and the highest that predictions tell. Where predictions are poor, these take
overlapping classes for noise; there mostly only as much is taken for granted as the surest predictions contradict
(`noise_rate.rate_of_surest`). What all of them say stays sure (J. A. Hoeting, D. Madigan, A. E. Raftery, C. T.
Volinsky, "Bayesian Model Averaging: A Tutorial", Statistical Science 14, 1999). `experiments/own_data` says how the
constants were chosen.
"""

from collections.abc import Mapping

import numpy as np

from meta_noise.cleaning.tournament.combine import Fusion, fused
from meta_noise.cleaning.tournament.confusion import guessed
from meta_noise.cleaning.tournament.noise_rate import rate_by_predictions, rate_of_surest
from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.cleaning.tournament.transition import deconvolved, likelihood, tempered, with_rate

WORTH = 2.0  # rows that all given labels together are worth in the choice between candidates
LEVELS = (1 / 6, 3 / 6, 2 / 6)  # shares of the lowest, the likeliest and the highest level of noise in the mean
POOR_LEVELS = (0.3, 0.5, 0.2)  # where predictions are poor: half the noise that the surest show, all of it, the highest
POOR = 0.7  # share of the right labels below which predictions are poor
LEAST = 0.005  # share of wrong labels that is thought possible in any data
SAMPLE = 2_000  # rows that set how sure a candidate should be


def averaged_answer(problem: Problem, every: Mapping[str, np.ndarray], pool: np.ndarray) -> np.ndarray:
    """Returns p(y | x, given) [N, C], the mean over candidates and levels of noise.

    Args:
        problem: rows and labels, none of them trusted.
        every: name -> p(given | x) [N, C], out of fold.
        pool: the same of all together.
    """
    weights = worth_before(problem, every, WORTH)
    total = np.zeros(pool.shape, np.float32)
    for share, transition in likely_transitions(problem, pool):
        for name, p in every.items():
            total += np.float32(share * np.exp(weights[name])) * believed(problem, p, transition)
    return total / total.sum(axis=1, keepdims=True)


def worth_before(problem: Problem, every: Mapping[str, np.ndarray], worth: float) -> dict[str, float]:
    """Returns name -> log-weight before any row is trusted: how much worse than the pool it explains given labels, all
    of which together are worth so many rows; `every` is name -> p(given | x) [N, C]."""
    known = np.flatnonzero(problem.given >= 0)
    if "pool" not in every or not len(known):
        return dict.fromkeys(every, 0.0)
    told = {name: np.log(p[known, problem.given[known]]).mean() for name, p in every.items()}
    return {name: worth * min(float(value - told["pool"]), 0.0) for name, value in told.items()}


def likely_transitions(problem: Problem, pool: np.ndarray) -> list[tuple[float, np.ndarray]]:
    """Returns shares in the mean and transitions [C, C] of levels of noise, from predictions [N, C]."""
    known, guess = problem.given >= 0, guessed(pool, problem.given)
    if not known.any():
        return [(share, guess) for share in LEVELS]
    p, given = pool[known], problem.given[known]
    rate = rate_by_predictions(p, given)
    shares, levels = LEVELS, (rate.low, rate.value, rate.high)
    if share_of_right(p, given) < POOR:
        surest = min(rate_of_surest(p, given), rate.value)
        shares, levels = POOR_LEVELS, (max(surest / 2, LEAST), max(surest, LEAST), rate.high)
    return [(share, with_rate(guess, problem.share, level)) for share, level in zip(shares, levels, strict=True)]


def share_of_right(p: np.ndarray, given: np.ndarray) -> float:
    """Returns how many of the right labels predictions p(given | x) [n, C] have, as given labels [n] tell.

    Right are as many labels as the surest predictions do not contradict. Of all labels they may share few because many
    are wrong.
    """
    return float(np.mean(p.argmax(axis=1) == given)) / max(1 - rate_of_surest(p, given), 1e-6)


def believed(problem: Problem, p: np.ndarray, transition: np.ndarray) -> np.ndarray:
    """Returns p(y | x, given) [N, C] of p(given | x) [N, C] by Bayes' rule."""
    sample = np.random.default_rng(problem.seed).permutation(len(p))[:SAMPLE]
    rows = np.concatenate([np.arange(len(p)), sample])
    seen = np.concatenate([np.full(len(p), -1), problem.given[sample]])
    values = tempered(deconvolved(p[rows], transition), transition, seen)[: len(p)]
    likely = likelihood(transition, problem.given) if problem.evidence is None else problem.evidence
    return fused(values, likely, Fusion(1.0, 1.0, np.zeros(problem.num_classes)))
