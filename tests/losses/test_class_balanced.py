"""Weights against the paper's formula in exact integers, and their place in the loss."""

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.losses.class_balanced import class_balanced, effective_weights
from meta_noise.losses.cross_entropy import cross_entropy

COUNTS = [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50]  # long-tailed CIFAR-10, factor 100


def test_weights_are_one_over_the_effective_number():
    """The effective number is 1 + beta + ... + beta^(n - 1)."""
    beta = Fraction(9999, 10000)
    effective = np.array([float((1 - beta**n) / (1 - beta)) for n in COUNTS])
    weights = effective_weights(COUNTS)
    np.testing.assert_allclose(weights, 10 / effective / (1 / effective).sum(), rtol=1e-10)
    assert weights.sum() == pytest.approx(10) and np.all(np.diff(weights) > 0)


def test_limits_of_beta():
    np.testing.assert_array_equal(effective_weights([7, 2, 1], 0), [1, 1, 1])
    inverse = 1 / np.array(COUNTS)
    np.testing.assert_allclose(effective_weights(COUNTS, 1 - 1e-9), 10 * inverse / inverse.sum(), rtol=1e-4)


def test_a_row_weighs_as_its_class():
    logits = jnp.array([[1.0, 2.0, 0.5], [-1.0, 0.0, 3.0]])
    counts, labels = np.array([100, 10, 1]), jnp.array([1, 2])
    weights = effective_weights(counts, 0.9)
    expected = weights[[1, 2]] * cross_entropy(logits, labels)
    np.testing.assert_allclose(class_balanced(logits, labels, class_counts=counts, beta=0.9), expected, rtol=1e-6)
    soft = jnp.array([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]])
    expected = -(soft * weights * jax.nn.log_softmax(logits)).sum(1)
    np.testing.assert_allclose(class_balanced(logits, soft, class_counts=counts, beta=0.9), expected, rtol=1e-6)


@pytest.mark.parametrize(
    "counts, beta, message",
    [
        ([3, 0, 2], 0.9, r"class_counts\[1\] is 0"),
        ([3, 1, np.nan], 0.9, r"class_counts\[2\] is nan"),
        ([3, 1], 0.9, r"must be \[3\].*got \(2,\)"),
        ([[3, 1, 1]], 0.9, r"got \(1, 3\)"),
        ([3, 1, 1], 1.0, "beta=1.0"),
        ([3, 1, 1], -0.1, "beta=-0.1"),
    ],
)
def test_impossible_settings_say_so(counts, beta, message):
    with pytest.raises(InputError, match=message):
        class_balanced(jnp.zeros((2, 3)), jnp.array([0, 1]), class_counts=counts, beta=beta)
