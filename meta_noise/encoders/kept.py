"""Vectors of blocks of rows, kept in a folder of the user's, so that they are computed once.

A file holds the vectors of one block, under a name that is a digest of the encoder, of its way of computing and of the
rows; it is sealed, and written whole or not at all. What is damaged is computed again. Where nothing can be kept, that
is no error.
"""

import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from meta_noise.disk.arrays import read_arrays, write_arrays
from meta_noise.disk.sealed import DamageError
from meta_noise.train.cache import VARIABLE, is_off, usual_folder

FORMAT = 1  # of the computation; another number makes all that was kept void
MOST_BYTES = 2 * 2**30  # of all files; what was not used for longest is deleted first
_NAME = re.compile(r"[0-9a-f]{64}\.npz")


def folder() -> Path | None:
    """Returns where vectors are kept: `~/.cache/meta_noise/encoded`, or `encoded` in the folder META_NOISE_CACHE."""
    if is_off():
        return None
    usual = usual_folder().expanduser()
    return (usual if os.environ.get(VARIABLE) else usual.parent) / "encoded"


def key_of(sha256: str, rows: Sequence[str] | np.ndarray) -> str:
    """Returns the digest, in hexadecimal, of an encoder and of rows: texts, or images [n, H, W, C]."""
    digest = hashlib.sha256(f"{FORMAT} {sha256} ".encode())
    if isinstance(rows, np.ndarray):
        digest.update(f"{rows.dtype.str} {rows.shape} ".encode())
        digest.update(np.ascontiguousarray(rows).data)
    else:
        for text in rows:
            packed = text.encode("utf-8", "surrogatepass")
            digest.update(f"{len(packed)} ".encode())
            digest.update(packed)
    return digest.hexdigest()


def keeping(place: Path | None, key: str, make: Callable[[], np.ndarray]) -> tuple[np.ndarray, bool]:
    """Returns the vectors [n, D] of that key, and whether they were there; else they are made, and kept if possible.

    Args:
        place: the folder, None to keep nothing.
        key: see `key_of`.
        make: gives them.
    """
    if place is None:
        return make(), False
    path = place / f"{key}.npz"
    with contextlib.suppress(OSError, DamageError, KeyError):
        found = read_arrays(path)["vectors"]
        os.utime(path)
        return found, True
    vectors = make()
    with contextlib.suppress(OSError):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_arrays(path, {"vectors": vectors})
        _tidy(place)
    return vectors, False


def _tidy(place: Path) -> None:
    """Removes files of ours that were not used for longest, until the rest are not too large."""
    files: list[tuple[float, int, Any]] = []
    for entry in os.scandir(place):
        if _NAME.fullmatch(entry.name):
            about = entry.stat(follow_symlinks=False)
            files.append((about.st_mtime, about.st_size, entry.path))
    total = sum(size for _, size, _ in files)
    for _, size, path in sorted(files):
        if total <= MOST_BYTES:
            return
        os.unlink(path)
        total -= size
