"""Who answers how reliably, and what is true, told from answers alone.

Source: A. P. Dawid and A. M. Skene, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm",
Journal of the Royal Statistical Society C 28(1), 1979, https://doi.org/10.2307/2346806. With p_c the share of class c
and K_a[c, v] the probability that annotator a answers v in a row of class c, answers being independent given the class:

    E step:  q_i[c] ~ p_c prod_a K_a[c, v_ia]
    M step:  p_c = mean_i q_i[c];   K_a[c, v] ~ SMOOTHING + sum over rows i that a answered with v of q_i[c]

Differs by SMOOTHING, without which one answer that was never seen makes a class impossible.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import logsumexp

SMOOTHING = 0.1
STEPS, ENOUGH = 200, 1e-5


class Consensus(NamedTuple):
    """What N rows are, and how A annotators answer.

    Attributes:
        posterior: [N, C] probability of each class given the answers; the shares of the classes where there is none.
        likely: [N, C] probability of the answers of a row given each class, the largest 1; ones where there is none.
        confusion: [A, C, V] probability of each answer given the class, rows sum to one.
    """

    posterior: np.ndarray
    likely: np.ndarray
    confusion: np.ndarray


def dawid_skene(votes: np.ndarray, num_classes: int, num_answers: int = 0) -> Consensus:
    """Returns the consensus of votes [N, A].

    Args:
        votes: int, 0..V-1, -1 where there is no answer; the first C answers are the classes.
        num_classes: C.
        num_answers: V; C if 0. A further answer may stand for abstaining, where that tells something.
    """
    answers = num_answers or num_classes
    annotators = votes.shape[1]
    rows, who = np.nonzero(votes >= 0)
    cell = who * answers + votes[rows, who]
    given = csr_matrix((np.ones(len(rows)), (rows, cell)), (len(votes), annotators * answers))  # [N, A V]
    shares = counts_of(votes, num_classes) + 1e-3
    posterior = shares / shares.sum(axis=1, keepdims=True)
    for _ in range(STEPS):
        confusion = _confusion(given, posterior, annotators, answers)
        scores = given @ np.log(confusion).transpose(0, 2, 1).reshape(-1, num_classes)  # [N, C]
        joint = scores + np.log(posterior.mean(axis=0) + 1e-12)
        before, posterior = posterior, np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
        if np.abs(posterior - before).max(initial=0) < ENOUGH:
            break
    return Consensus(posterior, np.exp(scores - scores.max(axis=1, keepdims=True)), confusion)


def counts_of(votes: np.ndarray, num_classes: int) -> np.ndarray:
    """Returns how many votes [N, A] each class has, [N, C]; what is no class counts for none."""
    rows, who = np.nonzero((votes >= 0) & (votes < num_classes))
    found = np.zeros((len(votes), num_classes))
    np.add.at(found, (rows, votes[rows, who]), 1)
    return found


def majority(votes: np.ndarray, posterior: np.ndarray) -> np.ndarray:
    """Returns the class [N] with most votes [N, A], of equal ones the more probable by `posterior` [N, C]; -1 for a row
    without votes."""
    counts = counts_of(votes, posterior.shape[1])
    best = np.where(counts == counts.max(axis=1, keepdims=True), posterior, -1).argmax(axis=1)
    return np.where(counts.any(axis=1), best, -1)


def _confusion(given: csr_matrix, posterior: np.ndarray, annotators: int, answers: int) -> np.ndarray:
    counts = (given.T @ posterior).reshape(annotators, answers, -1).transpose(0, 2, 1) + SMOOTHING  # [A, C, V]
    return counts / counts.sum(axis=2, keepdims=True)
