"""What own data say of their labels: a tournament of candidates, its scores and its verdict, without the final network.

Quality, flags and suggestions come from predictions for rows that were not learned: out of fold, and for trusted rows
without their true label. How good the flags are is counted on these held-out trusted rows, see
`meta_noise.cleaning.crossfit`.
"""

from typing import Any

import numpy as np
from rich.console import Console

from meta_noise.cleaning.annotators import annotators_of
from meta_noise.cleaning.better import better_of
from meta_noise.cleaning.crossfit import how_far
from meta_noise.cleaning.many_classes import nearest_means
from meta_noise.cleaning.noise import NoiseEstimate
from meta_noise.cleaning.own_noise import FEWEST, Labelled, given_and_true, labelled, noise_of, sampled
from meta_noise.cleaning.parts import Judged, judge_first, judge_others, parts_of
from meta_noise.cleaning.tournament.answer import Answer
from meta_noise.cleaning.tournament.coverage import asked_order, candidates_of
from meta_noise.cleaning.tournament.flags import Flags, Threshold, favour_of, flag
from meta_noise.cleaning.tournament.scoreboard import scoreboard
from meta_noise.cleaning.tournament.worthless import (
    TRUSTED,
    Worth,
    first_worthless,
    worth_of_agreement,
    worth_of_flags,
    worth_of_inputs,
    worth_of_predictions,
    worth_on_trusted,
)
from meta_noise.cleaning.trial import as_json
from meta_noise.cleaning.wanted import Asked
from meta_noise.data.own import Own
from meta_noise.report.classes import MANY
from meta_noise.report.quality import Scores

MOST_ASKED = 1_000  # rows that are put in order for people to look at


def find_out(own: Own, asked: Asked, console: Console) -> Scores:
    """Returns the scores of all rows of `own.source`; `found` has tournament, noise_estimate, worthless and flags.

    Trusted rows keep their label. How long it takes is said before it begins. Very many rows are judged in parts, see
    `meta_noise.cleaning.parts`; what is said of the candidates is then that of the first part.
    """
    rows, classes = len(own.source.labels), len(own.class_names)
    given, truth = given_and_true(own, asked.by_chance)
    parts = parts_of(given, truth, asked.seed)
    data = labelled(own, parts[0], asked.by_chance)
    part = sampled(own)
    section, noise = noise_of(data if len(part) == rows else labelled(own, part, asked.by_chance), classes)
    if noise is None:
        return _nothing(own, section, Worth(True, f"There are fewer than {FEWEST} rows.", "Give more rows."))
    if classes > MANY:
        data = data if len(parts) == 1 else labelled(own, np.arange(rows), asked.by_chance)
        return _of_many(own, data, section, noise)
    first = judge_first(own, data, parts, asked, console)
    open_rows, rates = np.flatnonzero(truth < 0), noise.rate.classes[:, 0]
    found, untrusted = first.answer, data.truth < 0
    favour = favour_of(found.verdict is not None)

    def flags_of(posterior: np.ndarray, given: np.ndarray) -> Flags:
        return flag(posterior, given, rates, asked.threshold, favour)

    own_flags = flags_of(found.posterior[untrusted], data.given[untrusted])
    posterior = _of_all(own, first, parts, asked, console)
    flags = own_flags if len(parts) == 1 else flags_of(posterior[open_rows], given[open_rows])
    worth = _worth(data, found, own_flags, noise, asked.threshold)
    said = {
        "tournament": {**scoreboard(first.problem, found), "tried": as_json(first.tried)},
        "noise_estimate": section,
        "worthless": {"reason": worth.reason, "help": worth.help} if worth.worthless else None,
        "flags": {
            **how_far(first.problem, found, own_flags, asked.threshold.kind, section["rate"], data.is_counted),
            "asked": str(asked.threshold),
        },
        **annotators_of(own, posterior),
    }
    scores = _scores(own, open_rows, flags, worth, said)
    if not worth.worthless:
        doubt = np.zeros(rows)
        doubt[open_rows] = 1 - posterior[open_rows].max(axis=1)
        chosen = np.arange(rows) if len(parts) == 1 else candidates_of(doubt, asked.seed)
        near = data.views.near if len(parts) == 1 else labelled(own, chosen, asked.by_chance).views.near
        order = chosen[asked_order(doubt[chosen], near, MOST_ASKED, asked.seed)]
        scores = scores._replace(ask=tuple(map(str, own.source.ids[order].tolist())))
    return scores if asked.before is None else better_of(asked.before, scores, truth, found)


