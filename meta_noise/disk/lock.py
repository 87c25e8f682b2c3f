"""One process at a time in a folder of ours; the kernel lifts the lock when a process ends, however it ends."""

import contextlib
import json
import os
import platform
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from meta_noise.atomic import locked
from meta_noise.errors import InputError

LOCK = ".meta_noise.lock"
UNLOCKABLE = "The file system of {folder} has no locks, so start no second process in that folder."
_inside: dict[Path, int] = {}  # folder -> the thread of this process that has it
_guard = threading.Lock()


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[str]:
    """Locks an existing folder for the block; the thread that has it locked already may enter again.

    Gives a sentence for the user where the file system has no locks, else "".

    Raises:
        InputError: another process, or another thread of this one, is in it.
    """
    place, me = folder.resolve(), threading.get_ident()
    with _guard:
        is_inside = _inside.get(place) == me
        if not is_inside and place in _inside:
            raise InputError(_taken(folder, f"another thread of this process ({os.getpid()})"))
        _inside[place] = me
    if is_inside:
        yield ""
        return
    try:
        with _file_lock(folder) as note:
            yield note
    finally:
        with _guard:
            del _inside[place]


@contextlib.contextmanager
def _file_lock(folder: Path) -> Iterator[str]:
    path = folder / LOCK
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    try:
        try:
            got, note = locked(descriptor), ""
        except OSError:
            got, note = True, UNLOCKABLE.format(folder=folder)
        if not got or not _is_file(descriptor, path):  # the second: it was removed before it could be locked
            raise InputError(_taken(folder, _owner(path)))
        facts = {"process": os.getpid(), "host": platform.node(), "since": time.strftime("%Y-%m-%d %H:%M:%S %z")}
        os.ftruncate(descriptor, 0)
        os.write(descriptor, json.dumps(facts).encode())
        yield note
    finally:
        os.close(descriptor)


def _is_file(descriptor: int, path: Path) -> bool:
    """Says whether an open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def _owner(path: Path) -> str:
    """Returns who holds a lock, as the process said itself."""
    try:
        facts = json.loads(path.read_bytes()[:1000])
        return f"process {int(facts['process'])} on {facts['host']!s:.60}, started {facts['since']!s:.40}"
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return "another process"


def _taken(folder: Path, who: str) -> str:
    return f"{folder} is in use by {who}. Wait until it has ended, or choose another folder."
