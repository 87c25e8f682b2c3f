"""Cross-entropy against NumPy, and at the extremes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from meta_noise.losses.cross_entropy import cross_entropy


def test_hard_and_soft_targets():
    logits = np.array([[1.0, 2.0, 0.5], [-1.0, 0.0, 3.0]])
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    np.testing.assert_allclose(cross_entropy(jnp.asarray(logits), jnp.array([1, 0])), -log_p[[0, 1], [1, 0]], rtol=1e-6)
    targets = np.array([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]])
    expected = -(targets * log_p).sum(1)
    np.testing.assert_allclose(cross_entropy(jnp.asarray(logits), jnp.asarray(targets)), expected, rtol=1e-6)


def test_finite_at_extreme_logits_and_zero_at_certainty():
    logits = jnp.array([[1e4, -1e4], [-1e4, 1e4]])
    np.testing.assert_array_equal(cross_entropy(logits, jnp.array([0, 0])), [0, 2e4])
    assert np.isfinite(jax.grad(lambda z: cross_entropy(z, jnp.array([0, 0])).sum())(logits)).all()


@pytest.mark.usefixtures("float64")
def test_gradient():
    logits, targets = jnp.array([[0.3, -1.0, 2.0]]), jnp.array([[0.2, 0.5, 0.3]])
    check_grads(lambda z: cross_entropy(z, targets).sum(), (logits,), order=2, modes=("fwd", "rev"))


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="soft targets"):
        cross_entropy(jnp.zeros((2, 3)), jnp.zeros((2, 2)))
    with pytest.raises(ValueError, match="integer"):
        cross_entropy(jnp.zeros((2, 3)), jnp.zeros(2))
