"""How true classes turn into given labels, and what a given label then tells of the true class.

`transition` [C, C] is `[true, given]`, rows sum to one. Of a row with inputs x and given label g, Bayes' rule says
`p(y | x, g) ~ p(y | x) T[y, g]`, where `p(y | x)` has to come from a model that did not learn this row's label.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from meta_noise.cleaning.tournament.short_rows import row_sum
from meta_noise.cleaning.tournament.softmax import softmax

STRENGTHS = (8, 16, 32, 64, 128, 256, 512)  # rows that a guess of the transition is worth
FLOOR, MOST_WRONG = 1e-3, 0.95


def likelihood(transition: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Returns T[y, given] [n, C] of given labels [n]; ones where a label is unknown (-1)."""
    found = np.ones((len(given), len(transition)), np.float32)
    known = given >= 0
    found[known] = transition.T[given[known]]
    return found


def floored(p: np.ndarray, share: np.ndarray, amount: float = FLOOR) -> np.ndarray:
    """Returns p [n, C] mixed with a little of the shares of the classes [C], so that nothing is impossible."""
    return ((1 - amount) * p + amount * share).astype(np.float32)


def symmetric(rate: float, share: np.ndarray) -> np.ndarray:
    """Returns the transition of a rate of wrong labels in 0..1, the wrong ones falling on classes by `share` [C]."""
    off = np.tile(share, (len(share), 1)) + 1e-9
    np.fill_diagonal(off, 0)
    off = off / np.maximum(off.sum(axis=1, keepdims=True), 1e-12)
    return (1 - rate) * np.eye(len(share)) + rate * off


def one_rate(transition: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Returns the symmetric transition with the same share of wrong labels, classes having their shares [C]."""
    return symmetric(float(1 - share @ np.diag(transition)), share)


def with_rate(transition: np.ndarray, share: np.ndarray, rate: float) -> np.ndarray:
    """Returns the transition with all errors made likelier or less likely alike, so that they have a rate in 0..1.

    No class becomes wrong in more than `MOST_WRONG` of its rows.

    Args:
        transition: [C, C].
        share: [C] shares of the true classes.
        rate: share of wrong labels that is wanted.
    """
    wrong = 1 - np.diag(transition)
    now = float(share @ wrong)
    factor = min(rate / max(now, 1e-9), MOST_WRONG / max(float(wrong.max()), 1e-9))
    found = factor * transition
    np.fill_diagonal(found, 0)
    return found + np.diag(1 - found.sum(axis=1))


def counted(truth: np.ndarray, given: np.ndarray, num_classes: int) -> np.ndarray:
    """Returns pairs [true, given] counted on the rows where both are known (not -1)."""
    both = (truth >= 0) & (given >= 0)
    codes = truth[both] * num_classes + given[both]
    return np.bincount(codes, minlength=num_classes**2).reshape(num_classes, num_classes).astype(float)


def through(p: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Returns p(given | x) [n, C] of p(y | x) [n, C], by the transition that it shows together with given labels [n]
    (-1: unknown)."""
    known, classes = given >= 0, p.shape[1]
    joint = np.stack([p[known & (given == label)].sum(axis=0) for label in range(classes)], axis=1) + 0.5 / classes
    return (p @ (joint / joint.sum(axis=1, keepdims=True))).astype(np.float32)


def shrunk(pairs: np.ndarray, guesses: Sequence[np.ndarray]) -> np.ndarray:
    """Returns the transition [C, C]: counts shrunk to guesses, each by as much as explains the counts.

    The counts of a row are taken as drawn from a Dirichlet distribution around a guess. The mean is taken over guesses
    and concentrations by their evidence (empirical Bayes).

    Args:
        pairs: [true, given] counts on trusted rows; zero where none are known.
        guesses: transitions [C, C].
    """
    total = pairs.sum(axis=1)
    found, evidence = [], []
    for guess in guesses:
        guess = np.maximum(guess, 1e-4)
        guess = guess / guess.sum(axis=1, keepdims=True)
        for strength in STRENGTHS:
            prior = strength * guess
            cells = np.sum(gammaln(pairs + prior) - gammaln(prior))
            evidence.append(cells + np.sum(gammaln(strength) - gammaln(strength + total)))
            found.append((pairs + prior) / (total + strength)[:, None])
    weights = np.exp(np.array(evidence) - max(evidence))
    return np.tensordot(weights / weights.sum(), np.array(found), 1)


def deconvolved(p_given: np.ndarray, transition: np.ndarray, steps: int = 10) -> np.ndarray:
    """Returns p(y | x) [n, C] whose given labels would be distributed as `p_given` [n, C].

    Expectation maximisation for a mixture with known parts, started at `p_given` (W. H. Richardson 1972, L. B. Lucy
    1974). Few steps keep it smooth.
    """
    p = p_given.astype(np.float32)
    matrix = transition.astype(np.float32)
    for _ in range(steps):
        p = p * ((p_given / np.maximum(p @ matrix, 1e-9)) @ matrix.T)
        p = p / row_sum(p)
    return p


def tempered(p: np.ndarray, transition: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Returns p [n, C] to the power that makes the given labels most probable: neither too sure nor too unsure."""
    known = given >= 0
    if known.sum() < 20:
        return p
    logs, likely = np.log(np.maximum(p, 1e-9)), transition.T[given[known]]
    known_logs = logs[known]

    def loss(exponent: float) -> float:
        q = softmax(np.exp(exponent) * known_logs)
        return -float(np.mean(np.log(np.maximum(row_sum(q * likely), 1e-12))))

    found = minimize_scalar(loss, bounds=(-2.0, 1.5), method="bounded", options={"xatol": 0.02})
    return softmax(float(np.exp(found.x)) * logs).astype(np.float32)
