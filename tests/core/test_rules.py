"""Meta rules and optimisers against their formulas."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.core import smooth
from meta_noise.core.meta_rules import amsgrad, rectified


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
