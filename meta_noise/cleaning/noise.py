"""How noisy labels are: one estimate for a data set, the same for whoever asks."""

from typing import NamedTuple

import numpy as np

from meta_noise.cleaning.many_classes import nearest_means, rate_of_many
from meta_noise.cleaning.tournament.answer import answer
from meta_noise.cleaning.tournament.candidates.linear import linear
from meta_noise.cleaning.tournament.candidates.neighbours import neighbours
from meta_noise.cleaning.tournament.noise_rate import NoiseRate, rate_by_predictions, rate_by_trusted
from meta_noise.cleaning.tournament.problem import Problem, make_problem
from meta_noise.cleaning.tournament.worthless import (
    Worth,
    first_worthless,
    worth_of_agreement,
    worth_of_inputs,
    worth_of_predictions,
    worth_on_trusted,
)
from meta_noise.cleaning.views import Views
from meta_noise.report.classes import MANY


class NoiseEstimate(NamedTuple):
    """An estimate of the noise.

    Attributes:
        rate: of all rows and of each given class.
        joint: [C, C] share of rows by supposed true and given class, sums to one; None for very many classes.
        agreement: share of given labels that out-of-fold predictions share.
        worth: whether the predictions behind it are worth anything.
    """

    rate: NoiseRate
    joint: np.ndarray | None
    agreement: float
    worth: Worth


def estimate_noise(
    views: Views, given: np.ndarray, truth: np.ndarray, num_classes: int, is_counted: bool = True, seed: int = 0
) -> NoiseEstimate:
    """Returns the noise of given labels, told by quick classifiers that did not see them, and by trusted rows.

    Args:
        views: of N rows.
        given: [N] int classes as the data have them, -1 where unknown.
        truth: [N] int classes that a person has found, -1 for rows that are not trusted.
        num_classes: C.
        is_counted: given labels of trusted rows were there before a person checked them, so they can be counted. False
            where rows are trusted because they are right.
        seed: of folds.
    """
    if num_classes > MANY:
        return _of_many(views, given, num_classes)
    if not is_counted:
        given = np.where(truth >= 0, -1, given)
    short = views._replace(linear={"near": views.near})
    problem = make_problem(short, given, truth, num_classes, seed)
    known = given >= 0
    found = answer(problem, quick_bases(problem))
    p = found.pool[known]
    worth = first_worthless(worth_of_inputs(views.near), worth_of_predictions(p, given[known]))
    agreement = float(np.mean(p.argmax(axis=1) == given[known]))
    trusted = np.flatnonzero(truth >= 0)
    counted = known[trusted]
    if not counted.any():
        rate = rate_by_predictions(p, given[known])
    else:
        rows, held = trusted[counted], found.held[counted]
        rest = np.flatnonzero(known & (truth < 0))
        wrong = given[rows] != truth[rows]
        doubt = 1 - held[np.arange(len(rows)), given[rows]]
        rate = rate_by_trusted(1 - found.posterior[rest, given[rest]], given[rest], doubt, given[rows], wrong)
        worth = first_worthless(worth, worth_on_trusted(doubt, wrong))
    joint = np.zeros((num_classes, num_classes))
    np.add.at(joint.T, given[known], found.posterior[known])
    return NoiseEstimate(_with_all(rate, num_classes), joint / joint.sum(), agreement, worth)


def quick_bases(problem: Problem) -> dict[str, np.ndarray]:
    """Returns p(given | x) by short vectors alone: seconds for ten thousand rows."""
    return {"linear": linear(problem, problem.views.near), "neighbours": neighbours(problem)}


def _of_many(views: Views, given: np.ndarray, num_classes: int) -> NoiseEstimate:
    known = given >= 0
    near = nearest_means(views.near[known], given[known], num_classes)
    agreement = float(np.mean(near.best == given[known]))
    rate = rate_of_many(near, given[known], num_classes)
    worth = first_worthless(worth_of_inputs(views.near), worth_of_agreement(agreement))
    return NoiseEstimate(rate, None, agreement, worth)


def _with_all(rate: NoiseRate, num_classes: int) -> NoiseRate:
    """Returns the rate with a row for each class, also for those without rows."""
    missing = num_classes - len(rate.classes)
    rest = np.tile([rate.value, rate.low, rate.high], (missing, 1))
    return rate._replace(classes=np.concatenate([rate.classes, rest])) if missing else rate
