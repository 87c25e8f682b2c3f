"""Uniform (symmetric) noise: a label is replaced by a random class.

With the true class among the possible ones (U1), as in D. Hendrycks, M. Mazeika, D. Wilson, K. Gimpel, "Using Trusted
Data to Train Deep Networks on Labels Corrupted by Severe Noise", NeurIPS 2018, https://arxiv.org/abs/1802.05300, and
in J. Shu et al., "Meta-Weight-Net: Learning an Explicit Mapping For Sample Weighting", NeurIPS 2019,
https://arxiv.org/abs/1902.07379:

    R = (1 - rho) I + rho / C

Without it (U2), as in G. Patrini, A. Rozza, A. Menon, R. Nock, L. Qu, "Making Deep Neural Networks Robust to Label
Noise: a Loss Correction Approach", CVPR 2017, https://arxiv.org/abs/1609.03683, and in B. Han et al., "Co-teaching:
Robust Training of Deep Neural Networks with Extremely Noisy Labels", NeurIPS 2018, https://arxiv.org/abs/1804.06872:

    R[c, c] = 1 - rho,    R[c, k] = rho / (C - 1) for k != c
"""

import numpy as np

from meta_noise.data.corruption import Noisy, check_classes, check_labels, check_rate, draw


def uniform(
    rng: np.random.Generator, labels: np.ndarray, num_classes: int, rate: float, exclude_true: bool = False
) -> Noisy:
    """Returns labels that are drawn anew, uniformly over the classes, with probability `rate`.

    Each label is drawn on its own, so the number of wrong ones varies. Its expectation is `rate (C - 1) / C` with
    the true class among the possible ones, and `rate` without.

    Args:
        rng: decides.
        labels: [N] true classes.
        num_classes: C.
        rate: rho, in [0, 1].
        exclude_true: False for U1, True for U2.
    """
    labels, rate = check_labels(labels, num_classes), check_rate(rate)
    if exclude_true:
        check_classes(num_classes, 2, "uniform with exclude_true")
    others = np.ones((num_classes, num_classes)) - exclude_true * np.eye(num_classes)
    transition = (1 - rate) * np.eye(num_classes) + rate * others / others.sum(axis=1, keepdims=True)
    return Noisy(draw(rng, labels, transition), transition)
