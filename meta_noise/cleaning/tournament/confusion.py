"""Guesses of the transition, from predictions of given labels alone and from few trusted rows with many predictions."""

import numpy as np

from meta_noise.cleaning.tournament.transition import counted, symmetric

SUREST, FEWEST = 0.1, 10  # share and number of rows of a class that are called sure


def confident(p: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Returns the transition [C, C] that out-of-fold probabilities p(given | x) [n, C] tell of given labels [n].

    C. G. Northcutt, L. Jiang and I. L. Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal
    of Artificial Intelligence Research 70, 2021: a row is counted for the class of which it is surer than rows given as
    it usually are.
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


def anchored(p: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Returns the transition [C, C] that the given labels of the rows surest of each class show.

    G. Patrini et al., "Making Deep Neural Networks Robust to Label Noise", CVPR 2017, take the surest row; here it is
    the surest tenth, and their labels are counted instead of predicted.
    """
    classes = p.shape[1]
    known = given >= 0
    p, given = p[known], given[known]
    counts = np.bincount(given, minlength=classes)
    found = symmetric(0.1, (counts + 0.5) / (counts + 0.5).sum())
    for klass in range(classes):
        size = min(max(FEWEST, round(SUREST * counts[klass])), max(int(counts[klass]), 1))
        rows = np.argpartition(-p[:, klass], min(size, len(p) - 1))[:size]
        found[klass] += np.bincount(given[rows], minlength=classes)
    return found / found.sum(axis=1, keepdims=True)


def guessed(p: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Returns the mean of `confident`, which errs to noise where predictions are weak, and `anchored`, which errs to
    none where wrong labels follow the inputs."""
    return (confident(p, given) + anchored(p, given)) / 2


def averaged(p: np.ndarray, truth: np.ndarray, fallback: np.ndarray) -> np.ndarray:
    """Returns the transition [C, C] whose row is the mean p(given | x) over the trusted rows of a class.

    D. Hendrycks et al., "Using Trusted Data to Train Deep Networks on Labels Corrupted by Severe Noise", NeurIPS 2018.
    Works without given labels of trusted rows. One row's worth of `fallback` [C, C] stands beside them.
    """
    rows = np.flatnonzero(truth >= 0)
    total = fallback.copy()
    np.add.at(total, truth[rows], p[rows])
    return total / total.sum(axis=1, keepdims=True)
