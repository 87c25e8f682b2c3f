"""How sure a suggestion is, in a word."""

from typing import NamedTuple

import numpy as np


class Level(NamedTuple):
    """A word for probabilities of `least` and more, and what it means."""

    word: str
    least: float
    about: str


LEVELS = (
    Level("sure", 0.9, "a probability of 90% or more"),
    Level("likely", 0.7, "70 to 90%"),
    Level("perhaps", 0.5, "50 to 70%"),
    Level("a guess", 0.0, "below 50%: look before you believe it"),
)


def level_of(probability: float) -> Level:
    """Returns the level of a probability in 0..1."""
    return next(level for level in LEVELS if probability >= level.least or level is LEVELS[-1])


def counts_of(probabilities: np.ndarray) -> list[int]:
    """Returns how many of the probabilities [N] in 0..1 are of each of `LEVELS`."""
    passed = np.searchsorted([level.least for level in LEVELS[-2::-1]], probabilities, side="right")
    return np.bincount(passed, minlength=len(LEVELS))[::-1].tolist()
