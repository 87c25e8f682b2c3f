"""Disks, memory and surroundings that refuse."""

import contextlib
import errno
import io
import os
import resource
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.hostile.case import Case, rows


@contextlib.contextmanager
def patched(*changes):
    with pytest.MonkeyPatch.context() as patch:
        for where, name, value in changes:
            patch.setattr(where, name, value)
        yield


def refusing(number: int, *names: str):
    """Returns a context in which functions of `os` refuse with an error number, for files below the current folder."""

    def refuse(path, *args, **kwargs):
        raise OSError(number, os.strerror(number), path if isinstance(path, str | bytes | os.PathLike) else None)

    return lambda: patched(*((os, name, refuse) for name in names))


@contextlib.contextmanager
def variables(**values):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.delenv(name, raising=False) if value is None else patch.setenv(name, value)
        yield


@contextlib.contextmanager
def ascii_streams():
    """Standard streams that can say ASCII only, as under PYTHONIOENCODING=ascii."""
    out, errors = (io.TextIOWrapper(stream.buffer, "ascii", write_through=True) for stream in (sys.stdout, sys.stderr))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        yield
    out.detach(), errors.detach()


@contextlib.contextmanager
def limited(what: int, soft: int):
    before = resource.getrlimit(what)
    resource.setrlimit(what, (soft, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(what, before)


@contextlib.contextmanager
def few_files():
    """Leaves no file descriptor free."""
    taken = []
    with limited(resource.RLIMIT_NOFILE, 256):
        try:
            with contextlib.suppress(OSError):
                while True:
                    taken.append(os.open(os.devnull, os.O_RDONLY))
            yield
        finally:
            for descriptor in taken:
                os.close(descriptor)


def out_of_memory(*args, **kwargs):
    raise MemoryError("Unable to allocate 8.00 TiB for an array with shape (1, 2)")


@contextlib.contextmanager
def no_folder():
    """The current folder is gone."""
    here = Path.cwd()
    gone = here / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    try:
        yield
    finally:
        os.chdir(here)


COMMANDS = {
    "predict": lambda p: ["predict", p.world.run, p.world.data, "--out", p.here / "new.csv"],
    "predict to Parquet": lambda p: ["predict", p.world.run, p.world.data, "--out", p.here / "new.parquet"],
    "queue": lambda p: ["queue", p.world.run, "--n", "5", "--out", p.here / "new"],
    "export": lambda p: ["export", p.world.run, "--out", p.here / "new"],
    "clean": lambda p: ["clean", p.file("rows.csv", rows()), "--out", p.here / "new"],
    "inspect": lambda p: ["inspect", p.file("rows.csv", rows(count=18)), "--no-cost", "--json", p.here / "new.json"],
}
NUMBERS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EROFS, errno.EMFILE)
OPERATIONS = {"a new name": ("replace",), "what is flushed": ("fsync",)}
SURROUNDINGS = {
    "no home": lambda: variables(HOME="/none", XDG_CACHE_HOME=None),
    "a cache that is a file": lambda: variables(META_NOISE_CACHE="/etc/passwd"),
    "a cache in /proc": lambda: variables(META_NOISE_CACHE="/proc/none"),
    "a terminal of no width": lambda: variables(COLUMNS="0"),
    "a terminal of one column": lambda: variables(COLUMNS="1"),
    "a width that is no number": lambda: variables(COLUMNS="x"),
    "a dumb terminal": lambda: variables(TERM="dumb"),
    "colours forced": lambda: variables(FORCE_COLOR="1", NO_COLOR="1"),
    "no folder for temporary files": lambda: variables(TMPDIR="/none"),
    "ASCII": ascii_streams,
    "C": lambda: variables(LC_ALL="C", LANG="C"),
    "no current folder": no_folder,
}
CASES = [
    *(
        Case(
            f"{command}: {what} meets {errno.errorcode[number]}",
            words,
            2,
            os.strerror(number),
            refusing(number, *names),
        )
        for command, words in COMMANDS.items()
        for what, names in OPERATIONS.items()
        for number in (NUMBERS if command == "predict" else NUMBERS[:1])
    ),
    *(
        Case(f"{command}: where {what}", COMMANDS[command], 0, during=during)
        for command in ("predict", "inspect")
        for what, during in SURROUNDINGS.items()
        if (command, what) not in {("inspect", "no current folder"), ("inspect", "colours forced")}
    ),
    Case(
        "predict: no file may grow",
        COMMANDS["predict"],
        2,
        "File too large",
        lambda: limited(resource.RLIMIT_FSIZE, 100),
    ),
    Case(
        "queue: no file may grow", COMMANDS["queue"], 2, "File too large", lambda: limited(resource.RLIMIT_FSIZE, 100)
    ),
    Case(
        "clean: no file may grow", COMMANDS["clean"], 2, "File too large", lambda: limited(resource.RLIMIT_FSIZE, 2000)
    ),
    Case("predict: no file may be opened", COMMANDS["predict"], 2, "open files", few_files),
    Case(
        "predict: memory", COMMANDS["predict"], 2, "Memory ran out", lambda: patched((np, "concatenate", out_of_memory))
    ),
]
