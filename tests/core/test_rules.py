"""Meta rules and optimisers against their formulas."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.core import smooth
from meta_noise.core.meta_rules import amsgrad, column_simplex, rectified, rectified_and_sign, row_simplex


@pytest.mark.parametrize("epsilon", [None, 1e-5])
def test_rectified(epsilon):
    rule, params = rectified(epsilon), jnp.zeros(4)
    updates, _ = rule.update(jnp.array([-0.3, 0.2, -0.1, 0.0]), rule.init(params), params)
    total = 0.4 + (epsilon or 0)
    np.testing.assert_allclose(optax.apply_updates(params, updates), [0.3 / total, 0, 0.1 / total, 0], rtol=1e-6)


def test_rectified_gives_zero_where_nothing_helps():
    rule, params = rectified(), jnp.zeros(3)
    updates, _ = rule.update(jnp.array([0.3, 0.2, 0.0]), rule.init(params), params)
    np.testing.assert_array_equal(updates, 0)


def _both(grads, weights, keep, **settings):
    """Returns (weights, keep) after the rule of IEG, from gradients of both."""
    rule, params = rectified_and_sign(**settings), {"weights": jnp.asarray(weights), "keep": jnp.asarray(keep)}
    grads = {name: jnp.asarray(grad) for name, grad in grads.items()}
    updates, state = rule.update(grads, rule.init(params), params)
    assert state == rule.init(params)
    moved = optax.apply_updates(params, updates)
    assert jax.tree.map(lambda x: x.dtype, moved) == jax.tree.map(lambda x: x.dtype, params)
    return moved["weights"], moved["keep"]


def test_rectified_and_sign():
    """By hand: 0.3 and 0.1 of 0.4 + 1e-5; more of the observed label only where its gradient is negative."""
    grads = {"weights": [-0.3, 0.2, -0.1, 0.0], "keep": [-1e-6, 2.0, 0.0, -5.0]}
    weights, keep = _both(grads, np.full(4, 0.25, np.float32), np.full(4, 0.9, np.float32))
    np.testing.assert_allclose(weights, [0.3 / 0.40001, 0, 0.1 / 0.40001, 0], rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(keep, [1, 0, 0, 1], atol=1e-7)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1.0, 1e6])
def test_weights_of_ieg_sum_to_one_at_most(scale):
    """Where they came from does not matter; gradients far below epsilon give weights near zero, none negative."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        grads = {"weights": scale * rng.normal(size=8), "keep": rng.normal(size=8)}
        weights, keep = _both(grads, rng.uniform(size=8), rng.uniform(size=8))
        helps = np.maximum(-grads["weights"], 0)
        np.testing.assert_allclose(weights, helps / (helps.sum() + 1e-5), atol=1e-15)
        assert weights.min() >= -1e-15 and weights.sum() <= 1
        np.testing.assert_allclose(keep, grads["keep"] < 0, atol=1e-15)
    assert (weights.sum() > 0.9) == (scale >= 1)


def test_rectified_and_sign_where_nothing_helps():
    weights, keep = _both({"weights": [0.3, 0.0], "keep": [0.0, 1.0]}, np.full(2, 0.5), np.full(2, 0.9))
    np.testing.assert_array_equal(weights, 0)
    np.testing.assert_allclose(keep, 0, atol=1e-7)


def _after(rule, grads, params):
    params = jnp.asarray(params)
    return optax.apply_updates(params, rule.update(jnp.asarray(grads), rule.init(params), params)[0])


def test_row_simplex():
    """Steps by hand: [0.8, 0.5, -0.5] is clipped and divided by 1.3, a row without a positive entry is reset."""
    grads = [[2.0, -5.0, 5.0], [0.0, 0.0, 0.0], [9.0, 9.0, 11.0]]
    new = _after(row_simplex(0.1), grads, jnp.eye(3))
    np.testing.assert_allclose(new, [[0.8 / 1.3, 0.5 / 1.3, 0], [0, 1, 0], [0, 0, 1]], rtol=1e-6)
    assert (new >= 0).all()


def test_column_simplex():
    """The same by columns, but a column without a positive entry stays zero."""
    grads = [[2.0, 0.0, 9.0], [-5.0, 0.0, 9.0], [5.0, 0.0, 11.0]]
    new = _after(column_simplex(0.1), grads, jnp.eye(3))
    np.testing.assert_allclose(new, [[0.8 / 1.3, 0, 0], [0.5 / 1.3, 1, 0], [0, 0, 0]], rtol=1e-6)


@pytest.mark.parametrize("rule", [row_simplex(0.1), column_simplex(0.1)])
def test_simplex_rules_do_not_hide_a_divergence_and_refuse_other_shapes(rule):
    assert np.isnan(_after(rule, jnp.full((2, 2), jnp.nan), jnp.eye(2))).all()
    with pytest.raises(ValueError, match="another meta optimiser"):
        _after(rule, jnp.zeros(3), jnp.zeros(3))


def test_amsgrad_takes_the_maximum_before_the_correction():
    rule, params = amsgrad(0.1), jnp.array([1.0, -2.0])
    state, moments, largest = rule.init(params), np.zeros((2, 2)), np.zeros(2)
    for step, grads in enumerate(np.array([[1.0, 0.1], [0.01, 2.0], [0.02, 0.3]]), start=1):
        updates, state = rule.update(jnp.asarray(grads), state, params)
        moments[0] = 0.9 * moments[0] + 0.1 * grads
        moments[1] = 0.999 * moments[1] + 0.001 * grads**2
        largest = np.maximum(largest, moments[1])
        root = np.sqrt(largest) / np.sqrt(1 - 0.999**step) + 1e-8
        np.testing.assert_allclose(updates, -0.1 * moments[0] / (1 - 0.9**step) / root, rtol=1e-4)


@pytest.mark.parametrize("scale", [0.0, 1e-3, 1.0, 100.0])
def test_clipping_equals_optax(scale):
    grads = {"a": scale * jnp.array([3.0, -4.0]), "b": scale * jnp.array([12.0])}
    ours, theirs = smooth.clip_by_global_norm(2.0), optax.clip_by_global_norm(2.0)
    one, two = ours.update(grads, ours.init(grads))[0], theirs.update(grads, theirs.init(grads))[0]
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-6), one, two)


def test_clipping_refuses_a_norm_that_is_not_positive():
    with pytest.raises(ValueError, match="positive"):
        smooth.clip_by_global_norm(0.0)


def test_adam_equals_optax():
    grads, params = jnp.array([0.3, -1e-3, 0.0]), jnp.ones(3)
    ours, theirs = smooth.adam(0.1), optax.adam(0.1)
    one, two = ours.update(grads, ours.init(params))[0], theirs.update(grads, theirs.init(params))[0]
    np.testing.assert_allclose(one, two, rtol=1e-4)
