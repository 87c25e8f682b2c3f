"""Named arrays on disk: `.npz` files written whole and sealed, and read without unpickling anything."""

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from meta_noise.disk.arrays import read_arrays, write_arrays
from meta_noise.disk.sealed import DamageError
from meta_noise.errors import DataNotFoundError, InputError


def write_npz(path: str | os.PathLike[str], **arrays: np.ndarray) -> None:
    """Writes the arrays to `path`, compressed and atomically; arrays of Python objects are refused."""
    for key, array in arrays.items():
        if np.asarray(array).dtype.hasobject:
            raise InputError(f"Array {key!r} for {path} holds Python objects; convert it to numbers or strings.")
    write_arrays(path, arrays)


def read_npz(
    path: str | os.PathLike[str], keys: Iterable[str], kind: str, optional: Iterable[str] = ()
) -> dict[str, np.ndarray]:
    """Returns the arrays named `keys` of the file at `path`, and those of `optional` that it has.

    `kind` says in errors what the file should be.

    Nothing is unpickled. A file that is missing raises DataNotFoundError with its path, a file that is damaged, not
    what was written, or lacks an array raises InputError.
    """
    path, keys = Path(path), tuple(keys)
    if not path.is_file():
        raise DataNotFoundError(f"{path} does not exist; expected a {kind}.")
    try:
        stored = read_arrays(path)
    except DamageError as error:
        raise InputError(f"{path} cannot be read as a {kind} (.npz without objects): {error}.") from error
    if lacking := [key for key in keys if key not in stored]:
        raise InputError(f"{path} is not a {kind}: it lacks {', '.join(lacking)} (has {list(stored)}).")
    return {key: stored[key] for key in (*keys, *optional) if key in stored}
