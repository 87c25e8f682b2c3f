"""Intervals of shares, against the closed form."""

import numpy as np
import pytest

from meta_noise.cleaning.proportions import between, wilson


@pytest.mark.parametrize(("hits", "count"), [(0, 10), (3, 10), (10, 10), (120, 400)])
def test_wilson_interval(hits, count):
    z, share = 1.959963984540054, hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    found = wilson(hits, count)
    np.testing.assert_allclose((found["low"], found["high"]), np.clip((middle - half, middle + half), 0, 1), atol=1e-9)
    assert (found["value"], found["hits"], found["of"]) == (share, hits, count)


def test_nothing_was_counted():
    assert wilson(0, 0) is None


def test_draws_give_the_middle_nineteen_twentieths():
    found = between(0.5, np.linspace(0, 1, 1001))
    np.testing.assert_allclose((found["low"], found["high"]), (0.025, 0.975))
    assert between(1.2, np.full(10, 2.0)) == {"value": 1.0, "low": 1.0, "high": 1.0}
