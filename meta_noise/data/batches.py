"""Batches as a function of seed and step: row numbers on the host; gather, augmentation and normalising on the device.

There is no loader state. Each side (training rows, clean rows) walks through permutations of its own and starts the
next when one is used up, so a run that is resumed at any step sees the same batches. Mean and deviation are measured
once, on the host.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from meta_noise.types import Array, Batch, Leaf

TRAIN, CLEAN, SPLIT = 0, 1, 2  # streams of random numbers
CHUNK = 1024


class Walk:
    """Draws `size` of the given `rows` per step, every row once before any comes again."""

    def __init__(self, stream: tuple[int, ...], rows: np.ndarray, size: int):
        """Takes seed and further numbers that tell this walk from others, and row numbers of the data set, [n]."""
        self.rows, self.size = rows, size

        @functools.lru_cache(maxsize=2)
        def permutation(round_: int) -> np.ndarray:
            return np.random.default_rng([*stream, round_]).permutation(len(rows))

        self._permutation = permutation

    def __call__(self, step: int, count: int = 1) -> np.ndarray:
        """Returns [count * size] int32 row numbers of so many steps, one after the other."""
        return self.at(np.arange(step * self.size, (step + count) * self.size))

    def at(self, positions: np.ndarray) -> np.ndarray:
        """Returns the row numbers, int32, at increasing positions of the whole walk."""
        rounds, places = np.divmod(positions, len(self.rows))
        parts = np.split(places, np.flatnonzero(np.diff(rounds)) + 1)
        drawn = [self._permutation(int(r))[part] for r, part in zip(np.unique(rounds), parts, strict=True)]
        return self.rows[np.concatenate(drawn)].astype(np.int32)


class BalancedWalk:
    """Draws `size` rows per step, one of each class in turn; every row of a class once before any comes again."""

    def __init__(self, stream: tuple[int, ...], rows: np.ndarray, size: int, labels: np.ndarray):
        """Takes what `Walk` takes, and the classes [N] of all rows; those that none of `rows` has get no turn."""
        self.size, found = size, labels[rows]
        self._walks = [Walk((*stream, int(k)), rows[found == k], 1) for k in np.unique(found)]

    def __call__(self, step: int, count: int = 1) -> np.ndarray:
        """Returns [count * size] int32 row numbers of so many steps, one after the other."""
        turns, turn = np.divmod(np.arange(step * self.size, (step + count) * self.size), len(self._walks))
        drawn = np.empty(count * self.size, np.int32)
        for number in np.unique(turn):
            drawn[turn == number] = self._walks[number].at(turns[turn == number])
        return drawn


def walk(stream: tuple[int, ...], rows: np.ndarray, size: int, labels: np.ndarray | None) -> Walk | BalancedWalk:
    """Returns what draws `size` of `rows` per step; with `labels` [N] the classes take turns."""
    return Walk(stream, rows, size) if labels is None else BalancedWalk(stream, rows, size, labels)


class Store(NamedTuple):
    """A data set on the device.

    Attributes:
        inputs: [N, ...] uint8 images, float32 vectors or int32 tokens, not normalised; or `Streamed` images, whose
            pixels then come with every batch.
        labels: [N] int32 observed classes (of clean rows: the trusted ones).
        mean, std: per channel or feature, of inputs scaled to [0, 1] where they are uint8.
        true_labels: [N] int32, or None where unknown.
    """

    inputs: Leaf
    labels: Leaf
    mean: Leaf
    std: Leaf
    true_labels: Leaf | None = None


def gather(store: Store, rows: Array, images: Array | None = None) -> Array:
    """Returns normalised, unaugmented inputs [B, ...] of the given row numbers [B]; of streamed rows from `images`."""
    return normalise(store.inputs[rows] if images is None else images, store.mean, store.std)


class Augment(NamedTuple):
    """How batches are augmented: `inputs` is `(key, images) -> images` on raw inputs.

    `views` are further augmentations of the same rows, `(key, images) -> images`; they see raw inputs, or the
    augmented ones with `on_top`.
    """

    inputs: Callable[..., Array]
    views: tuple[Callable[..., Array], ...] = ()
    on_top: bool = False

    @property
    def parts(self) -> int:
        """How many random parts of an image a row needs: one for the batch, one for each view not on top of it."""
        return 1 if self.on_top else 1 + len(self.views)


def make_batch(
    key, store: Store, rows: Array, augment: Augment, epoch: Array, inside: bool, trusted=None, images=()
) -> Batch:
    """Returns the augmented batch of the given rows.

    Args:
        key: for the augmentation.
        store: the data set.
        rows: [B] row numbers; [2, B] for a pair of networks.
        augment: how.
        epoch: how far training is.
        inside: False for clean batches, whose rows count as outside the training set.
        trusted: as `rows`, which of them are trusted, or None.
        images: pixels of streamed rows, `augment.parts` arrays [*rows.shape, H, W, C], of which the last axis of rows
            may be longer than that of `rows`.
    """
    count, axis = rows.shape[-1], rows.ndim - 1
    images = [jax.lax.slice_in_dim(x, 0, count, axis=axis) for x in images] or [store.inputs[rows]]
    raw, *others = (x.reshape(-1, *x.shape[rows.ndim :]) for x in images)
    inputs = augment.inputs(key, raw)
    below = others or [inputs if augment.on_top else raw] * len(augment.views)
    views = [
        view(jax.random.fold_in(key, number + 1), x)
        for number, (view, x) in enumerate(zip(augment.views, below, strict=True))
    ]
    inputs, *views = (
        normalise(x, store.mean, store.std).reshape(*rows.shape, *raw.shape[1:]) for x in (inputs, *views)
    )
    index = rows if inside else jnp.full_like(rows, -1)
    return Batch(inputs, store.labels[rows], index, views=tuple(views), trusted=trusted, epoch=epoch)


def statistics(inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns mean and deviation of the last axis, each [C] float32, of the training inputs.

    Args:
        inputs: [N, height, width, C] images, or [N, C] vectors. uint8 counts as fractions of 255, so that the
            result is what papers print (0.4914, 0.4822, 0.4465 for CIFAR-10). Tokens [N, C] int32 are no quantities;
            theirs are 0 and 1.

    A channel that never changes gets deviation 1, so that it can be divided by.
    """
    channels = inputs.shape[-1]
    if inputs.dtype == np.int32:
        return np.zeros(channels, np.float32), np.ones(channels, np.float32)
    scale = 255.0 if inputs.dtype == np.uint8 else 1.0
    count = inputs.size / channels
    chunks = range(0, len(inputs), CHUNK)
    total = np.zeros(channels)
    for start in chunks:
        total += inputs[start : start + CHUNK].reshape(-1, channels).sum(axis=0, dtype=np.float64)
    mean = total / count
    squares = np.zeros(channels)
    for start in chunks:  # a second pass, since the difference of two large sums would lose digits
        squares += np.square(inputs[start : start + CHUNK].reshape(-1, channels) - mean).sum(axis=0)
    std = np.sqrt(squares / count) / scale
    return (mean / scale).astype(np.float32), np.where(std > 0, std, 1.0).astype(np.float32)


def normalise(images: jax.Array, mean: ArrayLike, std: ArrayLike) -> jax.Array:
    """Returns `(images - mean) / std` as float32, with uint8 first divided by 255; int32 tokens come as they are.

    Args:
        images: [..., C] uint8, floats that are left in their own unit, or int32 tokens.
        mean: [C] or a number, in the unit of fractions of 255 for uint8.
        std: [C] or a number, likewise.
    """
    if images.dtype == jnp.int32:
        return images
    scale = 255.0 if images.dtype == jnp.uint8 else 1.0
    mean, std = jnp.asarray(mean, jnp.float32), jnp.asarray(std, jnp.float32)
    return (images.astype(jnp.float32) / scale - mean) / std
