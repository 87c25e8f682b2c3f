import os
import pickle

import numpy as np
import pytest

from meta_noise.data.restricted_pickle import loads
from meta_noise.errors import InputError


@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_lists_and_bytes_come_back(pickled, order):
    data = np.asarray(np.arange(6, dtype=np.uint8).reshape(2, 3), order=order)
    content = loads(pickled({b"data": data, b"labels": [1, 2], b"name": b"\xff"}), "file")
    np.testing.assert_array_equal(content[b"data"], data)
    assert content[b"labels"] == [1, 2] and content[b"name"] == b"\xff"


def test_pickles_of_python_2_are_read():
    """The published files were written by Python 2: plain strings, and NumPy under its old module name."""
    old = (
        b"\x80\x02}q\x00(U\x04dataq\x01cnumpy.core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\nq\x03K\x00\x85"
        b"U\x01b\x87Rq\x04(K\x01K\x02K\x02\x86cnumpy\ndtype\nq\x05U\x02u1K\x00K\x01\x87Rq\x06(K\x03U\x01|NNN"
        b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x04\x01\x02\xfe\xfftbU\x06labelsq\x07]q\x08(K\x06K\x09eu."
    )
    content = loads(old, "file")
    assert content[b"data"].tolist() == [[1, 2], [254, 255]] and content[b"data"].dtype == np.uint8
    assert content[b"labels"] == [6, 9]


class Malicious:
    """Runs a command when an ordinary unpickler reads it."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_command_is_refused_and_not_run(tmp_path, protocol):
    bad = pickle.dumps({b"data": Malicious(tmp_path / "made")}, protocol=protocol)
    with pytest.raises(InputError, match=r"file is refused: it asks for posix.mkdir.*nothing was run"):
        loads(bad, "file")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "name", ["builtins\neval", "__builtin__\neval", "os\nsystem", "numpy\nload", "_codecs\ndecode", "numpy\nndarray.x"]
)
def test_other_names_are_refused(name):
    with pytest.raises(InputError, match="is refused"):
        loads(b"c" + name.encode() + b"\n(S'1'\ntR.", "file")


def test_other_encodings_are_refused():
    with pytest.raises(InputError, match="encoding 'zip'"):
        loads(b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x03\x00\x00\x00zip\x86R.", "file")


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-5], lambda data: b"", lambda data: b"hello", lambda data: data[1:]]
)
def test_damaged_files_are_refused(pickled, damage):
    with pytest.raises(InputError, match="file is not a whole pickle"):
        loads(damage(pickled({b"data": np.zeros((2, 3), np.uint8)})), "file")
