"""Instance-dependent noise: how likely a label is wrong, and which wrong class it gets, depend on the example.

X. Xia, T. Liu, B. Han, N. Wang, M. Gong, H. Liu, G. Niu, D. Tao, M. Sugiyama, "Part-dependent Label Noise: Towards
Instance-dependent Label Noise", NeurIPS 2020, https://arxiv.org/abs/2006.07836, algorithm of the experiments. With a
matrix `W_c` [D, C] of standard normal numbers for each class:

    q_i ~ Normal(rho, 0.1^2) truncated to [0, 1]
    p_i[k] = q_i softmax_k(x_i W_c without entry c) for k != c,    p_i[c] = 1 - q_i    where c = y_i
    R[c, k] = mean of p_i[k] over the rows i of class c

The truncation moves the mean of q_i away from 0 and 1: 0.1 becomes 0.129, 0.2 becomes 0.206, between 0.3 and 0.7 it is
less than 0.001. R states what was drawn from. This differs from the paper at rates of 0 and 1, which mean no wrong
label and no right one here. The published code leaves the scale of x to its data loader; here uint8 counts as
fractions of 255. Images of a kind are alike in much, so most wrong labels of a class are of one or two other classes.
"""

import numpy as np

from meta_noise.data.corruption import Noisy, check_classes, check_inputs, check_labels, check_rate, flat_rows
from meta_noise.errors import InputError

CHUNK = 1024  # rows that are held as float32 at once


def instance(
    rng: np.random.Generator,
    labels: np.ndarray,
    num_classes: int,
    rate: float,
    spread: float = 0.1,
    *,
    inputs: np.ndarray | None = None,
) -> Noisy:
    """Returns labels that are wrong with a probability of their own, near `rate`, and become what the input suggests.

    Args:
        rng: decides.
        labels: [N] true classes.
        num_classes: C, two or more.
        rate: rho, in [0, 1].
        spread: deviation of the probabilities q_i before truncation, in [0, 1].
        inputs: [N, ...] uint8 images or float vectors; D is the number of values in one of them.

    >>> import numpy as np
    >>> from meta_noise.data.noise.instance import instance
    >>> rng, labels = np.random.default_rng(0), np.arange(1000) % 4
    >>> noisy = instance(rng, labels, 4, 0.4, inputs=rng.normal(size=(1000, 5)).astype(np.float32))
    >>> float(np.mean(noisy.labels != labels).round(1))
    0.4
    """
    labels, rate = check_labels(labels, num_classes), check_rate(rate)
    check_classes(num_classes, 2, "instance")
    if not 0 <= spread <= 1:
        raise InputError(f"Noise instance has spread={spread}; it is a deviation of probabilities, give 0 to 1.")
    inputs = check_inputs(inputs, len(labels), "instance")
    size = int(np.prod(inputs.shape[1:]))  # D
    flip_rates = _flip_rates(rng, len(labels), rate, spread)  # [N]
    chances = rng.random(len(labels))  # [N]
    noisy, transition = labels.copy(), np.eye(num_classes)
    for klass in range(num_classes):
        projection = rng.standard_normal((size, num_classes), np.float32)  # [D, C]
        members, total = np.flatnonzero(labels == klass), np.zeros(num_classes)
        for start in range(0, len(members), CHUNK):
            rows = members[start : start + CHUNK]
            others = _others(flat_rows(inputs, rows), projection, klass)
            probabilities = flip_rates[rows, None] * others  # [n, C]
            probabilities[:, klass] = 1 - flip_rates[rows]
            cumulative = np.cumsum(probabilities, axis=1)
            cumulative /= cumulative[:, -1:]  # exactly 1 from the last possible class on
            noisy[rows] = (chances[rows, None] >= cumulative).sum(axis=1)
            total += probabilities.sum(axis=0)
        if len(members):
            transition[klass] = total / total.sum()
    return Noisy(noisy, transition)


def _flip_rates(rng: np.random.Generator, count: int, rate: float, spread: float) -> np.ndarray:
    """Returns q [N] in [0, 1], drawn again until inside."""
    if rate in (0, 1):
        return np.full(count, rate)
    rates = rng.normal(rate, spread, count)
    while (outside := (rates < 0) | (rates > 1)).any():
        rates[outside] = rng.normal(rate, spread, outside.sum())
    return rates


def _others(vectors: np.ndarray, projection: np.ndarray, klass: int) -> np.ndarray:
    """Returns [n, C] float64 probabilities of the wrong classes: softmax of the scores, zero for class `klass`."""
    with np.errstate(over="ignore", invalid="ignore"):
        scores = (vectors @ projection).astype(np.float64)
    if not np.isfinite(scores).all():
        raise InputError("Noise instance: an input is not finite or so large that its scores are; scale the inputs.")
    scores[:, klass] = -np.inf
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)
