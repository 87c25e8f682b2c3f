"""What was compiled is kept in a folder, so that the next process with the same step need not compile it.

JAX keeps it (its persistent compilation cache); this says where, how much, and for whom. Compiled code is run, so a
folder that others can write to is not used. It is only good for processors of the same kind, so each kind has a folder
of its own.
"""

import os
import platform
import stat
import warnings
import zlib
from pathlib import Path

import filelock
import jax

from meta_noise.errors import InputError

VARIABLE = "META_NOISE_CACHE"  # a folder, or off
MOST_BYTES = 2**30  # of a kind of processor; what was not used for longest is deleted first
LEAST_SECONDS = 0.1  # what compiles faster is not kept
LOCK = ".lockfile"  # JAX's own


def compilation_cache(folder: str | Path | None = None) -> Path | None:
    """Returns the folder in which this process keeps what JAX compiles from now on, None where it keeps nothing.

    Without a folder it is that of the environment variable `META_NOISE_CACHE` (`off`: none), else
    `$XDG_CACHE_HOME/meta_noise/compiled` or `~/.cache/meta_noise/compiled`; one that JAX has already been told stays.
    Any number of processes may share it. It takes 1 GiB at most. To empty it, delete it.

    Args:
        folder: where to; it is made.

    Raises:
        InputError: a folder was given and cannot be used. The usual one is then left alone in silence.

    >>> import tempfile
    >>> import meta_noise
    >>> meta_noise.compilation_cache(tempfile.mkdtemp()).is_dir()
    True
    """
    if folder is None and (told := jax.config.values["jax_compilation_cache_dir"]):
        return Path(told)
    if folder is None and is_off():
        return None
    place = (usual_folder() if folder is None else Path(folder)).expanduser().absolute() / _processor()
    if problem := _problem(place):
        if folder is None:
            return None
        raise InputError(f"Compiled steps cannot be kept in {folder}: {problem}. Give another folder.")
    _remove_unfinished(place)
    warnings.filterwarnings("ignore", message=".*persistent compilation cache entry")  # it compiles anew then
    jax.config.update("jax_compilation_cache_max_size", MOST_BYTES)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", LEAST_SECONDS)
    jax.config.update("jax_compilation_cache_dir", str(place))
    return place


def is_off() -> bool:
    """Says whether the environment variable asks for nothing to be kept."""
    return os.environ.get(VARIABLE, "").lower() == "off"


def usual_folder() -> Path:
    """Returns where compiled steps are kept if nothing else is said."""
    if asked := os.environ.get(VARIABLE):
        return Path(asked)
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "meta_noise" / "compiled"


def _processor() -> str:
    """Returns a name for this kind of processor: machine and a checksum of what it can do."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    features = next((line for line in lines if line.lower().startswith(("flags", "features"))), platform.processor())
    return f"{platform.machine()}-{zlib.crc32(features.encode()):08x}"


def _problem(place: Path) -> str:
    """Returns what is wrong with a folder for compiled code, "" where nothing is; makes it where it is not there."""
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = place.stat()
    except (OSError, RuntimeError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        return "it cannot be written to"
    if hasattr(os, "getuid") and (found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
        return f"others can write to {place}, and what it holds is run"
    return ""


def _remove_unfinished(place: Path) -> None:
    """Removes what a killed process had not finished to write; JAX would neither read it nor write it anew."""
    try:
        with filelock.FileLock(place / LOCK, timeout=1):
            for path in place.glob("*-cache"):
                if not path.with_name(f"{path.name.removesuffix('cache')}atime").exists():
                    path.unlink(missing_ok=True)
    except (OSError, filelock.Timeout):
        return
