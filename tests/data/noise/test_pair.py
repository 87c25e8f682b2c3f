import numpy as np
import pytest

from meta_noise.data.noise.pair import pair
from meta_noise.errors import InputError


def test_each_class_becomes_the_next(rng):
    labels = np.repeat(np.arange(3), 100)
    noisy = pair(rng, labels, 3, 0.45)
    np.testing.assert_allclose(noisy.transition, [[0.55, 0.45, 0], [0, 0.55, 0.45], [0.45, 0, 0.55]])
    assert set(np.unique((noisy.labels - labels) % 3)) == {0, 1}
    np.testing.assert_array_equal(pair(rng, labels, 3, 1.0).labels, (labels + 1) % 3)


def test_one_class_has_no_next(rng):
    with pytest.raises(InputError, match="pair needs 2"):
        pair(rng, np.zeros(3, int), 1, 0.1)
