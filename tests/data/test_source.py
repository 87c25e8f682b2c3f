import numpy as np
import pytest

from meta_noise.data.source import check_unique, row_ids, rows_of
from meta_noise.errors import InputError


def test_ids_are_made_from_row_numbers():
    assert row_ids("a", 2).tolist() == ["a-00000", "a-00001"]
    assert row_ids("a", [7, 123], digits=2).tolist() == ["a-07", "a-123"]
    assert row_ids("a", 0).tolist() == []


def test_rows_are_matched_by_id_not_by_position():
    stored = np.array(["x", "y", "z", "w"])
    assert rows_of(np.array(["w", "y"]), stored, "file").tolist() == [3, 1]


def test_rows_in_the_same_order_are_numbered_through():
    ids = np.array(["b", "a", "c"])
    assert rows_of(ids, ids.copy(), "here").tolist() == [0, 1, 2]
    with pytest.raises(InputError, match="'b' occurs in rows 0 and 2"):
        rows_of(np.array(["b", "a", "b"]), np.array(["b", "a", "b"]), "here")


def test_missing_and_double_ids_are_named():
    with pytest.raises(InputError, match=r"file lacks 1 of 2 ids: 'q'"):
        rows_of(np.array(["q", "x"]), np.array(["x"]), "file")
    with pytest.raises(InputError, match="holds no rows"):
        rows_of(np.array(["q"]), np.array([], dtype=str), "file")
    with pytest.raises(InputError, match="'x' occurs in rows 0 and 2"):
        check_unique(np.array(["x", "y", "x"]), "file")
