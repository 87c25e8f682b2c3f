"""The file of what the meta level learned."""

import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.report.learned import Learned, read_learned
from tests.report.fake_run import fake_learned


def test_nothing_learned(tmp_path):
    assert read_learned(tmp_path / "learned.npz", 10) == Learned(None, None, None)


def test_arrays_are_read(tmp_path):
    arrays = fake_learned(classes=4)
    np.savez(tmp_path / "learned.npz", **arrays | {"weight_curve": np.array([[2, 0, 1], [5, 7, 6]])}, other=np.zeros(3))
    found = read_learned(tmp_path / "learned.npz", 4)
    assert found.transition.dtype == np.float64 and np.allclose(found.transition, arrays["transition"])
    assert np.allclose(found.matrix, arrays["matrix"])
    assert found.weight_curve.tolist() == [[0, 1, 2], [7, 6, 5]]  # in the order of the losses


@pytest.mark.parametrize(
    "arrays, message",
    [
        (dict(transition=np.eye(3)), r"transition must be \[4, 4\] numbers, found \[3, 3\]"),
        (dict(transition=np.full((4, 4), 0.3)), r"probabilities; they sum to 1\.2\.\.1\.2"),
        (dict(transition=np.eye(4) * 2 - 1 / 4), "must be probabilities"),
        (dict(matrix=np.full((4, 4), np.nan)), "matrix holds NaN"),
        (dict(matrix=np.full((4, 4), "x")), "matrix must be"),
        (dict(weight_curve=np.zeros((3, 5))), r"weight_curve must be \[2, n\] numbers, found \[3, 5\]"),
        (dict(weight_curve=np.zeros((2, 0))), "weight_curve must be"),
        (dict(weight_curve=np.zeros(2)), "weight_curve must be"),
    ],
)
def test_arrays_of_the_wrong_form(tmp_path, arrays, message):
    np.savez(tmp_path / "learned.npz", **arrays)
    with pytest.raises(InputError, match=message):
        read_learned(tmp_path / "learned.npz", 4)


def test_a_damaged_file(tmp_path):
    np.savez_compressed(tmp_path / "learned.npz", transition=np.random.default_rng(0).random((90, 90)))
    content = bytearray((tmp_path / "learned.npz").read_bytes())
    content[200:30_000] = bytes(29_800)
    (tmp_path / "learned.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"learned\.npz.*damaged"):
        read_learned(tmp_path / "learned.npz", 90)
