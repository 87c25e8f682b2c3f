"""Maxima and sums column by column against numpy's own."""

import numpy as np
import pytest

from meta_noise.cleaning.tournament.short_rows import row_max, row_sum


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("columns", [1, 2, 3, 7, 8, 10, 33, 100])
def test_short_rows_are_reduced_as_numpy_does_to_the_last_bit(columns, dtype):
    x = np.random.default_rng(columns).normal(size=(1_000, columns)).astype(dtype)
    for array in (x, np.asfortranarray(x), x[::3]):
        np.testing.assert_array_equal(row_max(array), array.max(axis=1, keepdims=True))
    for array in (x, x[::3]):
        np.testing.assert_array_equal(row_sum(array), array.sum(axis=1, keepdims=True))
    assert row_max(x).dtype == row_sum(x).dtype == dtype


def test_what_is_not_a_number_stays_so():
    x = np.array([[0.0, np.nan], [1.0, np.inf]])
    np.testing.assert_array_equal(row_max(x), [[np.nan], [np.inf]])
    np.testing.assert_array_equal(row_sum(x), [[np.nan], [np.inf]])
