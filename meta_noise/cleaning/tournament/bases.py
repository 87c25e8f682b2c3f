"""Candidates that are no networks. What they say of a row comes from models that did not see its label."""

import functools
from collections.abc import Callable, Mapping

import numpy as np

from meta_noise.cleaning.tournament.answer import pool_of, transitions_of
from meta_noise.cleaning.tournament.candidates.gold import gold_loss_correction
from meta_noise.cleaning.tournament.candidates.linear import linear
from meta_noise.cleaning.tournament.candidates.neighbours import neighbours
from meta_noise.cleaning.tournament.candidates.trees import boosted, forest
from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.cleaning.tournament.transition import floored

Base = Callable[[Problem], np.ndarray]
Belief = Callable[[Problem, Mapping[str, np.ndarray]], np.ndarray]
"""`(problem, base -> p(given | x) [N, C]) -> p(y | x) [N, C]`."""


def bases_of(problem: Problem) -> dict[str, Base]:
    """Returns the candidates that look at given labels alone and suit the data, by name, simplest first."""
    found: dict[str, Base] = {}
    for name in problem.views.linear:
        found[f"linear on {name}"] = functools.partial(_linear_on, name=name)
    found["neighbours"] = neighbours
    if problem.views.numbers is not None:
        found |= {"forest": forest, "boosted trees": boosted}
    return found


def _linear_on(problem: Problem, name: str) -> np.ndarray:
    return linear(problem, problem.views.linear[name])


def beliefs_of(problem: Problem) -> dict[str, Belief]:
    """Returns the candidates that learn trusted labels, too, by name: one for each view of few columns."""

    def on(x: np.ndarray) -> Belief:
        def believe(problem: Problem, bases: Mapping[str, np.ndarray]) -> np.ndarray:
            pool = pool_of(problem, {name: floored(p, problem.share) for name, p in bases.items()})
            return gold_loss_correction(problem, x, transitions_of(problem, pool))

        return believe

    dense = {name: x for name, x in problem.views.linear.items() if isinstance(x, np.ndarray)}
    return {f"gold loss correction on {name}": on(x) for name, x in dense.items()}
