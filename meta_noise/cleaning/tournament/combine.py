"""One answer from several: weighted in log space, then calibrated."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from meta_noise.cleaning.tournament.short_rows import row_sum
from meta_noise.cleaning.tournament.softmax import softmax

LABEL_POWER = 0.5  # of the given label, what trusted rows start from: wrong labels often depend on the inputs
PRIOR = 4.0


def pooled(parts: Sequence[np.ndarray], weights: Sequence[float] | np.ndarray) -> np.ndarray:
    """Returns probabilities [n, C]: the product of parts [n, C], each to the power of its weight."""
    total = np.zeros(parts[0].shape, np.float32)
    for part, weight in zip(parts, weights, strict=True):
        if weight > 1e-4:
            total += np.float32(weight) * np.log(np.maximum(part, 1e-6))
    return softmax(total)


def pool_weights(parts: Sequence[np.ndarray], labels: np.ndarray) -> np.ndarray:
    """Returns weights [M], none negative, under which labels [n] are most probable; parts [n, C] have not seen them."""
    if len(parts) == 1 and not len(labels):
        return np.ones(1)
    logs = np.stack([np.log(np.maximum(part, 1e-6)) for part in parts])  # [M, n, C]
    rows = np.arange(len(labels))
    own = logs[:, rows, labels]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        p = softmax(np.tensordot(weights, logs, 1))
        value = -float(np.mean(np.log(np.maximum(p[rows, labels], 1e-12))))
        return value, np.array([np.mean(row_sum(p * one)) for one in logs]) - own.mean(axis=1)

    start = np.full(len(parts), 1 / len(parts))
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, 3)] * len(parts)).x


class Fusion(NamedTuple):
    """How predictions and given labels are weighed: `prediction` and `label` powers, `bias` [C] scores."""

    prediction: float
    label: float
    bias: np.ndarray


def fuse_weights(
    p: np.ndarray, likely: np.ndarray, labels: np.ndarray, label: float = LABEL_POWER, prior: float = PRIOR
) -> Fusion:
    """Returns the fusion that makes true labels [n] most probable, shrunk to what is taken without any.

    Args:
        p: [n, C] p(y | x) of rows that the predictions did not learn.
        likely: [n, C] T[y, given] of the rows, ones where no given label is known.
        labels: [n] true classes.
        label: power of the given label to shrink to.
        prior: strength of the shrinking.
    """
    classes, rows = p.shape[1], np.arange(len(labels))
    logs = np.stack([np.log(np.maximum(p, 1e-6)), np.log(np.maximum(likely, 1e-6))])
    centre = np.concatenate([[1.0, label], np.zeros(classes)])

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        q = softmax(np.tensordot(flat[:2], logs, 1) + flat[2:])
        value = -np.sum(np.log(np.maximum(q[rows, labels], 1e-12))) + prior / 2 * np.sum((flat - centre) ** 2)
        q[rows, labels] -= 1
        gradient = np.concatenate([np.sum(logs * q, axis=(1, 2)), q.sum(axis=0)])
        return float(value), gradient + prior * (flat - centre)

    bounds = [(0.05, 5), (0.0, 3)] + [(-5, 5)] * classes
    found = minimize(loss, centre, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 100}).x
    return Fusion(float(found[0]), float(found[1]), found[2:])


def fused(p: np.ndarray, likely: np.ndarray, fusion: Fusion) -> np.ndarray:
    """Returns p(y | x, given) [n, C] from p(y | x) and T[y, given], both [n, C]."""
    scores = fusion.prediction * np.log(np.maximum(p, 1e-6)) + fusion.label * np.log(np.maximum(likely, 1e-6))
    return softmax(scores + fusion.bias).astype(np.float32)
