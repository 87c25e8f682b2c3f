"""Forward correction: the transition matrix as a first network shows it on its surest rows, then training anew.

G. Patrini, A. Rozza, A. K. Menon, R. Nock, L. Qu, "Making Deep Neural Networks Robust to Label Noise: A Loss Correction
Approach", CVPR 2017, https://arxiv.org/abs/1609.03683, equation 12 and theorem 2. A network is trained on the labels as
they are; the anchor of class c is the row to which it gives class c the highest probability, once those at or above the
97th percentile are left out as outliers, and

    T[c, :] = softmax(z(x^c))

Training begins anew with the corrected loss, see `by_matrix`; the code of GLC goes on instead. Trusted rows are not
needed; those there are train with plain cross-entropy, as in GLC's table. With `estimate="truth"` the matrix is that of
the data, where the truth is known ("forward gold"): observed shares, where the code of GLC has the probabilities that
labels were drawn with.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from meta_noise.core.single import Objective
from meta_noise.objectives.by_matrix import corrected_by_matrix


def defaults(estimate: Literal["anchors", "truth"] = "anchors", percentile: float = 97.0) -> Mapping[str, Any]:
    """Returns what the method wants: a first training where the matrix is not known."""
    del percentile
    return dict(warmup=1.0, restarts=True) if estimate == "anchors" else {}


DEFAULTS = defaults


def forward(
    class_counts: Sequence[int] = (),
    num_rows: int = 0,
    trusted_rows: Sequence[int] = (),
    true_transition: Sequence[Sequence[float]] = (),
    estimate: Literal["anchors", "truth"] = "anchors",
    percentile: float = 97.0,
) -> Objective:
    """Returns the objective of forward correction; the targets of a row are the posterior of its true class.

    Args:
        class_counts: [C], filled in by the builder.
        num_rows: N, likewise.
        trusted_rows: likewise.
        true_transition: likewise, [C, C].
        estimate: "anchors", or "truth" for the matrix of the data.
        percentile: rows from here on are no anchors, in (0, 100]; 100: all may be (CIFAR-100 in the code).

    Raises:
        ValueError: a setting is out of range, or the truth is asked for and not known.

    >>> from meta_noise.methods.forward import forward
    >>> made = forward(class_counts=[30, 20, 10], num_rows=60)
    >>> type(made).__name__
    'Objective'
    """
    if estimate not in ("anchors", "truth") or not 0 < percentile <= 100:
        raise ValueError(f"need estimate 'anchors' or 'truth', percentile in (0, 100], got {estimate!r}, {percentile}")
    if estimate == "truth" and not len(true_transition):
        raise ValueError("estimate='truth' needs data whose true labels are known; use 'anchors'")
    classes = len(class_counts)

    def matrix(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
        del labels
        rows = np.zeros((classes, classes))
        for klass in range(classes):
            sure = probabilities[:, klass]
            allowed = sure < np.percentile(sure, percentile) if percentile < 100 else np.ones(len(sure), bool)
            allowed = allowed if allowed.any() else ~allowed  # all are as sure as each other
            rows[klass] = probabilities[np.argmax(np.where(allowed, sure, -1))]
        return rows

    known = true_transition if estimate == "truth" else ()
    return corrected_by_matrix(classes, num_rows, trusted_rows, matrix, on_trusted=False, known=known)
