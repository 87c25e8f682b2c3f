"""The idx file format of MNIST.

An idx file is two zero bytes, a type code (8: unsigned byte), the number of axes, each axis as a big-endian 32-bit
integer, then the values in C order. Format: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten
digits", http://yann.lecun.com/exdb/mnist/.
"""

import gzip
import math
import os
import struct
import zlib
from pathlib import Path

import numpy as np

from meta_noise.data.formats.published import check_bytes, not_found
from meta_noise.errors import InputError

UNSIGNED_BYTE = 8


def parse_idx(data: bytes, rank: int, where: str | os.PathLike[str]) -> np.ndarray:
    """Returns the uint8 array in an unpacked idx file.

    Args:
        data: the whole file.
        rank: number of axes it must have (3 for images, 1 for labels).
        where: its place, for messages.
    """
    if len(data) < 4:
        raise InputError(f"{where} has {len(data)} bytes; an idx file begins with a magic number of 4.")
    if data[:2] != b"\0\0" or data[2] != UNSIGNED_BYTE or data[3] != rank:
        raise InputError(
            f"{where} begins with the magic number 0x{data[:4].hex()}; "
            f"an idx file of bytes with {rank} axes begins with 0x0000{UNSIGNED_BYTE:02x}{rank:02x}."
        )
    start = 4 + 4 * rank
    if len(data) < start:
        raise InputError(f"{where} ends within its header of {start} bytes; the file is cut off.")
    shape = struct.unpack(f">{rank}I", data[4:start])
    if len(data) - start != math.prod(shape):
        kind = "cut off" if len(data) - start < math.prod(shape) else "too long"
        raise InputError(f"{where} is {kind}: {math.prod(shape)} values of shape {shape}, {len(data) - start} there.")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def read_idx(folder: Path, file: str, rank: int, name: str, verify: bool) -> np.ndarray:
    """Returns the array in `folder/file.gz`, or in `folder/file` where that is all there is."""
    path = next((folder / f for f in (f"{file}.gz", file) if (folder / f).is_file()), None)
    if path is None:
        raise not_found(name, folder, file=f"{file}.gz")
    data = path.read_bytes()
    if verify:
        check_bytes(data, name, path.name, path)
    if path.suffix == ".gz":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"{path} is not a whole gzip file: {error}. Get it again.") from error
    return parse_idx(data, rank, path)
