"""Mixup: values by hand, factors by their distribution."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.losses.mixing import mix, mixing_factors

PARTNERS = jnp.array([2, 0, 1])


@pytest.mark.parametrize("shape", [(3,), (3, 4), (3, 2, 2, 1)])
def test_mix_with_a_factor_per_row(shape):
    values, factors = np.arange(np.prod(shape), dtype=np.float32).reshape(shape), np.array([1.0, 0.75, 0.5], np.float32)
    mixed = mix(jnp.asarray(values), PARTNERS, jnp.asarray(factors))
    expected = [m * values[a] + (1 - m) * values[b] for a, (m, b) in enumerate(zip(factors, PARTNERS, strict=True))]
    np.testing.assert_allclose(mixed, expected, rtol=1e-6)
    np.testing.assert_array_equal(mixed[0], values[0])


def test_mix_with_one_factor_for_all():
    values = jnp.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    expected = [[1.0, 0.0], [0.2, 0.8], [0.8, 0.2]]
    for factor in (0.8, jnp.asarray(0.8)):
        mixed = mix(values, PARTNERS, factor)
        np.testing.assert_allclose(mixed, expected, rtol=1e-6)
    np.testing.assert_allclose(mixed.sum(1), 1, rtol=1e-6)


def test_labels_keep_their_type():
    with jax.enable_x64(True):
        factors = mixing_factors(jax.random.key(0), (3,), "square", 0.5)
        assert factors.dtype == jnp.float64
        assert mix(jnp.eye(3, dtype=jnp.float32), PARTNERS, factors).dtype == jnp.float32


@pytest.mark.parametrize(
    ("kind", "alpha", "mean"),
    [
        ("square", 0.5, 5 / 6),  # 1 - E U^2 / 2
        ("beta", 0.5, 0.5 + 1 / np.pi),  # of Beta(1/2, 1/2), the arcsine law
        ("beta", 1.0, 0.75),
        ("beta", 4.0, 0.5 + 35 / 256),  # E|m - 1/2| of Beta(4, 4)
    ],
)
def test_the_first_partner_dominates(kind, alpha, mean):
    factors = np.asarray(mixing_factors(jax.random.key(0), (20_000,), kind, alpha))
    assert factors.min() >= 0.5 and factors.max() <= 1
    assert abs(factors.mean() - mean) < 4 * factors.std() / len(factors) ** 0.5
    assert factors.std() > 0.05


def test_square_is_one_minus_half_a_square():
    """`P(m <= x) = 1 - sqrt(2 (1 - x))`."""
    factors = np.sort(mixing_factors(jax.random.key(1), (20_000,), "square", 0.5))
    expected = 1 - np.sqrt(2 * (1 - factors.astype(np.float64)))
    assert abs(np.arange(1, 20_001) / 20_000 - expected).max() < 1.63 / 20_000**0.5  # Kolmogorov, 1%


def test_the_key_decides():
    one, two, other = (mixing_factors(jax.random.key(seed), (5,), "square", 0.5) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, two)
    assert abs(one - other).max() > 0
    assert mixing_factors(jax.random.key(0), (), "square", 0.5).shape == ()
