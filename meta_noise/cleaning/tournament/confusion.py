"""Guesses of the transition: by confident learning from given labels, and from few trusted rows with many predictions."""

import numpy as np

from meta_noise.cleaning.tournament.transition import counted, symmetric


def confident(p: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Returns the transition [C, C] that out-of-fold probabilities p(given | x) [n, C] tell of given labels [n].

    C. G. Northcutt, L. Jiang and I. L. Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal of
    Artificial Intelligence Research 70, 2021: a row is counted for the class of which it is surer than rows given as it
    usually are.
    """
    classes = p.shape[1]
    known = given >= 0
    p, given = p[known], given[known]
    counts = np.bincount(given, minlength=classes)
    usual = np.bincount(given, weights=p[np.arange(len(p)), given], minlength=classes) / np.maximum(counts, 1)
    above = np.where((p >= usual) & (counts > 0), p, -1)
    sure = above.max(axis=1) >= 0
    pairs = counted(above.argmax(axis=1)[sure], given[sure], classes) + 0.5 * np.eye(classes)
    joint = pairs / np.maximum(pairs.sum(axis=0), 1e-9) * counts  # given classes keep their shares
    share = (counts + 0.5) / (counts + 0.5).sum()
    found = joint + symmetric(0.1, share)
    return found / found.sum(axis=1, keepdims=True)


def averaged(p: np.ndarray, truth: np.ndarray, fallback: np.ndarray) -> np.ndarray:
    """Returns the transition [C, C] whose row is the mean p(given | x) over the trusted rows of a class.

    D. Hendrycks et al., "Using Trusted Data to Train Deep Networks on Labels Corrupted by Severe Noise", NeurIPS 2018.
    Works without given labels of trusted rows. One row's worth of `fallback` [C, C] stands beside them.
    """
    rows = np.flatnonzero(truth >= 0)
    total = fallback.copy()
    np.add.at(total, truth[rows], p[rows])
    return total / total.sum(axis=1, keepdims=True)
