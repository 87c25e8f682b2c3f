"""Archives of arrays: sealed, looked through before memory is taken, nothing unpickled."""

import contextlib
import io
import zipfile

import numpy as np
import pytest

from meta_noise.disk.arrays import forms, read_arrays, write_arrays
from meta_noise.disk.sealed import DamageError

ARRAYS = {
    "numbers": np.arange(6).reshape(2, 3),
    "words": np.array(["a", "bc"]),
    "one": np.float32(2.5),
    "none": np.zeros((0, 3)),
}


@pytest.fixture
def path(tmp_path):
    write_arrays(tmp_path / "a.npz", ARRAYS)
    return tmp_path / "a.npz"


def same(one, two):
    return one.keys() == two.keys() and all(
        one[name].dtype == np.asarray(two[name]).dtype and np.array_equal(one[name], two[name]) for name in one
    )


def test_come_back(path):
    assert same(read_arrays(path), ARRAYS)
    assert forms(path)["numbers"] == ((2, 3), np.dtype(int))


def test_no_bit_can_change_what_is_read(path, tmp_path):
    content, found = path.read_bytes(), 0
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        path.write_bytes(changed)
        try:
            assert same(read_arrays(path), ARRAYS)
        except DamageError:
            found += 1
    assert found > len(content) // 2
    for size in range(0, len(content), 7):
        path.write_bytes(content[:size])
        with pytest.raises(DamageError):
            read_arrays(path)


def test_arrays_of_another_file_are_found(path):
    np.savez(path, **{**ARRAYS, "numbers": np.arange(6).reshape(3, 2)}, seal=np.load(path)["seal"])
    with pytest.raises(DamageError, match="not those that were written"):
        read_arrays(path)
    np.savez(path, **ARRAYS)  # of somebody else, without a seal
    assert same(read_arrays(path), ARRAYS)


def header(shape: str, kind: str = "'<f8'") -> bytes:
    text = f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    "content",
    [
        header("(8246337208320,)"),
        header("(10**12, )"),
        header("(-1,)"),
        header("(2,)"),
        header("(2,)", "'|O'") + b" " * 16,
        header("(True,)") + b" " * 8,
        header("()", "'nothing'"),
        header("(" * 60 + ")" * 60),
        b"",
        b"\x93NUMPY\x09\x00",
        header("(2, 2, 1e3)"),
        header("(0,)", "[('a', '<f8', (100000, 100000, 100000))]"),
    ],
)
def test_headers_that_promise_too_much(tmp_path, content):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", content)
    with pytest.raises(DamageError):
        read_arrays(tmp_path / "a.npz")


def test_a_part_that_says_it_unpacks_to_terabytes(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", header("(8,)") + b" " * 64)
    content = bytearray((tmp_path / "a.npz").read_bytes())
    place = content.index(b"PK\x01\x02") + 24  # the length in the list at the end
    content[place : place + 4] = (0xFFFFFFF0).to_bytes(4, "little")
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(DamageError, match="does not hold them"):
        forms(tmp_path / "a.npz")


def test_parts_that_are_no_arrays(tmp_path):
    for names in (("x.txt",), ("x.npy", "x.npy")):
        file = io.BytesIO()
        np.save(file, np.arange(3))
        with (
            zipfile.ZipFile(tmp_path / "a.npz", "w") as archive,
            pytest.warns(UserWarning) if len(names) > 1 else contextlib.nullcontext(),
        ):
            for name in names:
                archive.writestr(name, file.getvalue())
        with pytest.raises(DamageError, match="no array of its own"):
            read_arrays(tmp_path / "a.npz")
