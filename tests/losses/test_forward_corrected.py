"""Forward correction against NumPy, against cross-entropy, and at the extremes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from meta_noise.errors import InputError
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.losses.forward_corrected import forward_corrected, posterior

LOGITS = np.array([[1.0, 2.0, 0.5], [-1.0, 0.0, 3.0]])
MATRIX = np.array([[0.7, 0.3, 0.0], [0.1, 0.9, 0.0], [0.2, 0.2, 0.6]])


@pytest.mark.usefixtures("float64")
def test_equals_numpy():
    p = np.exp(LOGITS) / np.exp(LOGITS).sum(1, keepdims=True)
    observed = np.array([[sum(p[i, c] * MATRIX[c, k] for c in range(3)) for k in range(3)] for i in range(2)])
    losses = forward_corrected(jnp.asarray(LOGITS), jnp.array([0, 2]), transition=MATRIX.tolist())
    np.testing.assert_allclose(losses, -np.log([observed[0, 0], observed[1, 2]]), atol=1e-6)
    soft = np.array([[0.2, 0.5, 0.3], [0.0, 0.0, 1.0]])
    losses = forward_corrected(jnp.asarray(LOGITS), jnp.asarray(soft), transition=MATRIX)
    np.testing.assert_allclose(losses, -(soft * np.log(observed)).sum(1), atol=1e-5)
    guess = posterior(jnp.asarray(LOGITS), jnp.array([0, 2]), MATRIX)
    expected = p * MATRIX[:, [0, 2]].T
    np.testing.assert_allclose(guess, expected / expected.sum(1, keepdims=True), atol=1e-5)
    single = jnp.asarray(LOGITS, jnp.float32)
    assert forward_corrected(single, jnp.array([0, 2]), transition=MATRIX).dtype == jnp.float32


@jax.jit
def total(logits, labels, matrix):
    return forward_corrected(logits, labels, transition=matrix).sum()


by_both = jax.jit(jax.grad(total, (0, 2)))


@pytest.mark.usefixtures("float64")
def test_gradients():
    logits, labels, matrix = jnp.asarray(LOGITS), jnp.array([0, 1]), jnp.asarray(0.9 * MATRIX + 0.1 / 3)
    check_grads(lambda z, t: total(z, labels, t), (logits, matrix), order=1)
    by_logits, _ = by_both(logits, labels, matrix)
    np.testing.assert_allclose(by_logits, jax.nn.softmax(logits) - posterior(logits, labels, matrix), atol=1e-12)


@pytest.mark.usefixtures("float64")
def test_identity_is_cross_entropy_up_to_the_smallest_probability():
    logits, labels = 3 * jax.random.normal(jax.random.key(0), (20, 4)), jnp.arange(20) % 4
    expected = cross_entropy(logits, labels)
    allowed = 2e-7 * jnp.exp(expected)
    assert (abs(forward_corrected(logits, labels, transition=jnp.eye(4)) - expected) < allowed).all()
    slopes = jax.nn.softmax(logits) - jax.nn.one_hot(labels, 4)
    assert (abs(by_both(logits, labels, jnp.eye(4))[0] - slopes) < allowed[:, None]).all()


def test_finite_where_probabilities_underflow_and_columns_are_zero():
    logits, labels = jnp.array([[1e4, -1e4], [-1e4, 1e4], [0.0, 0.0]]), jnp.array([1, 1, 0])
    curvature = jax.jit(jax.jacfwd(by_both, (0, 2)))
    for matrix in (jnp.eye(2), jnp.array([[1.0, 0.0], [1.0, 0.0]]), jnp.zeros((2, 2))):
        assert 0 <= total(logits, labels, matrix) <= 3 * 16.2
        given = (logits, labels, matrix)
        assert all(np.isfinite(x).all() for x in jax.tree.leaves((by_both(*given), curvature(*given))))
        np.testing.assert_allclose(posterior(*given).sum(-1), 1, rtol=1e-6)


def test_zero_at_certainty_and_a_lost_class_can_come_back():
    logits, labels = jnp.array([[0.0, 1e4]]), jnp.array([1])
    assert forward_corrected(logits, labels, transition=jnp.eye(2))[0] == 0
    lost = jnp.array([[1.0, 0.0], [1.0, 0.0]])  # nobody is ever observed as class 1
    assert by_both(logits, labels, lost)[1][1, 1] < -1


def test_wrong_shapes_are_refused():
    with pytest.raises(InputError, match="true class"):
        forward_corrected(jnp.zeros((2, 3)), jnp.array([0, 1]), transition=jnp.eye(2))
    with pytest.raises(ValueError, match="integer"):
        forward_corrected(jnp.zeros((2, 3)), jnp.zeros(2), transition=jnp.eye(3))
