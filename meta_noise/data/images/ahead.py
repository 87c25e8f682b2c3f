"""Work done ahead of time in threads, through grain."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from meta_noise.errors import InputError

T = TypeVar("T")
MOST_THREADS = 16


def threads() -> int:
    """Returns how many threads decode: one for every processor that this process may use, at most 16."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(processors, MOST_THREADS)


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
