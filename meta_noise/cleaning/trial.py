"""Which candidates run on own data, and how far, inside a time budget.

Fast classifiers on views of the inputs run in full where rows are `FEW` or fewer. On more rows all but the quickest
have to fit into the budget, and so does the network of the data, trained plainly on the other folds, on any number. A
candidate that is cut short has learned from a part of the rows, the network for a part of its epochs; what it says of a
row never comes from a model that saw its label.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from meta_noise.build.defaults import resolved
from meta_noise.cleaning.choose import choose
from meta_noise.cleaning.noise import quick_bases
from meta_noise.cleaning.tournament.bases import Base, bases_of
from meta_noise.cleaning.tournament.halving import Runner, Tried, expected_seconds, halve
from meta_noise.cleaning.tournament.judge import log_likelihood
from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.config.schema import Clean
from meta_noise.data.own import Own
from meta_noise.errors import InputError
from meta_noise.runs.run import TrainingData, train_source
from meta_noise.train.cost import duration
from meta_noise.train.sharding import placement

FEW = 20_000
PER_ROW = 0.004  # seconds that a fast candidate is guessed to take for a row
NETWORK_FOLDS, NETWORK_GUESS = 3, 120.0  # seconds, most of them of compiling
LEAST = 5.0  # seconds of the smallest budget


class Trial(NamedTuple):
    """What ran: `bases` name -> p(given | x) [N, C], and `tried` name -> what became of it."""

    bases: dict[str, np.ndarray]
    tried: dict[str, Tried]


class Plan(NamedTuple):
    """Candidates that can run.

    Attributes:
        runners: by name.
        found: name -> p(given | x) [N, C] of the furthest run so far.
        budget: seconds.
    """

    runners: dict[str, Runner]
    found: dict[str, np.ndarray]
    budget: float

    def said(self) -> str:
        """Returns how long the candidates will take, in words."""
        return (
            f"{len(self.runners)} candidates are tried, for about "
            f"{duration(expected_seconds(self.runners, self.budget))} (--budget changes that)."
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


def plan(problem: Problem, own: Own, budget: float, seed: int) -> Plan:
    """Returns what can run within `budget` seconds; 0 stands for what suits the size of the data, without a network."""
    rows, found = len(problem.given), {}
    runners: dict[str, Runner] = {}
    is_few = rows <= FEW

    def runner(name: str, run: Callable[[float], np.ndarray], guess: float, always: bool) -> None:
        def score(share: float) -> float:
            found[name] = run(share)
            known = problem.given >= 0
            return float(log_likelihood(found[name][known], problem.given[known]).mean())

        runners[name] = Runner(score, guess, always)

    guess = PER_ROW * rows
    for name, base in bases_of(problem).items():
        runner(name, _on_a_part(problem, base), guess, is_few or name == "neighbours")
    if not is_few:
        runner("linear on short vectors", lambda share: quick_bases(problem)["linear"], guess, True)
    if budget:
        runner("network", lambda share: network(problem, own, seed, share), NETWORK_GUESS + guess, False)
    return Plan(runners, found, budget or 2 * guess * len(runners))


def carry_out(planned: Plan) -> Trial:
    """Returns what the candidates of a plan say."""
    tried = halve(planned.runners, planned.budget, time.monotonic)
    return Trial({name: planned.found[name] for name in planned.runners if name in planned.found}, tried)


def _on_a_part(problem: Problem, base: Base) -> Callable[[float], np.ndarray]:
    """Returns `share -> p(given | x) [N, C]` from models that learned from that share of the labels."""

    def run(share: float) -> np.ndarray:
        if share >= 1:
            return base(problem)
        left_out = np.random.default_rng(problem.seed).random(len(problem.given)) >= share
        return base(problem._replace(given=np.where(left_out, -1, problem.given)))

    return run


def network(problem: Problem, own: Own, seed: int, share: float) -> np.ndarray:
    """Returns p(given | x) [N, C] by the network that suits the data, trained plainly on the other folds.

    `share` of the usual epochs; wrong labels are learned by heart late, so a part is often better.
    """
    devices = placement().mesh.size
    chosen = choose(own._replace(source=own.source._replace(trusted=None)), "supervised", seed=seed, devices=devices)
    epochs = max(round(chosen.config.train.epochs * share), 1)
    source, fold_of = chosen.source, problem.fold_of % NETWORK_FOLDS
    found = np.tile(problem.share, (len(fold_of), 1)).astype(np.float32)
    for fold in range(NETWORK_FOLDS):
        train, rest = np.flatnonzero((fold_of != fold) & (problem.given >= 0)), np.flatnonzero(fold_of == fold)
        if len(train) < 4 * devices or not len(rest):
            continue
        part = source._replace(
            inputs=source.inputs[train],
            labels=problem.given[train].astype(np.int32),
            ids=source.ids[train],
            pictures=None,
        )
        batch = min(chosen.config.train.batch_size, len(train) // devices * devices)
        train_config = replace(chosen.config.train, epochs=epochs, batch_size=batch)
        config = resolved(replace(chosen.config, clean=Clean(size=0), train=train_config))
        with tempfile.TemporaryDirectory() as folder:
            fitted = train_source(config, TrainingData(part), Path(folder) / "run")
            found[rest] = fitted.predict_proba(source.inputs[rest])
    return found


def as_json(tried: dict[str, Tried]) -> list[dict[str, Any]]:
    """Returns what became of each candidate, as results.json holds it; no times, which differ from run to run."""
    return [{"name": name, "share": one.share, "why": one.why} for name, one in tried.items()]
