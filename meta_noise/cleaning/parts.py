"""Very many rows in parts, each judged by itself, so that memory is that of a part and time grows as the rows do.

On the first part all candidates are tried, for half of the budget; which of them are worth their time is decided there.
The others are judged by the quick ones and, best first, by as many of the others as fit into the rest of the budget by
the time that they took. So all parts are judged by the same candidates but for the first, and no clock stops them.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from rich.console import Console

from meta_noise.cleaning.annotators import evidence_of
from meta_noise.cleaning.own_noise import Labelled, given_and_true, labelled
from meta_noise.cleaning.tournament.answer import Answer, answer
from meta_noise.cleaning.tournament.halving import Tried
from meta_noise.cleaning.tournament.problem import Problem, make_problem
from meta_noise.cleaning.trial import Plan, Trial, carry_out, plan, repeat, try_out
from meta_noise.cleaning.wanted import Asked
from meta_noise.data.own import Own
from meta_noise.terminal import say

TOGETHER = 200_000  # rows that are judged together
TRUSTED = 5_000  # trusted rows that are in every part; of more, each part has its share and so many at least


class Judged(NamedTuple):
    """A part of the rows with what its candidates say of it; `chosen` name -> share of a full run, for other parts."""

    problem: Problem
    tried: dict[str, Tried]
    answer: Answer
    chosen: dict[str, float]


def parts_of(given: np.ndarray, truth: np.ndarray, seed: int) -> list[np.ndarray]:
    """Returns the row numbers of each part: the rows that are not trusted at random, and trusted ones.

    Up to `TRUSTED` trusted rows are in all parts. They are learned many times over: if more were, time would grow as
    the square of the rows. Those with a given label tell the most, so they are shared out apart from the others.

    Args:
        given: [N] given classes, -1 where unknown.
        truth: [N] trusted classes, -1 for rows that are not trusted.
        seed: of the parts.
    """
    if len(truth) <= TOGETHER:
        return [np.arange(len(truth))]
    rng = np.random.default_rng([seed, 11])
    order = rng.permutation(np.flatnonzero(truth < 0))
    count = max(-(-len(order) // TOGETHER), 1)
    counted = _shared_out(rng, np.flatnonzero((truth >= 0) & (given >= 0)), count)
    others = _shared_out(rng, np.flatnonzero((truth >= 0) & (given < 0)), count)
    return [np.sort(np.concatenate(rows)) for rows in zip(counted, others, np.array_split(order, count), strict=True)]


def _shared_out(rng: np.random.Generator, rows: np.ndarray, count: int) -> list[np.ndarray]:
    """Returns `count` draws of the row numbers, each of `TRUSTED` or of its share, if that is more; all are in some."""
    size = min(max(TRUSTED, -(-len(rows) // count)), len(rows))
    order = rng.permutation(rows)
    return [np.roll(order, -(part * len(rows) // count))[:size] for part in range(count)]


def judge_first(own: Own, data: Labelled, parts: list[np.ndarray], asked: Asked, console: Console) -> Judged:
    """Returns what candidates say of the first part, of which `data` are; networks are tried if it is the only one."""
    problem = _problem(own, data, parts[0], asked, _evidence(own, asked))
    if len(parts) == 1:
        planned = plan(problem, own, asked.budget, asked.seed, console)
        say(console, planned.said())
        return _judged(problem, carry_out(planned), parts[0], asked, {})
    say(console, f"{len(parts)} parts of the rows are judged, each by itself.")
    planned = plan(problem, None, asked.budget, asked.seed, console)
    trial = try_out(planned, asked.budget / 2)
    chosen = _chosen(planned, trial.tried, asked.budget / 2 / (len(parts) - 1))
    return _judged(problem, trial, parts[0], asked, chosen)


def judge_others(
    own: Own, chosen: dict[str, float], parts: list[np.ndarray], asked: Asked, console: Console
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Gives the row numbers [n] of all parts but the first, and p(y | x, given) [n, C] by the chosen candidates."""
    evidence = _evidence(own, asked)
    for rows in parts[1:]:
        problem = _problem(own, labelled(own, rows, asked.by_chance), rows, asked, evidence)
        planned = plan(problem, None, asked.budget, asked.seed, console)
        yield rows, _judged(problem, repeat(planned, chosen), rows, asked, chosen).answer.posterior


def together(problem: Problem, own: Own, rows: np.ndarray | None = None) -> Problem:
    """Returns the problem, of all rows or the given row numbers, with rows of the same inputs in one fold each."""
    if not own.duplicates:
        return problem
    ids = own.source.ids if rows is None else own.source.ids[rows]
    place = {identity: row for row, identity in enumerate(ids.tolist())}
    fold_of = problem.fold_of.copy()
    for group in own.duplicates:
        same = [place[one] for one in group if one in place]
        fold_of[same] = fold_of[same[:1]]
    return problem._replace(fold_of=fold_of) if len(np.unique(fold_of)) == problem.folds else problem


def _evidence(own: Own, asked: Asked) -> np.ndarray | None:
    """Returns what the votes of all rows tell [N, C], as `Problem` has it for some; None where they tell no more."""
    return None if own.crowd is None else evidence_of(own.crowd, given_and_true(own, asked.by_chance)[0])


def _problem(own: Own, data: Labelled, rows: np.ndarray, asked: Asked, evidence: np.ndarray | None) -> Problem:
    problem = make_problem(data.views, data.given, data.truth, len(own.class_names), asked.seed)
    problem = problem._replace(evidence=None if evidence is None else evidence[rows])
    return together(problem, own, rows)


def _judged(problem: Problem, trial: Trial, rows: np.ndarray, asked: Asked, chosen: dict[str, float]) -> Judged:
    bases = trial.bases | {name: p[rows] for name, p in asked.further.items()}
    return Judged(problem, trial.tried, answer(problem, bases, trial.beliefs), chosen)


def _chosen(planned: Plan, tried: dict[str, Tried], seconds: float) -> dict[str, float]:
    """Returns name -> share of a full run, in the order in which they run: the quick candidates, and the best of the
    others that take so many seconds together."""
    score = {name: one.score for name, one in tried.items() if one.score is not None}
    found, others = {name for name in score if planned.runners[name].always}, sorted(score, key=lambda n: -score[n])
    for name in others:
        if name not in found and tried[name].seconds <= seconds:
            seconds -= tried[name].seconds
            found.add(name)
    return {name: tried[name].share for name in planned.runners if name in found}
