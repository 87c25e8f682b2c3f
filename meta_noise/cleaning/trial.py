"""Which candidates run on own data, and how far, inside a time budget.

Fast classifiers on views of the inputs run in full where rows are `FEW` or fewer. On more rows all but the quickest
have to fit into the budget, and so do the networks of `meta_noise.cleaning.fold_networks` on any number. A candidate
that is cut short has learned from a part of the rows, a network for a part of its epochs; what it says of a row never
comes from a model that saw its label.
"""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

import numpy as np

from meta_noise.cleaning.choose import PLAIN
from meta_noise.cleaning.fold_networks import FEWEST, METHODS, network
from meta_noise.cleaning.tournament.bases import Base, Belief, bases_of, beliefs_of
from meta_noise.cleaning.tournament.candidates.linear import linear
from meta_noise.cleaning.tournament.halving import Runner, Tried, expected_seconds, halve
from meta_noise.cleaning.tournament.judge import log_likelihood
from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.data.own import Own
from meta_noise.errors import InputError
from meta_noise.train.cost import duration

FEW = 20_000
PER_ROW = 0.004  # seconds that a fast candidate is guessed to take for a row
NETWORK_GUESS = 120.0  # seconds, most of them of compiling
LEAST = 5.0  # seconds of the smallest budget


class Trial(NamedTuple):
    """What ran: `bases` name -> p(given | x) [N, C], `beliefs` name -> p(y | x) [N, C], `tried` name -> what became of
    it."""

    bases: dict[str, np.ndarray]
    beliefs: dict[str, np.ndarray]
    tried: dict[str, Tried]


class Plan(NamedTuple):
    """Candidates that can run.

    Attributes:
        bases: by name, those that learn given labels alone.
        beliefs: by name, those that learn trusted ones, too; they run afterwards.
        found: name -> probabilities [N, C] of the furthest run so far.
        budget: seconds.
    """

    bases: dict[str, Runner]
    beliefs: dict[str, Runner]
    found: dict[str, np.ndarray]
    budget: float

    def said(self) -> str:
        """Returns how long the candidates will take, in words."""
        both = self.bases | self.beliefs
        return (
            f"{len(both)} candidates are tried, for about {duration(expected_seconds(both, self.budget))} (--budget "
            "changes that)."
        )


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


def plan(problem: Problem, own: Own | None, budget: float, seed: int) -> Plan:
    """Returns what can run within `budget` seconds; 0 stands for what suits the size of the data, without a network.

    No network is tried, either, where `own` is None.
    """
    rows, checked = len(problem.given), int(np.sum(problem.truth >= 0))
    is_few, guess = rows <= FEW, PER_ROW * rows
    found: dict[str, np.ndarray] = {}

    def runner(name: str, run: Callable[[float], np.ndarray], guess: float, always: bool) -> Runner:
        def score(share: float) -> float:
            found[name] = run(share)
            labels = problem.truth if checked else problem.given
            return float(log_likelihood(found[name][labels >= 0], labels[labels >= 0]).mean())

        return Runner(score, guess, always)

    def trained(name: str, method: str, own: Own) -> Runner:
        return runner(name, lambda share: network(problem, own, seed, share, method), NETWORK_GUESS + guess, False)

    bases = {
        name: runner(name, _on_a_part(problem, base), guess, is_few or name == "neighbours")
        for name, base in bases_of(problem).items()
    }
    if not is_few:
        short = "linear on short vectors"
        bases[short] = runner(short, lambda share: linear(problem, problem.views.near), guess, True)
    beliefs = {
        name: runner(name, _on_what_is_found(problem, belief, tuple(bases), found), guess, is_few)
        for name, belief in (beliefs_of(problem) if checked else {}).items()
    }
    if budget and own is not None:
        bases["network"] = trained("network", PLAIN, own)
        led = METHODS if checked >= FEWEST else ()
        beliefs |= {f"network by {method}": trained(f"network by {method}", method, own) for method in led}
    return Plan(bases, beliefs, found, budget or 2 * guess * len(bases | beliefs))


def carry_out(planned: Plan) -> Trial:
    """Returns what the candidates of a plan say."""
    begin = time.monotonic()
    tried = halve(planned.bases, planned.budget, time.monotonic)
    left = max(planned.budget - (time.monotonic() - begin), 0.0)
    tried |= halve(planned.beliefs, left, time.monotonic)
    bases, beliefs = (
        {name: planned.found[name] for name in runners if name in planned.found}
        for runners in (planned.bases, planned.beliefs)
    )
    return Trial(bases, beliefs, tried)


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
