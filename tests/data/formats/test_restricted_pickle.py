import os
import pickle

import numpy as np
import pytest

from meta_noise.data.formats.restricted_pickle import loads
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
    with pytest.raises(InputError, match="encoding 'zip' is asked for"):
        loads(b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x03\x00\x00\x00zip\x86R.", "file")


def test_damaged_files_are_refused(pickled):
    whole = pickled({b"data": np.zeros((2, 3), np.uint8)})
    for damaged in (whole[:-5], whole[1:], b"", b"hello"):
        with pytest.raises(InputError, match="file is not a whole pickle"):
            loads(damaged, "file")


@pytest.mark.parametrize(
    "array, message",
    [
        (np.array([{}], dtype=object), "not of numbers"),
        (np.array(["text"]), "not of numbers"),
        (np.zeros(2, [("a", int)]), "not of numbers"),
        (np.ma.masked_array([1, 2]), "asks for numpy.ma"),
    ],
)
def test_other_arrays_are_refused(pickled, array, message):
    with pytest.raises(InputError, match=message):
        loads(pickled({b"data": array}), "file")


@pytest.mark.parametrize("dtype", ["u1", "<i4", ">i8", "<f4", "?"])
def test_types_and_byte_orders_are_kept(pickled, dtype):
    array = np.arange(6).reshape(3, 2).astype(dtype)
    back = loads(pickled(array), "file")
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


class Rebuilt:
    """Pickles as a call of the function that rebuilds arrays, with arguments and a state of our choice."""

    def __init__(self, arguments, state):
        self.arguments, self.state = arguments, state

    def __reduce__(self):
        return np.zeros(0).__reduce__()[0], self.arguments, self.state


U1 = np.dtype("u1")


@pytest.mark.parametrize(
    "arguments, state, message",
    [
        ((np.ndarray, (0,), b"b"), (1, (9,), U1, False, b"ab"), "has 2 bytes"),
        ((np.ndarray, (0,), b"b"), (1, (-1,), U1, False, b"a"), "not a shape and bytes"),
        ((np.ndarray, (0,), b"b"), (1, (2.0,), U1, False, b"ab"), "not a shape and bytes"),
        ((np.ndarray, (0,), b"b"), (1, (2,), U1, False, [1, 2]), "not a shape and bytes"),
        ((np.ndarray, (0,), b"b"), (1, (2,), "u1", False, b"ab"), "not of numbers"),
        ((np.ndarray, (0,), b"b"), (1, (2,)), "not enough values"),
        ((np.ndarray, (0,), b"b"), None, "no content"),
        ((U1, (0,), b"b"), (1, (2,), U1, False, b"ab"), "subclass"),
    ],
)
def test_states_are_checked_before_numpy_sees_them(pickled, arguments, state, message):
    """With NumPy's own functions, states like these can crash Python."""
    with pytest.raises(InputError, match=message):
        loads(pickled({b"data": Rebuilt(arguments, state)}), "file")


def test_names_are_neither_changed_nor_misused():
    for misuse in (b"cnumpy\nndarray\n(I1\ntR.", b"cnumpy\nndarray\n}S'a'\nI1\nsb.", b"cnumpy\ndtype\n)\x81."):
        with pytest.raises(InputError, match="not a whole pickle"):
            loads(misuse, "file")
