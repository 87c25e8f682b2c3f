"""What is said of each label of rows with several: one problem of yes and no for each class, on shared features.

Classes are judged apart (binary relevance: G. Tsoumakas and I. Katakis, "Multi-Label Classification: An Overview",
International Journal of Data Warehousing and Mining 3(3), 2007), each by the tournament that judges rows of one label.
The quality of a row is the probability that all its labels are right, taking errors of its classes as independent of
each other, given what was predicted.
"""

from typing import Any, NamedTuple

import numpy as np
from rich.console import Console

from meta_noise.cleaning.own_noise import FEWEST, steady
from meta_noise.cleaning.parts import together
from meta_noise.cleaning.tournament.answer import Answer, answer
from meta_noise.cleaning.tournament.candidates.neighbours import near_rows
from meta_noise.cleaning.tournament.flags import BY_NOISE, Threshold, favour_of, flag
from meta_noise.cleaning.tournament.noise_rate import NoiseRate, rate_by_predictions, rate_by_trusted
from meta_noise.cleaning.tournament.problem import Problem, make_problem
from meta_noise.cleaning.tournament.scoreboard import scoreboard
from meta_noise.cleaning.tournament.worthless import (
    Worth,
    first_worthless,
    worth_of_flags,
    worth_of_inputs,
    worth_of_predictions,
    worth_on_trusted,
)
from meta_noise.cleaning.trial import as_json, carry_out, plan
from meta_noise.cleaning.views import Views, make_views
from meta_noise.data.multilabel import Multilabel
from meta_noise.errors import InputError
from meta_noise.terminal import say

FEWEST_ALIKE = 5  # rows with a label, and without it, below which a class is not judged


class OfClass(NamedTuple):
    """What is said of one class of N rows.

    Attributes:
        belongs: [N] probability that the row belongs to it.
        quality: [N] probability that the row's given label is right.
        is_issue: [N] bool.
        suggested: [N] int8, another label than given wherever one looks wrong.
        rate: of wrong labels.
        worth: whether anything was found out.
        tournament: what was tried, as JSON holds it.
    """

    belongs: np.ndarray
    quality: np.ndarray
    is_issue: np.ndarray
    suggested: np.ndarray
    rate: NoiseRate
    worth: Worth
    tournament: dict[str, Any]


class Judged(NamedTuple):
    """What is said of the labels of N rows and L classes.

    Attributes:
        classes: [L], None of a class that too few rows have or lack.
        quality: [N, L] probability that the label is right; NaN where it was not judged.
        belongs: [N, L] probability that the row belongs to the class; NaN where it was not judged.
        is_issue: [N, L] bool, the label looks wrong; False where nothing was found out.
        suggested: [N, L] int8, the given label where it does not look wrong, or was flagged as asked for and is
            the more probable one.
        row_quality: [N] probability that all labels of the row are right; NaN where no class was judged.
        probability: [N] probability that all suggested labels are right; NaN as well.
        notes: sentences for the user.
        threshold: how many are flagged.
    """

    classes: tuple[OfClass | None, ...]
    quality: np.ndarray
    belongs: np.ndarray
    is_issue: np.ndarray
    suggested: np.ndarray
    row_quality: np.ndarray
    probability: np.ndarray
    notes: tuple[str, ...]
    threshold: Threshold

    @property
    def is_known(self) -> np.ndarray:
        """[L] bool, the classes about which something was found out."""
        return np.array([one is not None and not one.worth.worthless for one in self.classes], bool)


def judge_multilabel(
    data: Multilabel,
    threshold: Threshold = BY_NOISE,
    seed: int = 0,
    budget: float = 0.0,
    console: Console | None = None,
) -> Judged:
    """Returns what is said of each label.

    Args:
        data: the rows.
        threshold: how many labels are flagged, of all classes together.
        seed: of folds.
        budget: seconds for all classes; 0 for what suits the rows.
        console: where progress goes.

    Raises:
        InputError: there are too few rows.
    """
    rows, count = data.labels.shape
    if rows < FEWEST:
        raise InputError(f"{data.own.source.name} has {rows:,} rows, too few to tell anything; give {FEWEST} or more.")
    with steady(rows):
        views = make_views(data.own.kind, data.own.source.inputs, data.own.texts, seed)
        nearest, classes = None, list[OfClass | None]()
        for place, name in enumerate(data.names):
            problem = _problem(data, views, place, seed)
            if problem is None:
                classes.append(None)
                continue
            nearest = near_rows(problem) if nearest is None else nearest
            found = _of_class(data, problem._replace(nearest=nearest), place, threshold, budget / count)
            classes.append(found)
            if console is not None:
                wrong = int(found.is_issue.sum())
                say(console, f"{place + 1:,} of {count:,}: {name}, {wrong:,} labels look wrong.")
    return _together(data, classes, threshold)


def _problem(data: Multilabel, views: Views, place: int, seed: int) -> Problem | None:
    """Returns the problem of one class, None where too few rows have or lack its label."""
    labels = data.labels[:, place].astype(int)
    given = np.where(data.trusted, data.given[:, place] if data.is_counted else -1, labels)
    counts = np.bincount(given[given >= 0], minlength=2)
    if counts.min() < FEWEST_ALIKE:
        return None
    return together(make_problem(views, given, np.where(data.trusted, labels, -1), 2, seed), data.own)


