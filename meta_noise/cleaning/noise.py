"""How noisy labels are, told from probabilities of a classifier that did not see them.

After C. G. Northcutt, L. Jiang and I. L. Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels",
Journal of Artificial Intelligence Research 70, 2021, https://arxiv.org/abs/1911.00068. A row is counted for class j
where its probability of j is at least the mean probability of j among the rows given as j: that much confidence in a
class is normal for its rows. What is counted for another class than the given one looks wrong.
"""

import warnings
from typing import NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

FOLDS, DRAWS = 3, 200
MOST_FITTED = 30_000  # rows that a fold's classifier is fitted to at most


class NoiseEstimate(NamedTuple):
    """An estimate of the noise.

    Attributes:
        joint: [C, C] share of rows by supposed true and given class, sums to one.
        rate: share of rows whose label looks wrong.
        draws: [n] the same of as many data sets drawn from these rows again.
        looks_wrong: [N] bool.
    """

    joint: np.ndarray
    rate: float
    draws: np.ndarray
    looks_wrong: np.ndarray


def out_of_fold(vectors: np.ndarray, labels: np.ndarray, num_classes: int, seed: int = 0) -> np.ndarray:
    """Returns probabilities [N, C] of a multinomial logistic regression that was fitted without the row.

    Args:
        vectors: [N, D] float32, standardised.
        labels: [N] int classes; every class that has rows needs two.
        num_classes: C.
        seed: of the folds.
    """
    folds = max(2, min(FOLDS, int(np.bincount(labels)[np.unique(labels)].min())))
    probabilities = np.zeros((len(labels), num_classes))
    rng = np.random.default_rng(seed)
    for train, rest in StratifiedKFold(folds, shuffle=True, random_state=seed).split(vectors, labels):
        if len(train) > MOST_FITTED:
            train = rng.choice(train, MOST_FITTED, replace=False)
        strength = 1.0 / max(1.0, vectors.shape[1] ** 0.5)  # more numbers fit noise more easily
        head = LogisticRegression(C=strength, max_iter=100, tol=1e-3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # a head that is nearly fitted is good enough here
            head.fit(vectors[train], labels[train])
        probabilities[np.ix_(rest, head.classes_)] = head.predict_proba(vectors[rest])
    return probabilities


def estimate_noise(probabilities: np.ndarray, labels: np.ndarray, seed: int = 0) -> NoiseEstimate:
    """Returns the noise of labels [N] that out-of-fold probabilities [N, C] tell."""
    rows, classes = probabilities.shape
    counts = np.bincount(labels, minlength=classes)
    own = probabilities[np.arange(rows), labels]
    usual = np.bincount(labels, weights=own, minlength=classes) / np.maximum(counts, 1)  # [C]
    above = np.where((probabilities >= usual) & (counts > 0), probabilities, -1.0)
    supposed = np.where(above.max(axis=1) < 0, labels, above.argmax(axis=1))  # too unsure for all: as given
    counted = above.max(axis=1) >= 0
    joint = _joint(supposed[counted], labels[counted], counts)
    rng = np.random.default_rng(seed)
    codes = supposed[counted] * classes + labels[counted]
    shares = np.bincount(codes, minlength=classes * classes) / max(len(codes), 1)
    drawn = rng.multinomial(len(codes), shares / shares.sum(), DRAWS).reshape(DRAWS, classes, classes)
    draws = np.array([1 - np.trace(_calibrated(one, counts)) for one in drawn])
    return NoiseEstimate(joint, float(1 - np.trace(joint)), draws, supposed != labels)


def _joint(supposed: np.ndarray, given: np.ndarray, counts: np.ndarray) -> np.ndarray:
    pairs = np.zeros((len(counts), len(counts)))
    np.add.at(pairs, (supposed, given), 1)
    return _calibrated(pairs, counts)


def _calibrated(pairs: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Returns pairs [true, given] so scaled that given classes have their shares `counts` [C], and all sum to one."""
    pairs = pairs + np.diag(np.where(pairs.sum(axis=0) == 0, 1.0, 0.0))  # a class that was never counted: as given
    return pairs / pairs.sum(axis=0) * counts / counts.sum()


def surest_disagreement(probabilities: np.ndarray, labels: np.ndarray) -> tuple[int, int]:
    """Returns (contradicted, looked at) among the surest tenth of the rows predicted as each class."""
    predicted = probabilities.argmax(axis=1)
    contradicted = looked_at = 0
    for klass in np.unique(predicted):
        rows = np.flatnonzero(predicted == klass)
        surest = rows[np.argsort(-probabilities[rows, klass], kind="stable")][: -(-len(rows) // 10)]
        contradicted += int(np.sum(labels[surest] != klass))
        looked_at += len(surest)
    return contradicted, looked_at
