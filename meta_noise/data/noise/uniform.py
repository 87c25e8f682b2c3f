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

Each label is drawn on its own, or the number of redrawn ones is fixed: exactly `rho N` in the whole set, as in J. Li,
R. Socher, S. C. H. Hoi, "DivideMix: Learning with Noisy Labels as Semi-supervised Learning", ICLR 2020,
https://arxiv.org/abs/2002.07394; or exactly `rho n_c` in each class with every possible class equally often, as the
"type 1" in the code of Z. Wang, G. Hu, Q. Hu, "Training Noise-Robust Deep Neural Networks via Meta-Learning", CVPR
2020.
"""

import numpy as np

from meta_noise.data.corruption import Noisy, check_classes, check_labels, check_rate, draw, relabel_exactly
from meta_noise.errors import unknown_name


def uniform(
    rng: np.random.Generator,
    labels: np.ndarray,
    num_classes: int,
    rate: float,
    exclude_true: bool = False,
    exact: str = "no",
) -> Noisy:
    """Returns labels that are drawn anew, uniformly over the classes, with probability `rate`.

    The expected share of wrong labels is `rate (C - 1) / C` with the true class among the possible ones, and `rate`
    without.

    Args:
        rng: decides.
        labels: [N] true classes.
        num_classes: C.
        rate: rho, in [0, 1].
        exclude_true: False for U1, True for U2.
        exact: "no" where each label is drawn on its own; "set" for exactly `round(rho N)` redrawn labels, each of any
            possible class; "class" for exactly `round(rho n_c)` of each class c, with every possible class equally
            often, so that the number of wrong ones is fixed too.

    >>> import numpy as np
    >>> from meta_noise.data.noise.uniform import uniform
    >>> rng, labels = np.random.default_rng(0), np.arange(1000) % 4
    >>> noisy = uniform(rng, labels, 4, 0.4)
    >>> float(np.mean(noisy.labels != labels).round(2))
    0.31
    >>> noisy.transition[0].round(2).tolist()
    [0.7, 0.1, 0.1, 0.1]
    """
    labels, rate = check_labels(labels, num_classes), check_rate(rate)
    if exact not in ("no", "set", "class"):
        raise unknown_name("value of exact in noise uniform:", str(exact), ("no", "set", "class"))
    if exclude_true:
        check_classes(num_classes, 2, "uniform with exclude_true")
    others = np.ones((num_classes, num_classes)) - exclude_true * np.eye(num_classes)
    transition = (1 - rate) * np.eye(num_classes) + rate * others / others.sum(axis=1, keepdims=True)
    if exact == "no":
        return Noisy(draw(rng, labels, transition), transition)
    if exact == "class":
        return Noisy(relabel_exactly(rng, labels, rate, [np.flatnonzero(row) for row in others]), transition)
    noisy = labels.copy()
    chosen = rng.choice(len(labels), round(rate * len(labels)), replace=False)
    noisy[chosen] = draw(rng, labels[chosen], others)  # equal weights; `draw` divides by their sum
    return Noisy(noisy, transition)


def none(rng: np.random.Generator, labels: np.ndarray, num_classes: int, rate: float = 0.0) -> Noisy:
    """Returns the labels [N] as they are, and `R = I`, so that a run without noise is a run like any other.

    `rate` is checked but has no effect.

    >>> import numpy as np
    >>> from meta_noise.data.noise.uniform import none
    >>> rng, labels = np.random.default_rng(0), np.arange(1000) % 4
    >>> noisy = none(rng, labels, 4, 0.4)
    >>> float(np.mean(noisy.labels != labels).round(2))
    0.0
    >>> noisy.transition[0].round(2).tolist()
    [1.0, 0.0, 0.0, 0.0]
    """
    del rng
    check_rate(rate)
    return Noisy(check_labels(labels, num_classes), np.eye(num_classes))
