"""What all candidates are given, and what each of them has to give back."""

from typing import NamedTuple

import numpy as np

from meta_noise.cleaning.tournament.softmax import folds_of
from meta_noise.cleaning.views import Views

MANY = 5_000  # rows from which three folds are enough


class Problem(NamedTuple):
    """Rows with labels that may be wrong, some of them checked.

    Attributes:
        views: the inputs as matrices.
        given: [N] int class as the data have it, -1 where unknown.
        truth: [N] int class that a person has found, -1 for rows that are not trusted.
        num_classes: C.
        fold_of: [N] int fold; what is said of a row comes from models that saw no label of its fold.
        seed: of what is drawn.
        evidence: [N, C] how probable what is known of each label is given each true class, up to a factor for each row,
            told without `truth`; None where the given label is all that is known, and the transition tells it.
        nearest: [N, K] the nearest labelled rows of each, as `candidates.neighbours.near_rows` finds them; None where
            they are not found yet. Problems of the same rows can share them.
    """

    views: Views
    given: np.ndarray
    truth: np.ndarray
    num_classes: int
    fold_of: np.ndarray
    seed: int = 0
    evidence: np.ndarray | None = None
    nearest: np.ndarray | None = None

    @property
    def folds(self) -> int:
        return int(self.fold_of.max()) + 1

    @property
    def share(self) -> np.ndarray:
        """Shares [C] of the given classes, none of them zero."""
        counts = np.bincount(self.given[self.given >= 0], minlength=self.num_classes) + 0.5
        return counts / counts.sum()


def make_problem(views: Views, given: np.ndarray, truth: np.ndarray, num_classes: int, seed: int = 0) -> Problem:
    """Returns the problem with its folds: five, three where rows are many."""
    count = 5 if len(given) <= MANY else 3
    return Problem(views, given, truth, num_classes, folds_of(given, count, seed), seed)


def hidden(problem: Problem, fold: int) -> np.ndarray:
    """Returns the true classes [N] without those of one fold."""
    return np.where(problem.fold_of == fold, -1, problem.truth)
