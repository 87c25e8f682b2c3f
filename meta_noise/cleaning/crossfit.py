"""How far flags can be trusted, estimated on trusted rows by what was said of them without their true label.

A trusted row gets from the tournament what any other row gets, its true label not having been used (ten folds of the
trusted rows); it would be flagged where its given label falls below the quality at which rows of its class are flagged.
Whether its label is wrong is known. No training is repeated.

There are two cases.

* Given labels of trusted rows are known apart, and some differ from the trusted ones (a second file that corrects
  some): precision is the share of wrong labels among the flagged rows, recall the share of flagged rows among the wrong
  labels, with Wilson intervals. This says something about the other rows as far as the trusted rows are a random sample
  of all. A sign against it is that far more or fewer of them are flagged than of the others: then a warning says so.
* All trusted labels are the given ones (a column that marks right rows): no wrong label is there to be found. So half
  of the rows get a planted wrong label, drawn as often as the suggestions say that labels of the true class became
  another one. From the share `r` of planted errors that are flagged, the share `f` of right labels that are, and the
  share `F` of flagged rows among all other rows follows the precision:

      noise = (F - f) / (r - f),  precision = r noise / F

  (W. J. Rogan and B. Gladen, "Estimating prevalence from the results of a screening test", American Journal of
  Epidemiology 107, 1978), with intervals from draws of r, f and F (Jeffreys). It assumes that planted errors are as
  hard to see as real ones; real ones are often harder, so recall is then rather an upper estimate.
"""

from typing import Any, NamedTuple

import numpy as np

from meta_noise.cleaning.proportions import between, wilson
from meta_noise.cleaning.tournament.answer import Answer
from meta_noise.cleaning.tournament.combine import LABEL_POWER, Fusion, fused
from meta_noise.cleaning.tournament.flags import Flags
from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.cleaning.tournament.transition import likelihood

FEWEST = 10  # trusted rows below which nothing is estimated
DRAWS = 20_000
ODD = 4.0  # standard errors between flagged shares of trusted and of other rows from which they are told to differ


class Trial(NamedTuple):
    """What became of the trusted rows: `wrong` [n] bool, the label carried was wrong; `flagged` [n] bool."""

    wrong: np.ndarray
    flagged: np.ndarray


def unknown(why: str) -> dict[str, Any]:
    """Returns what the outputs say where precision and recall cannot be estimated."""
    return {"known": False, "why": why}


def how_far(
    problem: Problem, found: Answer, flags: Flags, kind: str, rate: dict[str, Any] | None, is_counted: bool
) -> dict[str, Any]:
    """Returns how far flags can be trusted, as results.json holds it; `noise_rate` is the one estimate of the data.

    Args:
        problem: the rows.
        found: the answer about them.
        flags: of the rows that are not trusted, in their order.
        kind: of the threshold that made them.
        rate: the noise estimate.
        is_counted: given labels of trusted rows are known and stand for the others.
    """
    trusted = np.flatnonzero(problem.truth >= 0)
    if not len(trusted):
        return unknown("no row is trusted; some rows whose labels a person has checked would tell")
    used = problem.given[trusted] >= 0 if is_counted else np.ones(len(trusted), bool)
    if used.sum() < FEWEST:
        return unknown(f"only {used.sum()} trusted rows tell, {FEWEST} or more are needed")
    rows, held = trusted[used], found.held[used]
    given, truth = problem.given[problem.truth < 0], problem.truth[rows]
    carried = problem.given[rows]
    if not is_counted:
        rng = np.random.default_rng([problem.seed, 7])
        carried = _planted(rng, truth, label_noise(flags.suggested, given, problem.num_classes))
        held = fused(held, likelihood(found.transition, carried), _usual(problem.num_classes))
    flagged = _flagged(held, carried, flags, given, kind)
    trial, others = Trial(carried != truth, flagged), (int(flags.is_issue.sum()), len(flags.is_issue))
    return {
        "known": True,
        "method": "errors of the trusted rows" if is_counted else "planted errors",
        "trusted_rows": len(rows),
        **(from_errors(trial, *others) if is_counted else from_planted(trial, *others)),
        "noise_rate": rate,
    }


