"""Which candidates run on own data, and how far, inside a time budget.

Fast classifiers on views of the inputs run in full where rows are `FEW` or fewer and they fit into a budget that is
asked for, by the number of rows and then by the clock. Otherwise all but the quickest have to fit into the budget, and
so do the networks of `meta_noise.cleaning.fold_networks` on any number. Of more than `MANY` rows fast classifiers learn
the labels of a sample of `LEARNED`, which says the same, and are asked about all. A candidate that is cut short has
learned from a part of the rows, a network for a part of its training; what it says of a row never comes from a model
that saw its label.
"""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console

from meta_noise.cleaning.fold_networks import FEWEST, Kind
from meta_noise.cleaning.network_trial import Network, further, kinds_of, new_network
from meta_noise.cleaning.tournament.bases import Base, Belief, bases_of, beliefs_of
from meta_noise.cleaning.tournament.candidates.linear import linear
from meta_noise.cleaning.tournament.halving import NOTHING, Reached, Runner, Tried, expected_seconds, halve
from meta_noise.cleaning.tournament.judge import log_likelihood
from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.cleaning.tournament.transition import through
from meta_noise.data.own import Own
from meta_noise.errors import InputError
from meta_noise.train.cost import duration
from meta_noise.types import Learner

FEW = 20_000
MANY, LEARNED = 100_000, 50_000
PER_ROW = {  # seconds that a fast candidate is guessed to take for a row: the first whose word is in its name
    "neighbours": 0.00005,
    "boosted": 0.0015,
    "forest": 0.0018,
    "short vectors": 0.0005,
    "numbers": 0.0005,
    "radial": 0.001,
    "topics": 0.001,
    "": 0.0045,
}
SHORT = "linear on short vectors"
LEAST = 5.0  # seconds of the smallest budget
TUNING, MOST_TUNING = 0.15, 40.0  # share of a budget, and seconds at most, that are kept for a tuning


class Trial(NamedTuple):
    """What ran: `bases` name -> p(given | x) [N, C], `beliefs` name -> p(y | x) [N, C], `tried` name -> what became of
    it."""

    bases: dict[str, np.ndarray]
    beliefs: dict[str, np.ndarray]
    tried: dict[str, Tried]


class Plan(NamedTuple):
    """Candidates that can run.

    Attributes:
        problem, own: the rows; `own` is None where no network is to be tried.
        runners: by name, in the order in which they run.
        networks: those of them that are networks.
        bases: names of those that say p(given | x), the others say p(y | x).
        found: name -> probabilities [N, C] of the furthest run so far.
        budget: seconds; infinite where all of them run in full, whatever that takes.
        seed: of networks.
        console: where it is said what runs.
    """

    problem: Problem
    own: Own | None
    runners: dict[str, Runner]
    networks: dict[str, Network]
    bases: set[str]
    found: dict[str, np.ndarray]
    budget: float
    seed: int
    console: Console

    def said(self) -> str:
        """Returns how long the candidates will take, in words."""
        seconds = duration(expected_seconds(self.runners, self.budget))
        how = "at most" if self.networks else "about"
        return f"{len(self.runners)} candidates are tried, for {how} {seconds} (--budget changes that)."


def read_budget(text: str) -> float:
    """Returns the seconds of a budget such as 90, 90s, 5m or 1h; 0 for "", which leaves it to the size of the data.

    Raises:
        InputError: it is no time, or too small for any candidate.
    """
    units = {"s": 1, "m": 60, "h": 3600}
    number, unit = (text[:-1], units[text[-1]]) if text[-1:] in units else (text, 1)
    try:
        seconds = float(number) * unit if text else 0.0
    except ValueError:
        seconds = np.nan
    if not np.isfinite(seconds) or (text and seconds <= 0):
        raise InputError(f"--budget is {text!r}; give a time such as 90s, 5m or 1h.")
    if text and seconds < LEAST:
        raise InputError(f"--budget is {text!r}, too little for one candidate; give {LEAST:.0f}s or more.")
    return seconds


def plan(problem: Problem, own: Own | None, budget: float, seed: int, console: Console) -> Plan:
    """Returns what can run within `budget` seconds; 0 stands for what suits the size of the data, without a network.

    No network is tried, either, where `own` is None.
    """
    rows, checked = len(problem.given), int(np.sum(problem.truth >= 0))
    learned = 1.0 if rows <= MANY else LEARNED / rows
    found = dict[str, np.ndarray]()
    bases, beliefs = bases_of(problem), beliefs_of(problem) if checked else {}
    guess = {name: guessed_seconds(name, learned * rows) for name in (*bases, *beliefs, SHORT)}
    together = sum(guess[name] for name in (*bases, *beliefs))
    near = f"linear on {problem.views.near_as}"
    short = near if near in bases else SHORT
    in_full = rows <= FEW and (not budget or together <= budget / 2)
    budget_of_rest = np.inf if in_full else 2 * together
    planned = Plan(problem, own, {}, {}, set(bases), found, budget or budget_of_rest, seed, console)

    def fast(name: str, run: Callable[[float], np.ndarray], always: bool) -> None:
        def score(share: float, until: float) -> Reached:
            del until
            found[name] = run(share * learned)
            return Reached(_score(planned, name), share)

        planned.runners[name] = Runner(score, guess[name], always)

    for name, base in bases.items():
        fast(name, _on_a_part(problem, base), in_full or name in ("neighbours", short))
    if not in_full and short == SHORT:
        planned.bases.add(SHORT)
        fast(SHORT, _on_a_part(problem, lambda part: linear(part, part.views.near)), True)
    for name, belief in beliefs.items():
        fast(name, _on_what_is_found(problem, belief, tuple(planned.bases), found), in_full)
    if budget and own is not None:
        planned.bases.add("network")
        for name, kind in kinds_of(own.kind, checked):
            _add(planned, name, kind)
    return planned


