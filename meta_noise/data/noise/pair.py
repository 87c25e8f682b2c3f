"""Pair noise: a label becomes the next class.

B. Han, Q. Yao, X. Yu, G. Niu, M. Xu, W. Hu, I. Tsang, M. Sugiyama, "Co-teaching: Robust Training of Deep Neural
Networks with Extremely Noisy Labels", NeurIPS 2018, https://arxiv.org/abs/1804.06872:

    R[c, c] = 1 - rho,    R[c, (c + 1) mod C] = rho
"""

import numpy as np

from meta_noise.data.corruption import Noisy, check_classes, check_labels, check_rate, draw


def pair(rng: np.random.Generator, labels: np.ndarray, num_classes: int, rate: float) -> Noisy:
    """Returns labels that become the next class, the last one the first, with probability `rate`.

    Args:
        rng: decides.
        labels: [N] true classes.
        num_classes: C, two or more.
        rate: rho, in [0, 1].
    """
    labels, rate = check_labels(labels, num_classes), check_rate(rate)
    check_classes(num_classes, 2, "pair")
    identity = np.eye(num_classes)
    transition = (1 - rate) * identity + rate * np.roll(identity, 1, axis=1)
    return Noisy(draw(rng, labels, transition), transition)
