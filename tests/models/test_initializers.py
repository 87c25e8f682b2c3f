import jax
import numpy as np

from meta_noise.models.initializers import he_normal, uniform_within


def test_he_normal_is_not_truncated():
    values = np.asarray(he_normal(jax.random.key(0), (3, 3, 50, 400)))
    deviation = (2 / (3 * 3 * 50)) ** 0.5
    np.testing.assert_allclose(values.std(), deviation, rtol=0.01)
    assert np.abs(values).max() > 3 * deviation


def test_uniform_within_fills_its_interval():
    values = np.asarray(uniform_within(0.25)(jax.random.key(0), (10_000,)))
    assert np.abs(values).max() <= 0.25
    np.testing.assert_allclose([values.min(), values.max()], [-0.25, 0.25], atol=1e-3)
    np.testing.assert_allclose(values.std(), 0.25 / 3**0.5, rtol=0.02)
