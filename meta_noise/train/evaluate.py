"""Predictions for many rows, in batches of one shape."""

from collections.abc import Callable

import jax
import numpy as np

from meta_noise.data.batches import Store, gather
from meta_noise.train.sharding import Placement
from meta_noise.types import State


def make_predictor(predict: Callable, where: Placement, batch_size: int) -> Callable[..., np.ndarray]:
    """Returns `(state, store, rows [n]) -> probabilities [n, C]`, evaluation mode, no augmentation, float32.

    Args:
        predict: of a Method.
        where: placement; every batch is sharded over the devices.
        batch_size: rows per compiled call; the last batch is filled up, so nothing compiles twice.
    """

    def probabilities(state: State, store: Store, rows):
        return jax.nn.softmax(predict(state, gather(store, rows)))

    compiled = jax.jit(
        probabilities,
        in_shardings=(where.replicated, where.replicated, where.rows),
        out_shardings=where.replicated,
    )
    size = -(-batch_size // where.mesh.size) * where.mesh.size

    def predict_rows(state: State, store: Store, rows: np.ndarray) -> np.ndarray:
        if not len(rows):
            raise ValueError("no rows to predict")
        starts = range(0, len(rows), size)
        padded = np.resize(rows, len(starts) * size).astype(np.int32)  # repeats rows to fill the last batch
        parts = [compiled(state, store, jax.device_put(padded[start : start + size], where.rows)) for start in starts]
        return np.concatenate(jax.device_get(parts))[: len(rows)]

    return predict_rows


def accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Returns the share of rows whose most probable class is the label; probabilities [n, C], labels [n]."""
    return float(np.mean(np.argmax(probabilities, axis=1) == labels))
