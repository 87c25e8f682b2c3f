"""Numbers of Beta(a, a) against SciPy's distribution, and by their table."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special, stats

from meta_noise.losses import beta as drawing
from meta_noise.losses.beta import symmetric_beta

A = [0.05, 0.2, 0.5, 0.75, 1.0, 4.0, 32.0]  # of the first one 0.6% are 0 in float32


@pytest.mark.parametrize("a", A[1:])
def test_the_distribution(a):
    """By Kolmogorov and Smirnov, from as many numbers as show a difference of half a percent."""
    drawn = np.asarray(symmetric_beta(jax.random.key(int(100 * a)), a, (100_000,)), np.float64)
    assert drawn.dtype == np.float64 and (drawn >= 0).all() and (drawn <= 1).all()
    if a >= 0.5:
        assert stats.kstest(drawn, stats.beta(a, a).cdf).pvalue > 1e-3
    # Of small a many numbers are within a rounding error of 1, so that only the lower half has a distribution.
    lower = drawn[drawn < 0.5]
    assert abs(len(lower) / len(drawn) - 0.5) < 5e-3
    found = stats.kstest(lower, lambda x: 2 * stats.beta(a, a).cdf(np.minimum(x, 0.5)))
    assert found.pvalue > 1e-3


@pytest.mark.parametrize("a", A)
def test_quantiles_between_two_entries(a):
    """The probability of a quantile from the table is the one asked for, to 1e-5 of itself."""
    table = drawing._log_quantiles(a)
    place = np.linspace(0, 2000, 997)
    low = place.astype(int)
    x = np.exp(table[low] + (place - low) * (table[low + 1] - table[low]))
    real = x > 1e-300
    np.testing.assert_allclose(special.betainc(a, a, x[real]), np.exp(-drawing.STEP * place[real]) / 2, rtol=1e-5)
    assert np.isfinite(table).all() and (np.diff(table) < 0).all() and abs(np.exp(table[0]) - 0.5) < 1e-12


def test_shape_and_type():
    with jax.enable_x64(True):
        assert symmetric_beta(jax.random.key(0), 2.0).dtype == jnp.float64
        assert symmetric_beta(jax.random.key(0), 2.0, (3, 2), jnp.float32).dtype == jnp.float32
    one, two = (symmetric_beta(jax.random.key(number), 0.5, (3, 2)) for number in (1, 2))
    assert one.shape == (3, 2) and (one != two).all()


def test_one_type_after_the_other():
    draw = jax.jit(lambda key: symmetric_beta(key, 3.0))  # kept: JAX forgets what it knows of a table with its function
    with jax.enable_x64(True):
        assert draw(jax.random.key(0)).dtype == jnp.float64
    assert symmetric_beta(jax.random.key(0), 3.0).dtype == jnp.float32
