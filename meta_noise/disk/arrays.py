"""Archives of arrays (.npz): sealed when written; looked through before memory is taken; nothing is unpickled.

The seal is an array `seal` with the SHA-256 of all the others, so it is in the same file and cannot go astray.
"""

import hashlib
import math
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from meta_noise.atomic import atomically
from meta_noise.disk.sealed import DamageError

SEAL = "seal"
MANY = 0xFFFF  # parts from which the end of an archive no longer says how many
PACKED = 1100  # bytes that one byte of a deflated file can hold at most; 1032 by the format


class Form(NamedTuple):
    """Shape and type of an array."""

    shape: tuple[int, ...]
    dtype: np.dtype


def write_arrays(path: str | os.PathLike[str], arrays: Mapping[str, np.ndarray]) -> None:
    """Writes arrays, none of which may be called `seal` or hold Python objects, whole or not at all."""
    plain = {name: np.asarray(array) for name, array in arrays.items()}
    with atomically(path) as file:
        np.savez_compressed(file, allow_pickle=False, **plain, **{SEAL: np.asarray(digest(plain))})


def digest(arrays: Mapping[str, np.ndarray]) -> str:
    """Returns the SHA-256 of arrays with their names, types and shapes, in hexadecimal."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        total.update(f"{name}\0{array.dtype.str}\0{arrays[name].shape}\0".encode("utf-8", "backslashreplace"))
        total.update(array.reshape(-1).view(np.uint8).data)
    return total.hexdigest()


def forms(path: str | os.PathLike[str]) -> dict[str, Form]:
    """Returns what an archive says it holds, from the headers alone.

    Raises:
        DamageError: it is no such archive, or a header promises more than the file can hold.
    """
    try:
        size = Path(path).stat().st_size
        with zipfile.ZipFile(path) as archive:
            found = {}
            for entry in archive.infolist():
                if not entry.filename.endswith(".npy") or entry.filename.removesuffix(".npy") in found:
                    raise DamageError(f"its part {entry.filename!r:.60} is no array of its own")
                with archive.open(entry) as file:
                    form, begin = _header(file), file.tell()
                wanted = math.prod(form.shape) * form.dtype.itemsize
                if entry.file_size - begin != wanted or entry.file_size > PACKED * max(entry.compress_size, 1):
                    raise DamageError(
                        f"the array {entry.filename.removesuffix('.npy')!r:.60} is said to take {wanted:,} bytes, and "
                        f"the file of {size:,} bytes does not hold them"
                    )
                found[entry.filename.removesuffix(".npy")] = form
            if _count(path) not in (len(found), MANY):
                raise DamageError("its list of arrays is not whole")
            return found
    except DamageError:
        raise
    except Exception as error:  # zipfile and NumPy raise almost anything on damaged bytes
        raise _misread(error) from error


def read_arrays(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """Returns the arrays of an archive without its seal, which is checked where there is one.

    Raises:
        DamageError: it cannot be read, or is not as it was written.
    """
    names = forms(path)
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in names}
    except Exception as error:
        raise _misread(error) from error
    seal = arrays.pop(SEAL, None)
    if seal is not None and str(seal) != digest(arrays):
        raise DamageError("its arrays are not those that were written")
    return arrays


def _count(path: str | os.PathLike[str]) -> int:
    """Returns how many parts the end of an archive says it has; where its list is damaged, zipfile finds fewer."""
    with open(path, "rb") as file:
        file.seek(max(os.fstat(file.fileno()).st_size - MANY - 22, 0))
        end = file.read()
    place = end.rindex(b"PK\x05\x06") + 10
    return int.from_bytes(end[place : place + 2], "little")


def _misread(error: Exception) -> DamageError:
    if isinstance(error, MemoryError):
        return DamageError("its arrays do not fit into memory")
    return DamageError((str(error) or type(error).__name__).splitlines()[0][:200])


def _header(file) -> Form:
    version = np.lib.format.read_magic(file)
    read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in read:
        raise DamageError(f"an array has format {version}")
    shape, _, dtype = read[version](file)
    if dtype.hasobject:
        raise DamageError("an array holds Python objects")
    if any(not isinstance(side, int) or side < 0 for side in shape):
        raise DamageError(f"an array has shape {shape}")
    return Form(shape, dtype)
