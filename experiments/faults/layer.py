"""Every operation of a command on files below a folder, interposed: told of before it is done.

Who is told may copy the folder (`Recorder`: what a kill at that moment leaves) or refuse (`Full`: a disk that is full).
The operations are open for writing, write, fsync, rename, unlink, mkdir, rmdir, truncate; a write is done in two halves
with a telling between them. TensorStore writes the arrays of checkpoints without Python, so
its operations are not stepped through; copies taken meanwhile show them as far as they are.
"""

import builtins
import contextlib
import errno
import hashlib
import io
import json
import os
import re
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from meta_noise.disk.lock import LOCK
from meta_noise.disk.owned import MARKER

TIMES = {"seconds", "step_milliseconds"}
NAMED_BY_CHANCE = ("report.html", "function.jax")  # with times, or with names that JAX makes
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Moment(NamedTuple):
    """The folder before an operation: its name, its path, and where the copy is."""

    operation: str
    path: str
    copy: Path


class Recorder:
    """Copies `root` into `store` before every operation below it, unless nothing has changed since the last copy."""

    def __init__(self, root: Path, store: Path):
        self.root, self.store = root, store
        self.moments: list[Moment] = []
        self.operations: Counter[str] = Counter()
        self._last = ""
        self._lock, self._inside = threading.RLock(), threading.local()

    def before(self, operation: str, path: object) -> None:
        """Is told of every operation."""
        if getattr(self._inside, "busy", False) or isinstance(path, int) or path is None:
            return
        where = os.path.abspath(os.fsdecode(path))  # type: ignore[arg-type]
        if not where.startswith(str(self.root)):
            return
        with self._lock:
            self._inside.busy = True
            try:
                self.operations[operation] += 1
                if (state := self._state()) != self._last:
                    self._last = state
                    copy = self.store / f"{len(self.moments):05d}"
                    self._copy(copy)
                    self.moments.append(Moment(operation, os.path.relpath(where, self.root), copy))
            finally:
                self._inside.busy = False

    def _state(self) -> str:
        digest = hashlib.sha256()
        for place, folders, files in os.walk(self.root):
            folders.sort()
            for name in sorted(files):
                path = os.path.join(place, name)
                with contextlib.suppress(OSError):
                    digest.update(f"{path}\0{os.path.getsize(path)}\0".encode())
            digest.update("\0".join(folders).encode())
        return digest.hexdigest()

    def _copy(self, target: Path) -> None:
        if not self.root.exists():
            return
        for _ in range(20):  # TensorStore may rename a file in between
            try:
                shutil.copytree(self.root, target, symlinks=True)
                return
            except (shutil.Error, OSError):
                shutil.rmtree(target, ignore_errors=True)
        raise AssertionError("the folder does not stand still")


class Full:
    """Lets so many operations below `root` pass, then refuses every one that needs room, as a full disk does."""

    def __init__(self, root: Path, passing: int, number: int = errno.ENOSPC):
        self.root, self.left, self.number = root, passing, number
        self.refused = 0

    def before(self, operation: str, path: object) -> None:
        """Is told of every operation."""
        if isinstance(path, int) or path is None or operation in ("unlink", "remove", "rmdir", "replace", "rename"):
            return
        if not os.path.abspath(os.fsdecode(path)).startswith(str(self.root)):  # type: ignore[arg-type]
            return
        self.left -= 1
        if self.left < 0:
            self.refused += 1
            raise OSError(self.number, os.strerror(self.number), os.fsdecode(path))  # type: ignore[arg-type]


class _Stepwise(io.FileIO):
    """A file whose every write is told of, and done in two halves."""

    recorder: "Recorder | Full"

    def write(self, data) -> int:  # type: ignore[override]
        data = bytes(data)
        self.recorder.before("write", self.name)
        half = len(data) // 2
        if half:
            super().write(data[:half])
            self.recorder.before("rest of a write", self.name)
        return half + super().write(data[half:])


@contextlib.contextmanager
def recorded(root: Path, store: Path) -> Iterator[Recorder]:
    """Gives the recorder of all that the block does below `root`."""
    recorder = Recorder(root, store)
    with interposed(root, recorder):
        yield recorder