def _usual(classes: int) -> Fusion:
    return Fusion(1.0, LABEL_POWER, np.zeros(classes))


def _flagged(held: np.ndarray, carried: np.ndarray, flags: Flags, given: np.ndarray, kind: str) -> np.ndarray:
    """Returns [n] bool: the carried label would be flagged, its quality being among those that are."""
    cut = np.full(held.shape[1], -1.0)
    np.maximum.at(cut, given[flags.is_issue], flags.quality[flags.is_issue])
    quality = held[np.arange(len(held)), carried]
    if kind == "noise":  # class by class, where another class is more probable
        return (quality <= cut[carried]) & (held.argmax(axis=1) != carried)
    return quality <= cut.max()


def from_errors(trial: Trial, flagged: int, count: int) -> dict[str, Any]:
    """Returns precision, recall and noise rate counted on trusted rows; `flagged` of `count` other rows are flagged."""
    hits = int(np.sum(trial.wrong & trial.flagged))
    seen = int(trial.flagged.sum())
    found: dict[str, Any] = {
        "precision": wilson(hits, seen),
        "recall": wilson(hits, int(trial.wrong.sum())),
        "false_alarms": wilson(seen - hits, int(np.sum(~trial.wrong))),
        "noise_rate": wilson(int(trial.wrong.sum()), len(trial.wrong)),
    }
    share, mine = (flagged + seen) / (count + len(trial.wrong)), seen / len(trial.wrong)
    error = np.sqrt(share * (1 - share) * (1 / len(trial.wrong) + 1 / max(count, 1)))
    if abs(mine - flagged / max(count, 1)) > ODD * error:
        found["warning"] = (
            f"{mine:.0%} of the trusted rows are flagged, but {flagged / count:.0%} of the others: the trusted rows "
            "are no random sample, so precision and noise rate may be far from those of the other rows."
        )
    return found


def from_planted(trial: Trial, flagged: int, count: int) -> dict[str, Any]:
    """Returns the same from planted errors; noise rate and precision are None where the flags tell nothing apart."""
    hits, planted = int(np.sum(trial.wrong & trial.flagged)), int(trial.wrong.sum())
    alarms, right = int(np.sum(~trial.wrong & trial.flagged)), int(np.sum(~trial.wrong))
    found = {"recall": wilson(hits, planted), "false_alarms": wilson(alarms, right)}
    r, f, share = hits / max(planted, 1), alarms / max(right, 1), flagged / max(count, 1)
    if not flagged or r <= f:
        return {"precision": None, **found, "noise_rate": None}
    rng = np.random.default_rng(0)
    draw_r, draw_f, draw_share = (
        rng.beta(k + 0.5, n - k + 0.5, DRAWS) for k, n in ((hits, planted), (alarms, right), (flagged, count))
    )
    noise = _noise(r, f, share)
    draws = _noise(draw_r, draw_f, draw_share)
    precision = between(float(r * noise / share), draw_r * draws / draw_share)
    return {"precision": precision, **found, "noise_rate": between(float(noise), draws)}


def label_noise(suggested: np.ndarray, given: np.ndarray, num_classes: int) -> np.ndarray:
    """Returns [C, C]: how often a suggested class comes with which given one; suggestions stand for the truth.

    Rows sum to one. A tenth of a row is added to every cell, so that no error is thought impossible.
    """
    counts = np.full((num_classes, num_classes), 0.1)
    np.add.at(counts, (suggested, given), 1)
    return counts / counts.sum(axis=1, keepdims=True)


def _noise(r: Any, f: Any, share: Any) -> Any:
    return np.clip((share - f) / np.maximum(r - f, 1e-6), 0, 1)


def _planted(rng: np.random.Generator, classes: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Returns the classes [n] with a wrong one in every second row, drawn by `noise` [true, given]."""
    carried = classes.copy()
    for row in rng.permutation(len(classes))[: (len(classes) + 1) // 2]:
        chances = np.where(np.arange(len(noise)) == classes[row], 0, noise[classes[row]])
        carried[row] = rng.choice(len(noise), p=chances / chances.sum())
    return carried
