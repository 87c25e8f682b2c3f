"""Memory that a process keeps for its next step, in huge pages.

A step of a network takes its memory anew each time. Left alone, the C library gives large pieces back to Linux at once,
which hands them out again in pages of 4 KiB, one by one as they are touched, with zeros in them. A process that keeps
what it has, and asks for pages of 2 MiB, takes three quarters of the time for ResNet-32's plain step and 0.85 for the
exact MW-Net step (`experiments/benchmark`). The C library listens to such wishes only when a process begins.
"""

import os
import sys
from collections.abc import Mapping

KEY = "GLIBC_TUNABLES"
MANY = 2**34  # bytes: pieces below are kept
WISHES = {
    "hugetlb": 1,  # pages of 2 MiB where Linux gives them to whom asks
    "mmap_threshold": MANY,  # pieces that Linux would take back when they are freed
    "trim_threshold": MANY,  # what may lie unused at the end
    "arena_max": 1,  # other threads would have heaps of their own, in which large pieces find no room
}


def keep_memory() -> None:
    """Begins this process again, with these wishes, where the C library listens to them; call it before anything is
    read, written or imported that takes long.

    Nothing happens where GLIBC_TUNABLES speaks of glibc.malloc already, so that glibc.malloc.hugetlb=0 is "no". Nor
    where the process has other words than the command, as that of a notebook has.
    """
    words = sys.argv[1:]
    is_ours = bool(words) and sys.orig_argv[-len(words) :] == words
    if is_ours and (environment := with_wishes(os.environ)) is not None:
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)


def with_wishes(environment: Mapping[str, str]) -> dict[str, str] | None:
    """Returns the environment with the wishes; None where it has some, or none would be heard."""
    given = environment.get(KEY, "")
    if "glibc.malloc" in given or not (sys.executable and _are_heard()):
        return None
    wishes = [f"glibc.malloc.{name}={value}" for name, value in WISHES.items()]
    return {**environment, KEY: ":".join([given, *wishes] if given else wishes)}


def _are_heard() -> bool:
    """Says whether the C library knows all of them: glibc does from 2.35 on."""
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
        return name == "glibc" and tuple(map(int, version.split(".")[:2])) >= (2, 35)
    except (AttributeError, OSError, ValueError):
        return False
