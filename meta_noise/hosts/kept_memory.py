"""Memory that a process keeps for its next step.

A step of a network takes its memory anew each time. Left alone, the C library gives large pieces back to Linux at once,
which hands them out again in small pages, one by one as they are touched, with zeros in them. A process that keeps what
it has takes three quarters of the time for ResNet-32's plain step on CPUs (`experiments/benchmark`).
"""

import ctypes
import os

TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8  # numbers of malloc.h
MANY = 2**31 - 1  # bytes, the most that fits
WISHES = {
    ARENA_MAX: 1,  # other threads would have heaps of their own, in which large pieces find no room
    MMAP_THRESHOLD: MANY,  # pieces that Linux would take back when they are freed
    TRIM_THRESHOLD: MANY,  # what may lie unused at the end
}
SAID = ("GLIBC_TUNABLES", "MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")  # in the environment


def keep_memory() -> bool:
    """Asks the C library, where that is glibc, to keep memory that is freed, and returns whether it will.

    Call it before there are threads. Nothing happens where the environment says what the C library has to do.
    """
    if any(os.environ.get(name) for name in SAID) or not _is_glibc():
        return False
    library = ctypes.CDLL(None)
    return all(library.mallopt(number, value) for number, value in WISHES.items())


def _is_glibc() -> bool:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc ")
    except (AttributeError, OSError, ValueError):
        return False
