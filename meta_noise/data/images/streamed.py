"""Images that stay on disk and are decoded on the host when a batch wants them."""

import dataclasses
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TypeVar

import jax
import numpy as np

from meta_noise.errors import InputError

T = TypeVar("T")
MOST_THREADS = 16
MOST_TOGETHER = 8  # images that a thread decodes for evaluation before it hands them over


@jax.tree_util.register_static  # to compiled functions it is a constant without arrays
@dataclasses.dataclass(frozen=True, eq=False)
class Streamed:
    """N images that are decoded when they are asked for; it stands where an array [N, H, W, C] uint8 could stand.

    Attributes:
        numbers: [N] int64, what `decode` calls each row.
        decode: `(number, rng, count) -> count images [H, W, C]`, random parts of one image; without `rng` (None) the
            same part every time, as evaluation sees it. Called from several threads.
        image_shape: (H, W, C).
        digest: says which images these are, without reading them.
    """

    numbers: np.ndarray
    decode: Callable[[int, np.random.Generator | None, int], Sequence[np.ndarray]]
    image_shape: tuple[int, int, int]
    digest: str

    dtype = np.dtype(np.uint8)
    ndim = 4

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """[N, H, W, C] as a tuple."""
        return (len(self.numbers), *self.image_shape)

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: np.ndarray) -> "Streamed":
        """Returns the images of the given row numbers, still on disk."""
        return dataclasses.replace(self, numbers=self.numbers[rows])

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        """Returns the images [n, H, W, C] of the given row numbers [n], decoded, as evaluation sees them."""
        if not len(rows):
            return np.zeros((0, *self.image_shape), np.uint8)
        (images,) = self.batches(np.asarray(rows)[None])
        return images

    def batches(self, rows: np.ndarray, only: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """Yields for each line of row numbers [n, B] its images [B, H, W, C], as evaluation sees them.

        Args:
            rows: row numbers.
            only: columns to decode, the others are zero; None: all.
        """
        columns = np.arange(rows.shape[1]) if only is None else only
        flat = rows[:, columns].reshape(-1)
        # Several images at a time: handing over each by itself would cost a tenth of decoding it.
        size = max(1, min(MOST_TOGETHER, len(flat) // threads()))

        def some(number: int) -> list[np.ndarray]:
            return [self.part(int(row)) for row in flat[number * size : (number + 1) * size]]

        with ahead(some, 0, -(-len(flat) // size)) as groups:
            images = chain.from_iterable(groups)
            for _ in range(len(rows)):
                batch = np.zeros((rows.shape[1], *self.image_shape), np.uint8)
                for column in columns:
                    batch[column] = next(images)
                yield batch

    def part(self, row: int, rng: np.random.Generator | None = None) -> np.ndarray:
        """Returns one decoded image [H, W, C]."""
        return self.decode(int(self.numbers[row]), rng, 1)[0]

    def parts(self, row: int, rng: np.random.Generator, count: int) -> Sequence[np.ndarray]:
        """Returns `count` random parts [H, W, C] of one image."""
        return self.decode(int(self.numbers[row]), rng, count)


def processors() -> int:
    """Returns how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads() -> int:
    """Returns how many threads decode: one for every processor that this process may use, at most 16."""
    return min(processors(), MOST_THREADS)


@contextmanager
def ahead(make: Callable[[int], T], first: int, last: int) -> Iterator[Iterator[T]]:
    """Gives an iterator over `make(first)`, ..., `make(last - 1)`, in order, made ahead of time in several threads.

    Decoders run outside Python's lock, so threads are enough. What an element raises is raised when its turn comes.
    At the end of the block no further element is begun, whether all were taken or not.

    Args:
        make: a function of the number alone, never of what was made before.
        first: first number.
        last: number after the last one.
    """
    try:
        # Here and not at the top: a package that only streamed images need.
        import grain
    except ImportError as error:
        raise InputError(f"{error}. Streaming images needs it: run `pip install grain`.") from error
    count = threads()
    options = grain.ReadOptions(num_threads=count, prefetch_buffer_size=2 * count)
    iterator = iter(grain.MapDataset.range(first, last).map(make).to_iter_dataset(options))
    try:
        yield iterator
    finally:
        iterator.close()