@contextlib.contextmanager
def interposed(root: Path, recorder: Recorder | Full) -> Iterator[None]:
    """Tells of every operation that the block does below `root` before it is done."""
    plain_open, plain_os_open = builtins.open, os.open
    stepwise = type("Stepwise", (_Stepwise,), {"recorder": recorder})

    def opened(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
        is_ours = not isinstance(file, int) and os.path.abspath(os.fsdecode(file)).startswith(str(root))
        if not is_ours or not set(mode) & set("wax+") or opener is not None:
            return plain_open(file, mode, buffering, encoding, errors, newline, closefd, opener)
        recorder.before("open", file)
        raw = stepwise(os.fspath(file), mode.replace("b", "").replace("t", ""))
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, errors, newline)

    def os_open(path, flags, mode=0o777, *, dir_fd=None):
        if flags & WRITING:
            recorder.before("open", path)
        return plain_os_open(path, flags, mode, dir_fd=dir_fd)

    def telling(name: str, function: Callable) -> Callable:
        def told(path, *args, dir_fd=None, **kwargs):
            if dir_fd is None:
                recorder.before(name, path)
                return function(path, *args, **kwargs)
            recorder.before(name, os.path.join(os.readlink(f"/proc/self/fd/{dir_fd}"), path))
            return function(path, *args, dir_fd=dir_fd, **kwargs)

        return told

    def of_descriptor(name: str, function: Callable) -> Callable:
        def told(descriptor, *args):
            number = descriptor if isinstance(descriptor, int) else descriptor.fileno()
            if os.path.exists(link := f"/proc/self/fd/{number}"):
                recorder.before(name, os.readlink(link))
            return function(descriptor, *args)

        return told

    with contextlib.ExitStack() as patches:
        for module in (builtins, io):
            patches.enter_context(patch.object(module, "open", opened))
        patches.enter_context(patch.object(os, "open", os_open))
        for name in ("replace", "rename", "unlink", "remove", "mkdir", "rmdir"):
            patches.enter_context(patch.object(os, name, telling(name, getattr(os, name))))
        for name in ("fsync", "write", "ftruncate"):
            patches.enter_context(patch.object(os, name, of_descriptor(name, getattr(os, name))))
        yield


def left(root: Path) -> dict[str, object]:
    """Returns what a finished command leaves below a folder: every file by its bytes, but for ids and times.

    Of checkpoints, which hold how long the training took, their steps count.
    """
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if "checkpoints/" in name:
            if re.fullmatch(r"(.*/)?checkpoints/[^/]*", name):
                found[name] = "checkpoint"
        elif not path.is_file():
            found[name] = "folder"
        elif path.name == MARKER:
            found[name] = json.loads(path.read_bytes())["kind"]
        elif path.name == "results.json":
            values = json.loads(path.read_bytes())
            found[name] = {key: value for key, value in values.items() if key not in {*TIMES, "sha256"}}
        elif path.name == "finished.json":  # has digests of files that hold times
            values = json.loads(path.read_bytes())
            found[name] = {**{key: values[key] for key in ("steps", "history")}, "files": sorted(values["files"])}
        elif ".array_record" in path.name:  # whose maps are in an order of the process; prepared.json has their content
            found[name] = "records"
        elif path.name in NAMED_BY_CHANCE:
            found[name] = len(path.read_bytes()) > 1000
        elif path.name != LOCK:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def put_back(moment: Moment, root: Path) -> None:
    """Makes the folder what it was at a moment."""
    shutil.rmtree(root, ignore_errors=True)
    if moment.copy.exists():
        shutil.copytree(moment.copy, root, symlinks=True)


def sample(moments: list[Moment], count: int) -> list[Moment]:
    """Returns some moments, the first and the last ones of a command among them, the others evenly spread."""
    if len(moments) <= max(count, 6):
        return moments
    ends = min(3, count // 2)
    middle = moments[ends:-ends]
    step = max(len(middle) // max(count - 2 * ends, 1), 1)
    return moments[:ends] + middle[step // 2 :: step] + moments[-ends:]
