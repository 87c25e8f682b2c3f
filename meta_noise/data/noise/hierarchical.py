"""Hierarchical noise: a label becomes another class of the same superclass.

D. Hendrycks, M. Mazeika, D. Wilson, K. Gimpel, "Using Trusted Data to Train Deep Networks on Labels Corrupted by
Severe Noise", NeurIPS 2018, https://arxiv.org/abs/1802.05300, with the 20 superclasses of five classes of CIFAR-100.
With m classes in the superclass of c:

    R[c, c] = 1 - rho,    R[c, k] = rho / (m - 1) for the other classes k of the superclass

This differs from loaders made after the paper's code, which look the superclasses up at the wrong rows.
"""

from collections.abc import Sequence

import numpy as np

from meta_noise.data.corruption import Noisy, check_labels, check_rate, draw
from meta_noise.data.superclasses import superclasses as find_superclasses


def hierarchical(
    rng: np.random.Generator,
    labels: np.ndarray,
    num_classes: int,
    rate: float,
    superclasses: Sequence[Sequence[int | str]] = (),
    *,
    class_names: Sequence[str] = (),
) -> Noisy:
    """Returns labels that become another class of their superclass, each equally likely, with probability `rate`.

    Args:
        rng: decides.
        labels: [N] true classes.
        num_classes: C.
        rate: rho, in [0, 1].
        superclasses: lists of two or more class numbers or names; a class in none of them keeps its labels. Empty
            for those of CIFAR-100.
        class_names: C names.
    """
    labels, rate = check_labels(labels, num_classes), check_rate(rate)
    transition = np.eye(num_classes)
    for group in find_superclasses(superclasses, num_classes, class_names, "hierarchical"):
        transition[np.ix_(group, group)] = rate / (len(group) - 1)
        transition[group, group] = 1 - rate
    return Noisy(draw(rng, labels, transition), transition)
