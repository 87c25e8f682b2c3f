import numpy as np
import pytest

from meta_noise.data.noise.uniform import uniform
from meta_noise.errors import InputError

LABELS = np.repeat(np.arange(10), 1000)


def test_u1_is_the_matrix_of_the_papers(rng):
    noisy = uniform(rng, LABELS, 10, 0.4)
    expected = np.full((10, 10), 0.04) + 0.6 * np.eye(10)
    np.testing.assert_allclose(noisy.transition, expected)
    assert abs(np.mean(noisy.labels != LABELS) - 0.36) < 3 * np.sqrt(0.36 * 0.64 / 10000)


def test_u2_leaves_out_the_true_class(rng):
    noisy = uniform(rng, LABELS, 10, 0.9, exclude_true=True)
    np.testing.assert_allclose(noisy.transition, np.full((10, 10), 0.1))
    every = uniform(rng, LABELS, 10, 1.0, exclude_true=True)
    assert np.all(every.labels != LABELS)


def test_nothing_and_all(rng):
    assert np.array_equal(uniform(rng, LABELS, 10, 0).labels, LABELS)
    np.testing.assert_allclose(uniform(rng, LABELS, 10, 1).transition, np.full((10, 10), 0.1))
    with pytest.raises(InputError, match="needs 2 or more classes"):
        uniform(rng, np.zeros(3, int), 1, 0.5, exclude_true=True)
