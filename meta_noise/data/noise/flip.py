"""Flip noise: a label is replaced by another class, which is fixed for each class or drawn for each example.

One fixed class (F1), in D. Hendrycks, M. Mazeika, D. Wilson, K. Gimpel, "Using Trusted Data to Train Deep Networks on
Labels Corrupted by Severe Noise", NeurIPS 2018, https://arxiv.org/abs/1802.05300; J. Shu et al., "Meta-Weight-Net:
Learning an Explicit Mapping For Sample Weighting", NeurIPS 2019, https://arxiv.org/abs/1902.07379; G. Zheng, A. H.
Awadallah, S. Dumais, "Meta Label Correction for Noisy Label Learning", AAAI 2021, https://arxiv.org/abs/1911.03809:

    R[c, c] = 1 - rho,    R[c, j(c)] = rho,    j(c) != c

Two fixed classes (F2), the "flip2" of Meta-Weight-Net:

    R[c, c] = 1 - rho,    R[c, j1(c)] = R[c, j2(c)] = rho / 2

Any other class, drawn for each example (F3), as in the main runs of Z. Wang, G. Hu, Q. Hu, "Training Noise-Robust
Deep Neural Networks via Meta-Learning", CVPR 2020,
https://openaccess.thecvf.com/content_CVPR_2020/html/Wang_Training_Noise-Robust_Deep_Neural_Networks_via_Meta-Learning_CVPR_2020_paper.html:
exactly `rho n_c` examples of each class c,

    R[c, c] = 1 - rho,    R[c, k] = rho / (C - 1) for k != c

One fixed class and exactly `rho n_c` examples (F4), the "flip_to_one" of the code of the same paper: the matrix of F1.

This differs from the published codes in that the fixed classes are drawn from `rng`, not from a seed of their own.
"""

import numpy as np

from meta_noise.data.corruption import Noisy, check_classes, check_labels, check_rate, draw, relabel_exactly
from meta_noise.errors import InputError, unknown_name


def flip(
    rng: np.random.Generator,
    labels: np.ndarray,
    num_classes: int,
    rate: float,
    targets: int | str = 1,
    exact: str = "no",
) -> Noisy:
    """Returns labels that become another class with probability `rate`.

    Under F1 with a rate of one half or more, most examples of a class carry the same wrong label: only a method with
    clean data can find out. F3 at the same rate is ordinary symmetric noise.

    Args:
        rng: decides; the fixed classes are drawn first.
        labels: [N] true classes.
        num_classes: C.
        rate: rho, in [0, 1].
        targets: 1 for one fixed other class (F1), 2 for two (F2), "any" for every other class with an exact number
            of wrong labels in each class, rounded (F3).
        exact: "no" where each label is drawn on its own; "class" for exactly `round(rho n_c)` wrong labels of each
            class c, with two fixed classes half of them each (F4 where there is one). F3 counts exactly either way.

    >>> import numpy as np
    >>> from meta_noise.data.noise.flip import flip
    >>> rng, labels = np.random.default_rng(0), np.arange(1000) % 4
    >>> noisy = flip(rng, labels, 4, 0.4, targets="any")
    >>> float(np.mean(noisy.labels != labels).round(2))
    0.4
    >>> noisy.transition[0].round(2).tolist()
    [0.6, 0.13, 0.13, 0.13]
    """
    labels, rate = check_labels(labels, num_classes), check_rate(rate)
    if targets not in (1, 2, "any"):
        raise InputError(f"Noise flip has targets={targets!r}; choose 1, 2 or 'any'.")
    if exact not in ("no", "class"):
        raise unknown_name("value of exact in noise flip:", str(exact), ("no", "class"))
    if targets == "any":
        check_classes(num_classes, 2, "flip")
        return _flip_any(rng, labels, num_classes, rate)
    number = int(targets)
    check_classes(num_classes, number + 1, f"flip with targets={number}")
    fixed = np.empty((num_classes, number), np.int32)
    transition = (1 - rate) * np.eye(num_classes)
    for klass in range(num_classes):
        others = np.delete(np.arange(num_classes), klass)
        fixed[klass] = rng.choice(others, number, replace=False)
        transition[klass, fixed[klass]] = rate / number
    noisy = draw(rng, labels, transition) if exact == "no" else relabel_exactly(rng, labels, rate, list(fixed))
    return Noisy(noisy, transition)


def _flip_any(rng: np.random.Generator, labels: np.ndarray, num_classes: int, rate: float) -> Noisy:
    """Returns F3: the stated matrix has the rate asked for, the labels have the nearest whole number per class."""
    noisy = labels.copy()
    for klass in range(num_classes):
        members = np.flatnonzero(labels == klass)
        chosen = rng.choice(members, round(rate * len(members)), replace=False)
        noisy[chosen] = (klass + rng.integers(1, num_classes, len(chosen))) % num_classes
    others = np.ones((num_classes, num_classes)) - np.eye(num_classes)
    return Noisy(noisy, (1 - rate) * np.eye(num_classes) + rate * others / (num_classes - 1))


def pair(rng: np.random.Generator, labels: np.ndarray, num_classes: int, rate: float) -> Noisy:
    """Returns labels that become the next class, the last one the first, with probability `rate`.

    B. Han, Q. Yao, X. Yu, G. Niu, M. Xu, W. Hu, I. Tsang, M. Sugiyama, "Co-teaching: Robust Training of Deep Neural
    Networks with Extremely Noisy Labels", NeurIPS 2018, https://arxiv.org/abs/1804.06872:

        R[c, c] = 1 - rho,    R[c, (c + 1) mod C] = rho

    Args:
        rng: decides.
        labels: [N] true classes.
        num_classes: C, two or more.
        rate: rho, in [0, 1].

    >>> import numpy as np
    >>> from meta_noise.data.noise.flip import pair
    >>> rng, labels = np.random.default_rng(0), np.arange(1000) % 4
    >>> noisy = pair(rng, labels, 4, 0.4)
    >>> float(np.mean(noisy.labels != labels).round(2))
    0.42
    >>> noisy.transition[0].round(2).tolist()
    [0.6, 0.4, 0.0, 0.0]
    """
    labels, rate = check_labels(labels, num_classes), check_rate(rate)
    check_classes(num_classes, 2, "pair")
    identity = np.eye(num_classes)
    transition = (1 - rate) * identity + rate * np.roll(identity, 1, axis=1)
    return Noisy(draw(rng, labels, transition), transition)
