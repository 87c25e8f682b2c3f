"""Huge pages for a process that trains on CPUs.

Linux hands memory out in pages of 4 KiB, one by one as they are touched first, and a step of a network takes its memory
anew each time. With pages of 2 MiB ResNet-32's plain step takes 0.78 of the time, its exact MW-Net step 0.8
(experiments/benchmark). The C library asks for them only if the environment says so when a process begins.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

KEY, WORD = "GLIBC_TUNABLES", "glibc.malloc.hugetlb"
POLICY = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def begin_again() -> None:
    """Begins this process again, with huge pages, where they have to be asked for and were not; call it before
    anything is read, written or imported that takes long.

    Nothing happens where GLIBC_TUNABLES has a word on it already: glibc.malloc.hugetlb=0 is "no". Nor where the process
    has other words than the command, as that of a notebook has.
    """
    words = sys.argv[1:]
    is_ours = bool(words) and sys.orig_argv[-len(words) :] == words
    if is_ours and (environment := asking(os.environ)) is not None:
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)


def asking(environment: Mapping[str, str]) -> dict[str, str] | None:
    """Returns the environment with the wish for huge pages, None where it has one or none would be heard."""
    tunables = environment.get(KEY, "")
    if WORD in tunables or not (sys.executable and _are_given_on_request() and _is_heard()):
        return None
    return {**environment, KEY: ":".join(filter(None, (tunables, f"{WORD}=1")))}


def _are_given_on_request() -> bool:
    """Says whether Linux gives huge pages to whom asks, not to all and not to none."""
    try:
        return "[madvise]" in POLICY.read_text()
    except OSError:
        return False


def _is_heard() -> bool:
    """Says whether the C library knows the word: glibc does from 2.35 on."""
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
        return name == "glibc" and tuple(map(int, version.split(".")[:2])) >= (2, 35)
    except (AttributeError, OSError, ValueError):
        return False