def _of_all(own: Own, first: Judged, parts: list[np.ndarray], asked: Asked, console: Console) -> np.ndarray:
    """Returns p(y | x, given) [N, C] of all rows, of which those of the first part are judged already."""
    if len(parts) == 1:
        return first.answer.posterior
    posterior = np.empty((len(own.source.labels), len(own.class_names)), np.float32)
    posterior[parts[0]] = first.answer.posterior
    for rows, found in judge_others(own, first.chosen, parts, asked, console):
        posterior[rows] = found
    return posterior


def _scores(own: Own, open_rows: np.ndarray, flags: Flags, worth: Worth, said: dict[str, Any]) -> Scores:
    """Returns the scores of all rows; trusted ones are right, and nothing is suggested where nothing was found out."""
    labels = own.source.labels
    quality, probability = np.ones(len(labels)), np.ones(len(labels))
    suggested, is_issue = labels.astype(np.int64), np.zeros(len(labels), bool)
    quality[open_rows], probability[open_rows] = flags.quality.clip(0, 1), flags.quality.clip(0, 1)
    if worth.worthless:
        return Scores(quality, None, suggested, probability, labels, {**said, "flags": _unknown_flags(worth)})
    suggested[open_rows], is_issue[open_rows] = flags.suggested, flags.is_issue
    probability[open_rows] = flags.probability.astype(np.float64).clip(0, 1)
    learned = labels.copy()
    learned[open_rows] = flags.believed
    return Scores(quality, is_issue, suggested, probability, learned, said)


def _unknown_flags(worth: Worth) -> dict[str, Any]:
    return {"known": False, "why": f"nothing is flagged, as nothing was found out. {worth.reason}".rstrip(".")}


def _worth(data: Labelled, found: Answer, flags: Flags, noise: NoiseEstimate, threshold: Threshold) -> Worth:
    """Returns the first verdict that says worthless: inputs, predictions, trusted rows, flags."""
    known = np.flatnonzero(data.given >= 0)
    trusted = np.flatnonzero(data.truth >= 0)
    counted = data.given[trusted] >= 0
    rows, held = trusted[counted], found.held[counted]
    on_trusted = worth_on_trusted(
        1 - held[np.arange(len(rows)), data.given[rows]], data.given[rows] != data.truth[rows]
    )
    by_flags = Worth(False)
    if threshold.kind == "noise":  # who asks for more gets more
        by_flags = worth_of_flags(flags.is_issue, data.given[data.truth < 0], noise.rate.high if len(rows) else 0.0)
    predictions = worth_of_predictions(found.pool[known], data.given[known])
    return first_worthless(worth_of_inputs(data.views.near), predictions, on_trusted, by_flags)


def _nothing(own: Own, section: dict[str, Any], worth: Worth) -> Scores:
    """Returns scores that leave every label as it is."""
    labels = own.source.labels
    share = (np.bincount(labels, minlength=len(own.class_names)) / len(labels))[labels]
    said = {
        "tournament": None,
        "noise_estimate": section,
        "worthless": {"reason": worth.reason, "help": worth.help},
        "flags": _unknown_flags(worth),
        **annotators_of(own),
    }
    return Scores(share, None, labels.astype(np.int64), share, labels, said)


def _of_many(own: Own, data: Labelled, section: dict[str, Any], noise: NoiseEstimate) -> Scores:
    """Returns the scores for very many classes: labels against the nearest mean of a class."""
    labels = own.source.labels
    near = nearest_means(data.views.near, labels, len(own.class_names))
    worth = first_worthless(
        noise.worth, worth_of_agreement(float(np.mean(near.best == labels))), worth_of_flags(near.above, labels, 0.0)
    )
    if worth.worthless:
        return _nothing(own, section, worth)
    flagged = near.above & (data.truth < 0)
    said = {
        "tournament": {"judged_by": "no tournament for very many classes", "rows": len(labels), "candidates": []},
        "noise_estimate": section,
        "worthless": None,
        "flags": {"known": False, "why": f"there are more than {MANY} classes. {TRUSTED}".rstrip(".")},
        **annotators_of(own),
    }
    suggested = np.where(flagged, near.best, labels).astype(np.int64)
    probability = np.where(flagged, near.top, near.own).astype(np.float64)
    return Scores(near.own.astype(np.float64), flagged, suggested, probability, suggested, said)
