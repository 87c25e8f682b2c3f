"""Rows with equal inputs are found among very many."""

import numpy as np
import pytest

from meta_noise.data.own import assembly
from meta_noise.data.own.assembly import same_inputs


@pytest.mark.parametrize("block", [7, 2**20])
@pytest.mark.parametrize("kind", ["uint8 3 5", "float32 4", "float64 2", "int32"])
def test_equal_rows_are_found(monkeypatch, kind, block):
    monkeypatch.setattr(assembly, "BLOCK", block)
    name, *shape = kind.split()
    rows = np.random.default_rng(0).permutation(256)[:60].astype(name)
    rows = np.broadcast_to(rows.reshape(-1, *[1] * len(shape)), (60, *map(int, shape))).copy()
    rows[[9, 30]], rows[58] = rows[4], rows[0]
    assert sorted(same_inputs(rows)) == [[0, 58], [4, 9, 30]]


def test_two_signs_that_change_make_another_row():
    rows = np.array([[1.0, 2.0, 3.0], [-1.0, -2.0, 3.0], [1.0, 2.0, -3.0], [-1.0, -2.0, 3.0]], np.float32)
    assert same_inputs(rows) == [[1, 3]]
    assert same_inputs(np.zeros((2, 0), np.float32)) == [[0, 1]]
