"""What a network says about many rows, in batches of one shape."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from meta_noise.data.batches import Store, gather
from meta_noise.train.sharding import Placement
from meta_noise.types import Batch, State


def make_predictor(predict: Callable[..., Any], where: Placement, batch_size: int) -> Callable[..., np.ndarray]:
    """Returns `(state, store, rows [n]) -> probabilities [n, C]`, evaluation mode, no augmentation, float32.

    Args:
        predict: of a Method.
        where: placement; every batch is sharded over the devices.
        batch_size: rows per compiled call.
    """

    def probabilities(state: State, batch: Batch):
        return jax.nn.softmax(predict(state, batch.inputs))

    return make_sweep(probabilities, where, batch_size)


def make_sweep(function: Callable[..., Any], where: Placement, batch_size: int) -> Callable[..., Any]:
    """Returns `(state, store, rows [n]) -> [n, ...]`, `function(state, batch) -> [B, ...]` over the given rows.

    Batches are unaugmented. The last one is filled up, so nothing compiles twice; `function` must treat rows apart.
    """

    def of_rows(state: State, store: Store, rows):
        return function(state, Batch(gather(store, rows), store.labels[rows], rows))

    compiled = jax.jit(
        of_rows,
        in_shardings=(where.replicated, where.replicated, where.rows),
        out_shardings=where.replicated,
    )
    size = -(-batch_size // where.mesh.size) * where.mesh.size

    def sweep(state: State, store: Store, rows: np.ndarray):
        if not len(rows):
            raise ValueError("no rows to look at")
        starts = range(0, len(rows), size)
        padded = np.resize(rows, len(starts) * size).astype(np.int32)  # repeats rows to fill the last batch
        parts = [compiled(state, store, jax.device_put(padded[start : start + size], where.rows)) for start in starts]
        return np.concatenate(jax.device_get(parts))[: len(rows)]

    return sweep


def accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Returns the share of rows whose most probable class is the label; probabilities [n, C], labels [n]."""
    return float(np.mean(np.argmax(probabilities, axis=1) == labels))
