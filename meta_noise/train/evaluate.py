"""What a network says about many rows, in batches of one shape."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import jax
import numpy as np

from meta_noise.data.batches import Store, gather
from meta_noise.data.images.streamed import Streamed
from meta_noise.train import compiler
from meta_noise.train.sharding import Placement, put
from meta_noise.train.spread import own_columns
from meta_noise.types import Batch, State

AHEAD = 2  # batches that wait for the device
MANY = 50  # classes, from which on papers also count the best five


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

    def of_rows(state: State, store: Store, rows, images):
        inputs = compiler.apart(gather(store, rows, images))
        return function(state, Batch(inputs, store.labels[rows], rows))

    compiled = jax.jit(
        of_rows,
        out_shardings=where.replicated,
        compiler_options=compiler.options(where.mesh.devices.flat[0]),
    )
    size = -(-batch_size // where.mesh.size) * where.mesh.size
    mine = own_columns(where.rows, size)

    def sweep(state: State, store: Store, rows: np.ndarray):
        if not len(rows):
            raise ValueError("no rows to look at")
        count = -(-len(rows) // size)
        padded = np.resize(rows, (count, size)).astype(np.int32)  # repeats rows to fill the last batch
        waiting, found = deque[Any](), _Found(len(rows))
        for batch, images in zip(padded, _images_of(store, padded, mine), strict=True):
            waiting.append(compiled(state, store, *put((batch, images), where.rows)))
            if len(waiting) > AHEAD:  # what waits, and its images, would fill the device
                found.add(waiting.popleft())
        for values in waiting:
            found.add(values)
        return found.values

    return sweep


class _Found:
    """What is found of `rows` rows, taken from the device batch by batch into the one array that it will be."""

    def __init__(self, rows: int) -> None:
        self._rows, self._begin, self.values = rows, 0, np.empty(0)

    def add(self, found: jax.Array) -> None:
        """Takes the next batch [B, ...]; what is more than there are rows is dropped."""
        new = np.asarray(jax.device_get(found))[: self._rows - self._begin]
        if not self._begin:
            self.values = np.empty((self._rows, *new.shape[1:]), new.dtype)
        self.values[self._begin : self._begin + len(new)] = new
        self._begin += len(new)


def _images_of(store: Store, rows: np.ndarray, only: np.ndarray | None) -> Iterable[np.ndarray | None]:
    """Returns the images of each line of row numbers [n, B] where they are streamed, else None for each."""
    return store.inputs.batches(rows, only) if isinstance(store.inputs, Streamed) else [None] * len(rows)


def accuracies(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Returns the share of rows whose most probable class is the label, and with many classes one of the best five.

    Args:
        probabilities: [n, C].
        labels: [n].

    Returns:
        `accuracy`, and from `MANY` classes on `top5_accuracy`.
    """
    found = {"accuracy": float(np.mean(np.argmax(probabilities, axis=1) == labels))}
    if probabilities.shape[1] >= MANY:
        best = np.argpartition(-probabilities, 5, axis=1)[:, :5]
        found["top5_accuracy"] = float(np.mean((best == labels[:, None]).any(axis=1)))
    return found
