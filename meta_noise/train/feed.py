"""The images of one step after the other, decoded ahead of the steps that need them.

What a step gets is a function of the seed, the step and the rows that the split gives, so there is nothing to save: a
run that is resumed starts reading at its step and sees the same images to the last bit.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import numpy as np

from meta_noise.data.images.streamed import Streamed, ahead
from meta_noise.train.draws import Draws

_STREAM = 77  # of random numbers, apart from those that draw rows
_END = 2**31 - 1

Images = tuple[np.ndarray, ...]


def generators(seed: int, step: int, side: int, positions: Sequence[int]) -> list[np.random.Generator]:
    """Returns what draws the parts of the images at some positions of a batch, of training (0) or clean rows (1).

    They are made before the first image is decoded: between two images, whose pixels drive all else out of the
    processor's caches, making one takes four times as long.
    """
    return [np.random.default_rng([seed, _STREAM, step, side, position]) for position in positions]


class Feed:
    """Adds decoded images to draws. It reads ahead from the step it was last asked for; close it after the last one."""

    def __init__(
        self, images: Streamed, seed: int, parts: int, mine: Callable[[int], np.ndarray | None] = lambda count: None
    ):
        """Decodes `parts` random parts of every image, one for the batch and each view that needs one of its own.

        `mine` says which of so many rows of a batch to decode, the others stay black; None: all.
        """
        self._images, self._seed, self._parts, self._mine = images, seed, parts, mine
        self._open = ExitStack()
        self._reader: Iterator[tuple[Images, Images]] = iter(())
        self._place: tuple[Callable[[int, int], Draws] | None, int] = (None, 0)  # draws it reads for, next step
        self._last: tuple[object, Draws] = (None, Draws(None, None, None))

    def __enter__(self) -> "Feed":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Stops reading; the next call starts anew."""
        self._open.close()
        self._place, self._last = (None, 0), (None, Draws(None, None, None))

    def __call__(self, draw: Callable[[int, int], Draws], step: int, count: int) -> Draws:
        """Returns the draws of `count` steps with their images, [S, ..., H, W, C] uint8 each.

        Args:
            draw: `(step, count) -> Draws` of row numbers, a pure function.
            step: the first step. Reading goes on where it stands, or starts anew where this is another place.
            count: S.
        """
        asked = (draw, step, count)
        if self._last[0] == asked:
            return self._last[1]
        if self._place != (draw, step):
            self.close()
            self._reader = self._open.enter_context(ahead(lambda number: self._decode(draw, number), step, _END))
        found = [next(self._reader) for _ in range(count)]
        self._place = (draw, step + count)
        train, clean = (tuple(map(_joined, zip(*side, strict=True))) for side in zip(*found, strict=True))
        self._last = (asked, draw(step, count)._replace(train_images=train, clean_images=clean))
        return self._last[1]

    def _decode(self, draw: Callable[[int, int], Draws], step: int) -> tuple[Images, Images]:
        """Returns the images of training and clean rows of a step, a tuple of `parts` arrays each."""
        draws = draw(step, 1)
        train, clean = (self._side(side, step, rows[0]) for side, rows in enumerate((draws.train, draws.clean)))
        return train, clean

    def _side(self, side: int, step: int, rows: np.ndarray) -> Images:
        count = rows.shape[-1]
        flat, mine = rows.reshape(-1), self._mine(count)
        fresh = np.empty if mine is None else np.zeros
        found = tuple(fresh((rows.size, *self._images.image_shape), np.uint8) for _ in range(self._parts))
        wanted = [position for position in range(rows.size) if mine is None or position % count in mine]
        for position, rng in zip(wanted, generators(self._seed, step, side, wanted), strict=True):
            for part, image in zip(found, self._images.parts(int(flat[position]), rng, self._parts), strict=True):
                part[position] = image
        return tuple(part.reshape(*rows.shape, *self._images.image_shape) for part in found)


def _joined(steps: tuple[np.ndarray, ...]) -> np.ndarray:
    """Returns the images of S steps as [S, ...]; those of a single step are not copied."""
    return steps[0][None] if len(steps) == 1 else np.stack(steps)
