"""GLC: the transition matrix as a first network shows it on the trusted rows, then training anew.

D. Hendrycks, M. Mazeika, D. Wilson, K. Gimpel, "Using Trusted Data to Train Deep Networks on Labels Corrupted by Severe
Noise", NeurIPS 2018, https://arxiv.org/abs/1802.05300, algorithm 1. A network is trained on the untrusted rows; then

    T[c, :] = mean over trusted rows of class c of softmax(z(x)),

and training begins anew on all rows, see `by_matrix`. Its table also has "confusion matrix": the rows of `T` are shares
of the classes that the first network names, mixed with 1% of a uniform row as in the released code. A class without
trusted rows has a uniform row. The two trainings are as long as each other.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from meta_noise.core.single import Objective
from meta_noise.objectives.by_matrix import corrected_by_matrix

DEFAULTS = dict(warmup=1.0, restarts=True, train_on="both")
SMOOTHING = 0.01  # share of a uniform row


def glc(
    class_counts: Sequence[int] = (),
    num_rows: int = 0,
    trusted_rows: Sequence[int] = (),
    estimate: Literal["probabilities", "classes"] = "probabilities",
) -> Objective:
    """Returns the objective of GLC; the targets reported for a row are the posterior of its true class.

    Args:
        class_counts: [C], filled in by the builder.
        num_rows: N, likewise.
        trusted_rows: likewise.
        estimate: "probabilities" as GLC, "classes" for the confusion matrix.

    Raises:
        ValueError: `estimate` is neither of the two.

    >>> from meta_noise.methods.glc import glc
    >>> made = glc(class_counts=[30, 20, 10], num_rows=60, trusted_rows=[0, 1, 2])
    >>> type(made).__name__
    'Objective'
    """
    if estimate not in ("probabilities", "classes"):
        raise ValueError(f"estimate must be 'probabilities' or 'classes', got {estimate!r}")
    classes = len(class_counts)

    def matrix(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
        if estimate == "classes":
            named = np.eye(classes)[np.argmax(probabilities, axis=1)]
            probabilities = (1 - SMOOTHING) * named + SMOOTHING / classes
        rows = np.full((classes, classes), 1 / classes)
        for klass in np.unique(labels):
            rows[klass] = probabilities[labels == klass].mean(axis=0)
        return rows

    return corrected_by_matrix(classes, num_rows, trusted_rows, matrix, on_trusted=True)
