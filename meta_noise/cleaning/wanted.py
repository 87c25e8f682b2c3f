"""What is asked of the tournament beside the data."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from meta_noise.cleaning.tournament.flags import BY_NOISE, Threshold


class Before(NamedTuple):
    """What the round before said of N rows.

    Attributes:
        suggested: [N] int class, -1 for a row that it did not have.
        probability, quality: [N] in 0..1.
        is_issue: [N] bool.
        fresh: [N] bool, the row was drawn at random, and its true class has become known since.
    """

    suggested: np.ndarray
    probability: np.ndarray
    quality: np.ndarray
    is_issue: np.ndarray
    fresh: np.ndarray


class Asked(NamedTuple):
    """What a user asked of the tournament.

    Attributes:
        threshold: of the flags.
        seed: of folds and draws.
        budget: seconds; 0 for what suits the size of the data.
        further: name -> p(given | x) [N, C] of models that did not see the label of the row.
        by_chance: see `meta_noise.cleaning.own_noise.labelled`.
        before: what the round before said; None where there was none.
    """

    threshold: Threshold = BY_NOISE
    seed: int = 0
    budget: float = 0.0
    further: Mapping[str, np.ndarray] = {}
    by_chance: np.ndarray | None = None
    before: Before | None = None


USUAL = Asked()
