"""One answer from several: weighted in log space, then calibrated."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from meta_noise.cleaning.tournament.softmax import softmax


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
        return value, np.array([np.mean(np.sum(p * one, axis=1)) for one in logs]) - own.mean(axis=1)

    start = np.full(len(parts), 1 / len(parts))
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, 3)] * len(parts)).x


def calibrate(p: np.ndarray, labels: np.ndarray, prior: float = 8.0) -> tuple[float, np.ndarray]:
    """Returns (exponent, bias [C]) that make labels [n] more probable under p [n, C] of rows left out.

    Both are shrunk to (1, 0), as if `prior` further rows had said so for the exponent and each bias.
    """
    logs, rows = np.log(np.maximum(p, 1e-6)), np.arange(len(labels))

    def loss(flat: np.ndarray) -> float:
        q = softmax(np.exp(flat[0]) * logs + flat[1:])
        return float(-np.sum(np.log(np.maximum(q[rows, labels], 1e-12))) + prior / 2 * np.sum(flat**2))

    found = minimize(loss, np.zeros(1 + p.shape[1]), method="L-BFGS-B", options={"maxiter": 50}).x
    return float(np.exp(found[0])), found[1:]


def calibrated(p: np.ndarray, exponent: float, bias: np.ndarray) -> np.ndarray:
    """Returns p [n, C] to the power `exponent`, times `exp(bias)` [C]."""
    return softmax(exponent * np.log(np.maximum(p, 1e-6)) + bias).astype(np.float32)
