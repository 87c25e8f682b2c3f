"""Both forms against NumPy, and what they become without focus."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.losses.focal import focal

LOGITS = np.array([[1.0, 2.0, 0.5], [-1.0, 0.0, 3.0]], np.float32)
SOFT = np.array([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]], np.float32)
P = np.exp(LOGITS) / np.exp(LOGITS).sum(1, keepdims=True)
S = 1 / (1 + np.exp(-LOGITS))


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_softmax_form(gamma):
    table = -((1 - P) ** gamma) * np.log(P)
    np.testing.assert_allclose(focal(LOGITS, jnp.array([1, 0]), gamma), table[[0, 1], [1, 0]], rtol=1e-5)
    np.testing.assert_allclose(focal(LOGITS, SOFT, gamma), (SOFT * table).sum(1), rtol=1e-5)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_sigmoid_form(gamma):
    terms = SOFT * (1 - S) ** gamma * np.log(S) + (1 - SOFT) * S**gamma * np.log(1 - S)
    np.testing.assert_allclose(focal(LOGITS, SOFT, gamma, "sigmoid"), -terms.sum(1), rtol=1e-5)
    one_hot = np.eye(3, dtype=np.float32)[[1, 0]]
    np.testing.assert_allclose(
        focal(LOGITS, jnp.array([1, 0]), gamma, "sigmoid"), focal(LOGITS, one_hot, gamma, "sigmoid"), rtol=1e-6
    )


def test_a_number_by_hand():
    """Two classes at p = 3/4: 0.25 log(4/3) in the softmax form with gamma = 1."""
    logits = jnp.log(jnp.array([[3.0, 1.0]]))
    np.testing.assert_allclose(focal(logits, jnp.array([0])), [0.25 * 0.28768207], rtol=1e-6)


def test_without_focus_it_is_cross_entropy():
    labels = jnp.array([1, 0])
    np.testing.assert_allclose(focal(LOGITS, labels, gamma=0.0), cross_entropy(LOGITS, labels), rtol=1e-6)
    binary = -(SOFT * np.log(S) + (1 - SOFT) * np.log(1 - S)).sum(1)
    np.testing.assert_allclose(focal(LOGITS, SOFT, 0.0, "sigmoid"), binary, rtol=1e-5)


@pytest.mark.parametrize("form", ["softmax", "sigmoid"])
def test_a_root_has_finite_derivatives_at_certainty(form):
    logits, labels = jnp.array([[200.0, -200.0], [0.0, 30.0], [1e4, -1e4]]), jnp.array([0, 1, 1])

    def total(logits):
        return focal(logits, labels, 0.5, form).sum()

    gradient, curvature = jax.jit(jax.grad(total))(logits), jax.jit(jax.hessian(total))(logits)
    assert jnp.isfinite(gradient).all() and jnp.isfinite(curvature).all()


def test_settings_out_of_range_are_refused():
    with pytest.raises(InputError, match="gamma=-1"):
        focal(LOGITS, SOFT, -1)
    with pytest.raises(InputError, match="Did you mean 'sigmoid'"):
        focal(LOGITS, SOFT, form="sigmoids")
