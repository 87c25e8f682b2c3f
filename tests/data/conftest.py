"""What the tests of the data rooms share: generators, real files where they exist, small files in published formats."""

import io
import pickle
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def real_data():
    """Returns `folder(name)`: the real files of a data set; skips the test where they are absent."""

    def folder(name):
        if not (SHARED / name).is_dir():
            pytest.skip(f"no real files at {SHARED / name}")
        return SHARED / name

    return folder


@pytest.fixture(scope="session")
def idx_bytes():
    """Returns `array -> bytes` of an idx file, unpacked."""

    def pack(array):
        header = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
        return header + array.astype(np.uint8).tobytes()

    return pack


@pytest.fixture(scope="session")
def pickled():
    """Returns `dictionary -> bytes`, pickled at protocol 2 as the CIFAR archives are."""
    return lambda content: pickle.dumps(content, protocol=2)


@pytest.fixture(scope="session")
def write_tar():
    """Returns `write(path, {name: bytes})`, which makes a .tar.gz."""

    def write(path, members):
        with tarfile.open(path, "w:gz") as tar:
            for name, content in members.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))

    return write
