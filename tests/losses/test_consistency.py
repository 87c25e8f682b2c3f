"""Distances between predictions: NumPy, hand-made numbers, gradients and extreme scores."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.losses.consistency import kl_between, prior_penalty, squared_distance

LOGITS = np.array([[0.3, -1.2, 2.0], [1.5, 0.1, -0.4]])
OTHER = np.array([[1.0, 0.2, -0.7], [0.0, 0.9, 0.3]])
EXTREME = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4]])
P, Q = (np.exp(z) / np.exp(z).sum(1, keepdims=True) for z in (LOGITS, OTHER))


def assert_slope(function, at, expected):
    """Compares central differences of the sum of `function` with a formula, and the library's gradient with it."""
    numeric = np.zeros_like(at)
    for place in np.ndindex(*at.shape):
        shift = np.zeros_like(at)
        shift[place] = 1e-6
        numeric[place] = (jnp.sum(function(at + shift)) - jnp.sum(function(at - shift))) / 2e-6
    np.testing.assert_allclose(numeric, expected, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(jax.grad(lambda z: jnp.sum(function(z)))(jnp.asarray(at)), expected, rtol=1e-12)


@pytest.mark.usefixtures("float64")
def test_kl_between():
    expected = (P * np.log(P / Q)).sum(1)
    np.testing.assert_allclose(kl_between(LOGITS, OTHER), expected, rtol=1e-12)
    assert (expected > 0.1).all() and abs(kl_between(LOGITS, LOGITS)).max() == 0
    np.testing.assert_allclose(kl_between(LOGITS, LOGITS + 5), 0, atol=1e-15)
    reverse = kl_between(OTHER, LOGITS)
    assert abs(reverse - expected).min() > 1e-3  # the order matters


@pytest.mark.usefixtures("float64")
def test_only_the_second_argument_of_kl_is_moved():
    assert_slope(lambda z: kl_between(LOGITS, z), OTHER, Q - P)
    assert not jax.grad(lambda z: jnp.sum(kl_between(z, OTHER)))(jnp.asarray(LOGITS)).any()


@pytest.mark.usefixtures("float64")
def test_squared_distance():
    np.testing.assert_allclose(squared_distance(LOGITS, Q), ((P - Q) ** 2).sum(1) / 3, rtol=1e-12)
    by_p = 2 / 3 * (P - Q)
    assert_slope(lambda z: squared_distance(z, Q), LOGITS, P * (by_p - (P * by_p).sum(1, keepdims=True)))
    np.testing.assert_allclose(squared_distance(jnp.array([[1e4, 0.0]]), jnp.array([[0.0, 1.0]])), 1, rtol=1e-12)


@pytest.mark.usefixtures("float64")
def test_prior_penalty():
    mean = P.mean(0)
    np.testing.assert_allclose(prior_penalty(LOGITS), np.sum(np.log(1 / 3 / mean)) / 3, rtol=1e-12)
    by_p = np.tile(-1 / 3 / mean / 2, (2, 1))
    assert_slope(prior_penalty, LOGITS, P * (by_p - (P * by_p).sum(1, keepdims=True)))


@pytest.mark.usefixtures("float64")
def test_prior_penalty_is_about_the_batch_not_the_row():
    """Rows that are each sure of another class cost nothing, rows that agree cost something."""
    sure = 50 * np.eye(3)
    np.testing.assert_allclose(prior_penalty(sure), 0, atol=1e-12)
    np.testing.assert_allclose(prior_penalty(np.zeros((4, 3))), 0, atol=1e-12)
    assert prior_penalty(sure[[0, 0, 1]]) > 1


@pytest.mark.parametrize(
    "function", [lambda z: kl_between(z, -z), lambda z: squared_distance(z, jnp.full((2, 3), 1 / 3)), prior_penalty]
)
def test_finite_at_extreme_scores(function):
    value, slope = jax.value_and_grad(lambda z: jnp.sum(function(z)))(jnp.asarray(EXTREME, jnp.float32))
    assert np.isfinite(value) and np.isfinite(slope).all()
