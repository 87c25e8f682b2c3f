"""Multinomial logistic regression on any likelihood of the classes, by L-BFGS.

The loss of a row is `-log sum_y p(y|x) e(y)`, with `e(y)` how likely what is known of the row is if y is its class. One
label known for certain is ordinary regression; `e(y) = T[y, given]` is the forward correction of G. Patrini et al.,
"Making Deep Neural Networks Robust to Label Noise: A Loss Correction Approach", CVPR 2017, whose optimum expectation
maximisation over the hidden class finds too.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from meta_noise.cleaning.tournament.short_rows import row_max, row_sum
from meta_noise.cleaning.views import Matrix


class Head(NamedTuple):
    """A linear classifier: `weights` [D, C], `bias` [C]."""

    weights: np.ndarray
    bias: np.ndarray


def one_hot(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Returns [n, C] float32: certain of each label; a label of -1 says nothing, so its row is all ones."""
    found = np.zeros((len(labels), num_classes), np.float32)
    known = labels >= 0
    found[np.flatnonzero(known), labels[known]] = 1
    found[~known] = 1
    return found


def softmax(scores: np.ndarray) -> np.ndarray:
    """Returns probabilities [n, C] of scores [n, C]."""
    found = np.exp(scores - row_max(scores))
    return found / row_sum(found)


def fit_softmax(
    x: Matrix,
    evidence: np.ndarray,
    strength: float,
    weights: np.ndarray | None = None,
    offset: np.ndarray | None = None,
    start: Head | None = None,
    steps: int = 80,
    bias_strength: float = 1e-2,
) -> Head:
    """Returns the head of least loss plus `strength / 2` times the squared length of its weights.

    Args:
        x: [n, D] dense or sparse rows.
        evidence: [n, C] how likely what is known of a row is under each class.
        strength: of the penalty, above 0.
        weights: [n] of the rows' losses; all one where None.
        offset: [n, C] scores that are added to those of the head.
        start: where to begin; at zero where None.
        steps: of L-BFGS at most.
        bias_strength: of the penalty of the bias.
    """
    size, classes = x.shape[1], evidence.shape[1]
    weight = np.ones(len(evidence), np.float32) if weights is None else weights.astype(np.float32)
    evidence = evidence.astype(np.float32)
    begin = np.zeros((size + 1, classes)) if start is None else np.vstack([start.weights, start.bias])
    turned = x.T.tocsr() if hasattr(x, "tocsr") else x.T

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        head = flat.reshape(size + 1, classes)
        scores = x @ head[:-1].astype(np.float32) + head[-1].astype(np.float32)
        p = softmax(scores if offset is None else scores + offset)
        joint = p * evidence
        likelihood = np.maximum(row_sum(joint), 1e-30)
        change = weight[:, None] * (p - joint / likelihood)
        gradient = np.vstack([turned @ change, change.sum(axis=0)]).astype(np.float64)
        gradient[:-1] += strength * head[:-1]
        gradient[-1] += bias_strength * head[-1]
        penalty = strength * np.sum(head[:-1] ** 2) + bias_strength * np.sum(head[-1] ** 2)
        return float(-np.sum(weight * np.log(likelihood[:, 0])) + penalty / 2), gradient.ravel()

    settings = {"maxiter": steps, "gtol": 1e-4 * max(1.0, float(weight.sum())) ** 0.5, "ftol": 1e-6}
    found = minimize(loss, begin.ravel(), jac=True, method="L-BFGS-B", options=settings).x.reshape(size + 1, classes)
    return Head(found[:-1].astype(np.float32), found[-1].astype(np.float32))


def scores_of(head: Head, x: Matrix) -> np.ndarray:
    """Returns the scores [n, C] of rows [n, D]."""
    return x @ head.weights + head.bias


def spanned(x: Matrix, few: np.ndarray) -> np.ndarray:
    """Returns coordinates [N, d] of all rows x [N, D] in the space that the rows numbered `few` span, d <= len(few).

    A penalised linear classifier fitted to these rows alone is the same in these coordinates.
    """
    if len(few) >= x.shape[1]:
        return x.toarray() if hasattr(x, "toarray") else x
    rows = x[few]
    products = x @ rows.T
    products = products.toarray() if hasattr(products, "toarray") else products
    eigenvalues, vectors = np.linalg.eigh(products[few].astype(np.float64))
    kept = eigenvalues > 1e-6 * max(eigenvalues[-1], 1e-12)
    return (products @ (vectors[:, kept] / np.sqrt(eigenvalues[kept]))).astype(np.float32)


def folds_of(labels: Sequence[int] | np.ndarray, count: int, seed: int) -> np.ndarray:
    """Returns [n] the fold 0..count-1 of each row; every label is spread evenly over the folds."""
    labels = np.asarray(labels)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    found = np.empty(len(labels), int)
    found[order] = np.arange(len(labels)) % count
    return found
