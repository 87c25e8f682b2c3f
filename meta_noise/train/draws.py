"""Which rows a step takes: a function of the seed, the step and the split in force."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import numpy as np
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P

from meta_noise.data.batches import CLEAN, SPLIT, TRAIN, BalancedWalk, Walk, walk
from meta_noise.train.sharding import BOTH, Placement, filled, put
from meta_noise.types import Array, Leaf, Split


class Draws(NamedTuple):
    """Row numbers of S steps: `step` [S], `train` [S, B], `clean` [S, M], `trusted` [S, B] bool or None.

    For a pair of networks rows have an axis of 2 before the last one. Of images that are streamed, `train_images` and
    `clean_images` hold the pixels of these rows, [S, B, H, W, C] uint8 each, one entry for the batch and each view with
    a part of the image of its own; they are empty where the images are on the device. More rows may follow the last of
    the B, so that they divide over the devices.
    """

    step: Leaf
    train: Leaf
    clean: Leaf
    trusted: Leaf | None = None
    train_images: Leaf = ()
    clean_images: Leaf = ()


class Sizes(NamedTuple):
    """Rows per step of each network; of a side that is to hold all classes equally often also the labels, [N]."""

    train: int
    clean: int
    train_labels: np.ndarray | None = None
    clean_labels: np.ndarray | None = None


class Place(NamedTuple):
    """An epoch: its number and its first step."""

    epoch: int
    first_step: int


Drawer = Callable[[int, int], Draws]
Fill = Callable[[Drawer, int, int], Draws]  # `(draw, step, count)`: the draws with something added


def first_split(n: int, train_rows: np.ndarray, clean_rows: np.ndarray, copies: int) -> Split:
    """Returns the split of `n` rows before a method has looked at any: nothing is trusted."""
    train, clean = np.zeros(n, np.int8), np.zeros(n, bool)
    train[train_rows], clean[clean_rows] = 1, True
    if copies > 1:
        train, clean = np.stack([train] * copies), np.stack([clean] * copies)
    return Split(train, clean)


def fixed_draws(
    seed: int, train_rows: np.ndarray, clean_rows: np.ndarray, sizes: Sizes, where: Placement, fill: Fill | None = None
) -> Drawer:
    """Returns `(step, count) -> Draws` for rows that never change; `fill` adds the images of those that stream."""
    train_walk = walk((seed, TRAIN), train_rows, sizes.train, sizes.train_labels)
    clean_walk = walk((seed, CLEAN), clean_rows, sizes.clean, sizes.clean_labels)

    def draw(step: int, count: int) -> Draws:
        train, clean = (walk(step, count).reshape(count, -1) for walk in (train_walk, clean_walk))
        return Draws(np.arange(step, step + count, dtype=np.int32), train, clean)

    return _placing(draw, where, fill)


def split_draws(
    seed: int, split: Split, place: Place, sizes: Sizes, where: Placement, fill: Fill | None = None
) -> Drawer:
    """Returns `(step, count) -> Draws` for the steps of one epoch under a split, with an axis of 2 for a pair.

    Where a network has trusted and untrusted rows, the first half of its batch comes from the trusted ones, and each
    side starts a new permutation with every epoch. `fill` adds the images of rows that stream.
    """
    codes, cleans = np.asarray(split.train), np.asarray(split.clean)
    pair = codes.ndim == 2
    epoch, first_step = place
    train_walks, clean_walks, trusted = [], [], np.zeros((*codes.shape[:-1], sizes.train), bool)
    for copy, (code, clean) in enumerate(zip(codes.reshape(-1, codes.shape[-1]), np.atleast_2d(cleans), strict=True)):
        sides = [np.flatnonzero(code == 2), np.flatnonzero(code == 1)]
        if all(map(len, sides)):
            half = sizes.train // 2
            walks = [
                (walk((seed, SPLIT, copy, side, epoch), rows, size, sizes.train_labels), first_step)
                for side, (rows, size) in enumerate(zip(sides, (half, sizes.train - half), strict=True))
            ]
            np.atleast_2d(trusted)[copy, :half] = True
        else:
            stream = (seed, TRAIN) if copy == 0 else (seed, 100 + copy)
            walks = [(walk(stream, np.flatnonzero(code > 0), sizes.train, sizes.train_labels), 0)]
        train_walks.append(walks)
        clean_walks.append(walk((seed, SPLIT, copy, 2, epoch), np.flatnonzero(clean), sizes.clean, sizes.clean_labels))

    def draw(step: int, count: int) -> Draws:
        def drawn(rows: Walk | BalancedWalk, start: int) -> np.ndarray:
            return rows(step - start, count).reshape(count, -1)

        train = [np.concatenate([drawn(*side) for side in sides], axis=-1) for sides in train_walks]
        clean = [drawn(rows, first_step) for rows in clean_walks]
        train_rows, clean_rows = (np.stack(side, axis=1) if pair else side[0] for side in (train, clean))
        steps = np.arange(step, step + count, dtype=np.int32)
        return Draws(steps, train_rows, clean_rows, np.stack([trusted] * count))

    return _placing(draw, where, fill)


class Ahead:
    """Draws the rows of `size` steps at once, and again where a step is asked for that is not among them."""

    def __init__(self, draw: Drawer, size: int):
        self.draw, self._size = draw, size
        self._first, self._draws = -size, Draws(None, None, None)

    def of(self, step: int) -> tuple[Draws, int]:
        """Returns draws of `size` steps, and which of them is `step`."""
        if not 0 <= step - self._first < self._size:
            self._first, self._draws = step, self.draw(step, self._size)
        return self._draws, step - self._first

    def left(self, step: int) -> int:
        """Returns how many of the steps drawn with `step` are left, itself included."""
        return self._size - self.of(step)[1]


def at(draws: Draws, position: int | Array) -> Draws:
    """Returns the draw of one of the S steps, without their axis."""
    return jax.tree.map(lambda x: x[position], draws)


def shardings(where: Placement, draws: Draws) -> Draws:
    """Returns where draws live: row numbers on every device, images divided over them."""
    images, everywhere = NamedSharding(where.mesh, P(*[None] * (draws.train.ndim - 1), BOTH)), where.replicated
    trusted = None if draws.trusted is None else everywhere
    return Draws(everywhere, everywhere, everywhere, trusted, images, images)


def _placing(draw: Drawer, where: Placement, fill: Fill | None) -> Drawer:
    def placed(step: int, count: int) -> Draws:
        draws = draw(step, count) if fill is None else fill(draw, step, count)
        axis = draws.train.ndim - 1
        train, clean = (tuple(filled(where, x, axis) for x in y) for y in (draws.train_images, draws.clean_images))
        return put(draws._replace(train_images=train, clean_images=clean), shardings(where, draws))

    return placed
