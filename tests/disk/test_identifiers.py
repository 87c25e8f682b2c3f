"""Identifiers as strings of Arrow, and where they are among others."""

import numpy as np
import pytest

from meta_noise.disk import identifiers
from meta_noise.disk.identifiers import as_strings, positions


@pytest.mark.parametrize("chunk", [2, 1_000_000])
def test_the_first_of_several_is_the_place(monkeypatch, chunk):
    monkeypatch.setattr(identifiers, "CHUNK", chunk)
    stored = ["b", "a", "b", "file\udcff", "日本", "a"]
    ids = np.array(["a", "b", "none", "日本", "file\udcff"])
    np.testing.assert_array_equal(positions(ids, stored), [1, 0, -1, 4, 3])
    np.testing.assert_array_equal(positions(as_strings(stored), as_strings(ids)), [1, 0, 1, 4, 3, 0])


def test_identifiers_of_any_type_are_strings():
    assert as_strings([7, "x", np.str_("y"), "file\udcff"]).to_pylist() == ["7", "x", "y", "file\\udcff"]
    assert as_strings(np.array([], np.str_)).to_pylist() == as_strings([]).to_pylist() == []
    assert positions([], ["a"]).tolist() == [] and positions(["a"], []).tolist() == [-1]
