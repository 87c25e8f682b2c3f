"""Candidates that look at given labels alone: p(given | x) of each row from models that did not see its label."""

import functools
from collections.abc import Callable, Mapping

import numpy as np

from meta_noise.cleaning.tournament.candidates.linear import linear
from meta_noise.cleaning.tournament.candidates.neighbours import neighbours
from meta_noise.cleaning.tournament.candidates.trees import boosted, forest
from meta_noise.cleaning.tournament.problem import Problem

Base = Callable[[Problem], np.ndarray]


def bases_of(problem: Problem) -> dict[str, Base]:
    """Returns the candidates that suit the data, by name, simplest first."""
    found: dict[str, Base] = {}
    for name, view in problem.views.linear.items():
        found[f"linear on {name}"] = functools.partial(linear, x=view)
    found["neighbours"] = neighbours
    if problem.views.numbers is not None:
        found |= {"forest": forest, "boosted trees": boosted}
    return found


def run_bases(problem: Problem, bases: Mapping[str, Base]) -> dict[str, np.ndarray]:
    """Returns name -> p(given | x) [N, C]."""
    return {name: base(problem) for name, base in bases.items()}
