"""Two groups of losses, as a mixture of two beta distributions: which are those of wrong labels?

E. Arazo et al., "Unsupervised Label Noise Modeling and Loss Correction", ICML 2019, section 3.1, with the settings of
its released code. Losses beyond the 5th and the 95th percentile are left out, the others scaled to (0, 1) by the two;
ten steps of expectation and maximisation follow, in which the parameters of a component are those that have its
weighted mean and variance. `B(l) = w_1 p_1(l) / (w_0 p_0(l) + w_1 p_1(l))`, component 1 that of higher losses.
"""

import numpy as np

BINS = 100  # losses at which the probability is tabulated
EDGE = 1e-3  # smallest scaled loss
STEPS = 10


def fit(losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the probability of a wrong label at `BINS` scaled losses, [BINS] float32, and the bounds of scaling, [2].

    From its largest value on the table stays there, so that the highest losses are never taken for right labels. Where
    all losses are the same nothing can be told apart: the table is 0.5.

    Args:
        losses: [n] of all training rows, finite.
    """
    low, high = np.percentile(losses, [5, 95])
    if high - low < 1e-12:
        return np.full(BINS, 0.5, np.float32), np.asarray([low, low + 1], np.float32)
    inside = losses[(losses >= low) & (losses <= high)]
    values = np.clip((inside - low) / (high - low), EDGE, 1 - EDGE)
    alphas, betas, weights = np.array([1.0, 2.0]), np.array([2.0, 1.0]), np.array([0.5, 0.5])
    for _ in range(STEPS):
        shares = _joint(values, alphas, betas, weights)
        shares /= np.maximum(shares.sum(axis=0), 1e-300)
        totals = np.maximum(shares.sum(axis=1), 1e-12)
        means = shares @ values / totals
        variances = (shares * (values - means[:, None]) ** 2).sum(axis=1) / totals
        alphas = means * (means * (1 - means) / np.maximum(variances, 1e-12) - 1)
        alphas = np.maximum(alphas, 1e-3)
        betas = alphas * (1 - means) / means
        weights = totals / len(values)
    joint = _joint(np.linspace(EDGE, 1 - EDGE, BINS), alphas, betas, weights)
    wrong = int(np.argmax(alphas / (alphas + betas)))
    table = joint[wrong] / np.maximum(joint.sum(axis=0), 1e-300)
    table[int(np.argmax(table)) :] = table.max()
    return table.astype(np.float32), np.asarray([low, high], np.float32)


def _joint(values: np.ndarray, alphas: np.ndarray, betas: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Returns weight times density of each component, [2, n]."""
    from scipy.stats import beta  # half a second to import, which other runs should not cost

    return weights[:, None] * beta.pdf(values, alphas[:, None], betas[:, None])
