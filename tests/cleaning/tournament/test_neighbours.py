"""The nearest rows, against all distances sorted."""

from types import SimpleNamespace

import numpy as np
import pytest

from meta_noise.cleaning.tournament.candidates import neighbours


@pytest.mark.parametrize("block", [64, 2**18])
@pytest.mark.parametrize("tied", [False, True])
def test_the_nearest_others_are_found_in_their_order(monkeypatch, tied, block):
    monkeypatch.setattr(neighbours, "BLOCK", block)
    rng = np.random.default_rng(0)
    near = rng.integers(0, 2, (90, 3)).astype(np.float32) if tied else rng.normal(size=(90, 3)).astype(np.float32)
    given = np.where(np.arange(90) % 4 == 0, -1, 0)
    found = neighbours.near_rows(SimpleNamespace(views=SimpleNamespace(near=near), given=given, seed=0))
    among = ((near[:, None] - near) ** 2).sum(axis=2)
    among[np.diag_indices(90)] = among[:, given < 0] = np.inf
    expected = np.sort(among, axis=1)[:, :40]
    np.testing.assert_allclose(np.take_along_axis(among, found, axis=1), expected, atol=1e-5)
    assert all(len(set(rows)) == 40 for rows in found.tolist())
