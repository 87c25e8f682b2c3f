"""Which candidate to believe, told by trusted rows whose true label it has not seen."""

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

DRAWS = 500


class Verdict(NamedTuple):
    """What trusted rows say of candidates.

    Attributes:
        names: M candidates, simplest first.
        value: [M] mean log-likelihood of the right labels.
        error: [M] its standard error.
        behind: [M] how far behind the best one, paired over the rows.
        behind_error: [M] standard error of that.
        weights: [M] share of each in a combination, sums to one.
        chosen: the simplest candidate that is at most a standard error behind the best.
    """

    names: tuple[str, ...]
    value: np.ndarray
    error: np.ndarray
    behind: np.ndarray
    behind_error: np.ndarray
    weights: np.ndarray
    chosen: str


def judge(names: tuple[str, ...], likelihoods: np.ndarray, before: np.ndarray | None = None, seed: int = 0) -> Verdict:
    """Returns the verdict on M candidates, simplest first, from log-likelihoods [M, n] of the right labels.

    `before` [M] are log-weights that count before any trusted row does; all the same where None.

    Weights are pseudo-BMA+: how often, over Bayesian bootstraps of the rows, each candidate is how much better. Y. Yao,
    A. Vehtari, D. Simpson, A. Gelman, "Using Stacking to Average Bayesian Predictive Distributions", Bayesian Analysis
    13, 2018.
    """
    count = likelihoods.shape[1]
    value = likelihoods.mean(axis=1)
    best = int(np.argmax(value))
    gap = likelihoods[best] - likelihoods
    root = max(count, 1) ** 0.5
    gap_error = gap.std(axis=1, ddof=min(1, count - 1)) / root
    near = value[best] - value <= gap_error
    drawn = np.random.default_rng(seed).dirichlet(np.ones(count), DRAWS) @ likelihoods.T * count  # [DRAWS, M]
    drawn = drawn if before is None else drawn + before
    weights = np.exp(drawn - logsumexp(drawn, axis=1, keepdims=True)).mean(axis=0)
    error = likelihoods.std(axis=1, ddof=min(1, count - 1)) / root
    return Verdict(names, value, error, value[best] - value, gap_error, weights, names[int(np.argmax(near))])


def log_likelihood(p: np.ndarray, labels: np.ndarray, floor: float = 1e-3) -> np.ndarray:
    """Returns [n] log of what p [n, C] gives the labels, mixed with a little of even odds."""
    found = p[np.arange(len(labels)), labels]
    return np.log((1 - floor) * found + floor / p.shape[1])
