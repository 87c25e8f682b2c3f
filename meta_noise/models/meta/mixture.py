"""Pseudo-clean rows: those whose loss belongs to the lower of two groups.

Right labels are learned first, so the losses of all training rows fall into two groups, and a Gaussian mixture with two
components says which row belongs to the lower one. Li, Socher, Hoi, "DivideMix: Learning with Noisy Labels as
Semi-supervised Learning", ICLR 2020, section 3.1; FaMUS (Xu et al., CVPR 2021, supplement, algorithm 2) does the same.
"""

import warnings
from typing import NamedTuple

import numpy as np

THRESHOLD = 0.5  # probability from which a row is pseudo-clean


class Division(NamedTuple):
    """Rows divided by a threshold: `chosen` [N] bool, and `note`, a sentence where the threshold had to give way."""

    chosen: np.ndarray
    note: str | None


def clean_probability(losses: np.ndarray, seed: int) -> np.ndarray:
    """Returns the probability that a row belongs to the group of lower losses, [N] float32, 0 where the loss is NaN.

    Losses are scaled to [0, 1] first. If they are all the same nothing can be told apart: the answer is 0.5.

    Args:
        losses: [N], NaN for rows that do not take part.
        seed: of the mixture's starting values.
    """
    from sklearn.exceptions import ConvergenceWarning  # a second to import, which a finished run should not cost
    from sklearn.mixture import GaussianMixture

    known = np.isfinite(losses)
    values = losses[known].astype(np.float64)
    probability = np.zeros(len(losses), np.float32)
    if len(values) < 2 or np.ptp(values) < 1e-12:
        probability[known] = 0.5
        return probability
    scaled = ((values - values.min()) / np.ptp(values))[:, None]
    mixture = GaussianMixture(2, max_iter=10, tol=1e-2, reg_covar=5e-4, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # ten iterations are the published setting
        mixture.fit(scaled)
    probability[known] = mixture.predict_proba(scaled)[:, np.argmin(mixture.means_)]
    return probability


def divide(probability: np.ndarray, eligible: np.ndarray, fewest: int, most: int) -> Division:
    """Returns the rows above the threshold; where these are too few or too many, the half with the higher probability.

    Args:
        probability: [N] of being clean.
        eligible: [N] bool, rows that may be chosen.
        fewest: smallest number of rows that may be chosen.
        most: largest number.
    """
    chosen = eligible & (probability > THRESHOLD)
    count, rows = int(chosen.sum()), np.flatnonzero(eligible)
    if fewest <= count <= most:
        return Division(chosen, None)
    half = rows[np.argsort(-probability[rows], kind="stable")[: max(len(rows) // 2, 1)]]
    chosen = np.zeros_like(eligible)
    chosen[half] = True
    return Division(
        chosen,
        f"The mixture called {count} of {len(rows)} rows clean, which leaves one side too small; the half of the rows "
        "with the highest probability was taken instead.",
    )


def cover_classes(chosen: np.ndarray, losses: np.ndarray, labels: np.ndarray, num_classes: int, count: int):
    """Returns `chosen` with at least `count` rows of each class that has them, by lowest loss, and a note or None."""
    chosen, missing = chosen.copy(), []
    for klass in range(num_classes):
        members = np.flatnonzero((labels == klass) & np.isfinite(losses))
        lacking = count - int(chosen[members].sum())
        if lacking > 0 and len(members):
            rest = members[~chosen[members]]
            chosen[rest[np.argsort(losses[rest], kind="stable")[:lacking]]] = True
            missing.append(klass)
    if not missing:
        return chosen, None
    return chosen, (
        f"Of {len(missing)} of {num_classes} classes fewer than {count} rows were pseudo-clean; the rows of these "
        "classes with the lowest loss were added."
    )