def _of_class(data: Multilabel, problem: Problem, place: int, threshold: Threshold, budget: float) -> OfClass:
    """Returns what the tournament says of one class."""
    trial = carry_out(plan(problem, None, budget, problem.seed, Console(quiet=True)))
    found = answer(problem, trial.bases, trial.beliefs)
    rate, on_trusted = _rate(problem, found)
    open_rows = np.flatnonzero(~data.trusted)
    given = data.labels[open_rows, place].astype(int)
    favour = favour_of(found.verdict is not None)
    flags = flag(found.posterior[open_rows], given, rate.classes[:, 0], BY_NOISE, favour)
    known = problem.given >= 0
    predictions = worth_of_predictions(found.pool[known], problem.given[known])
    worth = first_worthless(worth_of_inputs(problem.views.near), predictions, on_trusted)
    if threshold == BY_NOISE:
        high = rate.high if rate.counted else 0.0
        worth = first_worthless(worth, worth_of_flags(flags.is_issue, given, high))
    board = {**scoreboard(problem, found), "tried": as_json(trial.tried)}
    labels = data.labels[:, place]
    belongs = np.where(data.trusted, labels, found.posterior[:, 1].astype(np.float64).clip(0, 1))
    before = data.came(place)
    quality = np.where(before == 1, belongs, 1 - belongs)
    is_issue, suggested = np.zeros(len(labels), bool), labels.copy()
    if not worth.worthless:
        is_issue[open_rows], suggested[open_rows] = flags.is_issue, np.where(flags.is_issue, 1 - given, given)
    is_issue[data.trusted] = (before != labels)[data.trusted]
    return OfClass(belongs, quality, is_issue, suggested, rate, worth, board)


def _rate(problem: Problem, found: Answer) -> tuple[NoiseRate, Worth]:
    """Returns the rate of wrong labels, and what trusted rows say of the order."""
    known, trusted = problem.given >= 0, np.flatnonzero(problem.truth >= 0)
    counted = known[trusted]
    if not counted.any():
        return rate_by_predictions(found.pool[known], problem.given[known]), Worth(False)
    rows, held = trusted[counted], found.held[counted]
    rest = np.flatnonzero(known & (problem.truth < 0))
    wrong = problem.given[rows] != problem.truth[rows]
    doubt = 1 - held[np.arange(len(rows)), problem.given[rows]]
    rest_doubt = 1 - found.posterior[rest, problem.given[rest]]
    rate = rate_by_trusted(rest_doubt, problem.given[rest], doubt, problem.given[rows], wrong)
    missing = 2 - len(rate.classes)
    rate = rate._replace(
        classes=np.concatenate([rate.classes, np.tile([rate.value, rate.low, rate.high], (missing, 1))])
    )
    return rate, worth_on_trusted(doubt, wrong)


def _together(data: Multilabel, classes: list[OfClass | None], threshold: Threshold) -> Judged:
    """Returns what is said of all labels."""
    shape = data.labels.shape
    quality, belongs = np.full(shape, np.nan), np.full(shape, np.nan)
    is_issue, suggested = np.zeros(shape, bool), data.labels.copy()
    for place, one in enumerate(classes):
        if one is not None:
            quality[:, place], belongs[:, place] = one.quality, one.belongs
            is_issue[:, place], suggested[:, place] = one.is_issue, one.suggested
        else:
            is_issue[:, place] = (
                data.trusted & (data.given[:, place] >= 0) & (data.given[:, place] != data.labels[:, place])
            )
    known = np.array([one is not None and not one.worth.worthless for one in classes], bool)
    if threshold != BY_NOISE and known.any():
        _flag_in_order(data, quality, known, threshold, is_issue, suggested)
    likely = np.where(suggested == 1, belongs, 1 - belongs)
    return Judged(
        tuple(classes), quality, belongs, is_issue, suggested, _all_right(quality, known), _all_right(likely, known),
        _notes(data, classes), threshold,
    )  # fmt: skip


def _flag_in_order(
    data: Multilabel,
    quality: np.ndarray,
    known: np.ndarray,
    threshold: Threshold,
    is_issue: np.ndarray,
    suggested: np.ndarray,
) -> None:
    """Flags labels of all classes in the order of their quality, as many as a threshold says, in place."""
    rows, places = np.ix_(~data.trusted, known)
    labels = data.labels[rows, places].astype(int)
    right = quality[rows, places].ravel()
    posterior = np.stack([right, 1 - right], axis=1)  # of "as given" and "the other"
    flags = flag(posterior, np.zeros(len(right), int), np.zeros(2), threshold)
    is_issue[rows, places] = flags.is_issue.reshape(labels.shape)
    suggested[rows, places] = np.where(flags.is_better.reshape(labels.shape), 1 - labels, labels)


def _all_right(quality: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Returns [N] the product of [N, L] over known classes; NaN where there is none."""
    if not known.any():
        return np.full(len(quality), np.nan)
    return np.exp(np.log(np.maximum(quality[:, known], 1e-12)).sum(axis=1))


def _notes(data: Multilabel, classes: list[OfClass | None]) -> tuple[str, ...]:
    def listed(names: list[str]) -> str:
        return ", ".join(f"{name:.40}" for name in names[:5]) + (", ..." if len(names) > 5 else "")

    rare = [name for name, one in zip(data.names, classes, strict=True) if one is None]
    lost = [name for name, one in zip(data.names, classes, strict=True) if one is not None and one.worth.worthless]
    notes = []
    if rare:
        notes.append(f"Classes that fewer than {FEWEST_ALIKE} rows have, or lack, are not judged: {listed(rare)}.")
    if lost:
        why = next(one.worth.reason for one in classes if one is not None and one.worth.worthless)
        notes.append(f"Nothing was found out about {len(lost):,} classes ({listed(lost)}), the first: {why}")
    return tuple(notes)