def guessed_seconds(name: str, rows: float) -> float:
    """Returns how long a fast candidate is expected to take."""
    return rows * next(seconds for word, seconds in PER_ROW.items() if word in name)


def _add(planned: Plan, name: str, kind: Kind, start: tuple[Learner, ...] = ()) -> None:
    """Adds a network to a plan."""
    assert planned.own is not None
    network, first = new_network(planned.problem, planned.own, planned.seed, kind, start)

    def run(share: float, until: float) -> Reached | None:
        now = further(network, planned.problem, name, share, until, planned.console)
        if now is None:
            return None
        planned.found[name] = now.predicted
        return Reached(_score(planned, name), now.share, now.note)

    planned.networks[name] = network
    planned.runners[name] = Runner(run, first, stops=True)


def carry_out(planned: Plan) -> Trial:
    """Returns what the candidates of a plan say; the best network is tuned on trusted rows in the end."""
    begin = time.monotonic()
    is_tuned = bool(planned.networks) and int(np.sum(planned.problem.truth >= 0)) >= FEWEST
    kept = min(TUNING * planned.budget, MOST_TUNING) if is_tuned else 0.0
    tried = halve(planned.runners, planned.budget - kept, time.monotonic, time.process_time)
    scores = {name: tried[name].score for name, one in planned.networks.items() if one.top and not one.top[0].is_pair}
    able = {name: score for name, score in scores.items() if score is not None}
    if is_tuned and able:
        best = max(able, key=lambda name: able[name])
        name, start = f"{best}, tuned", planned.networks[best].top[0].learners
        _add(planned, name, Kind(learns="trusted"), start)
        left = planned.budget - (time.monotonic() - begin)
        guess = min(tried[name].first for name in able)  # it compiles as much as the simplest of them
        tried |= halve({name: planned.runners[name]._replace(guess=guess)}, left, time.monotonic)
    return _trial(planned, tried)


def try_out(planned: Plan, seconds: float) -> Trial:
    """Returns what the quick candidates say, whatever the time, and what others do that fit into so many seconds."""
    quick = {name: runner for name, runner in planned.runners.items() if runner.always}
    others = {name: runner for name, runner in planned.runners.items() if not runner.always}
    tried = halve(quick, np.inf, time.monotonic)
    return _trial(planned, tried | (halve(others, seconds, time.monotonic) if seconds else {}))


def repeat(planned: Plan, shares: Mapping[str, float]) -> Trial:
    """Returns what the named candidates say, each run to its share of a full run, whatever the time."""
    tried = {}
    for name, share in shares.items():
        reached = planned.runners[name].run(share, np.inf)
        tried[name] = NOTHING if reached is None else Tried(reached.share, reached.score, 0.0, "chosen before")
    return _trial(planned, tried)


def _trial(planned: Plan, tried: dict[str, Tried]) -> Trial:
    found = {name: planned.found[name] for name, one in tried.items() if one.score is not None}
    bases = {name: p for name, p in found.items() if name in planned.bases}
    return Trial(bases, {name: p for name, p in found.items() if name not in bases}, tried)


def _score(planned: Plan, name: str) -> float:
    """Returns how probable right labels are, or given ones where no row is trusted."""
    problem, p = planned.problem, planned.found[name]
    if (problem.truth >= 0).any():
        known = problem.truth >= 0
        return float(log_likelihood(p[known], problem.truth[known]).mean())
    known = problem.given >= 0
    p = p if name in planned.bases else through(p, problem.given)
    return float(log_likelihood(p[known], problem.given[known]).mean())


def _on_what_is_found(
    problem: Problem, belief: Belief, bases: Collection[str], found: Mapping[str, np.ndarray]
) -> Callable[[float], np.ndarray]:
    """Returns `share -> p(y | x) [N, C]`, for when the bases are found."""
    return lambda share: belief(_part(problem, share), {name: found[name] for name in bases if name in found})


def _on_a_part(problem: Problem, base: Base) -> Callable[[float], np.ndarray]:
    """Returns `share -> p(given | x) [N, C]` from models that learned from that share of the labels."""
    return lambda share: base(_part(problem, share))


def _part(problem: Problem, share: float) -> Problem:
    """Returns the problem with that share of the given labels."""
    if share >= 1:
        return problem
    left_out = np.random.default_rng(problem.seed).random(len(problem.given)) >= share
    return problem._replace(given=np.where(left_out, -1, problem.given))


def as_json(tried: dict[str, Tried]) -> list[dict[str, Any]]:
    """Returns what became of each candidate, as results.json holds it; no times, which differ from run to run."""
    return [{"name": name, "share": one.share, "why": one.why} for name, one in tried.items()]
