"""Margins by hand, the loss against NumPy."""

import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.losses.class_balanced import class_balanced, effective_weights
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.losses.ldam import ldam, margins

COUNTS = np.array([625, 81, 16])  # fourth powers 5, 3, 2
LOGITS = np.array([[0.3, -0.2, 0.9], [-0.5, 0.1, 0.4]])


def test_margins_fall_with_the_fourth_root():
    np.testing.assert_allclose(margins(COUNTS), [2 / 5, 2 / 3, 1], rtol=1e-12)


@pytest.mark.parametrize("beta", [0.0, 0.99])
def test_against_numpy(beta):
    labels = np.array([1, 2])
    shifted = LOGITS.copy()
    shifted[[0, 1], labels] -= 0.5 * np.array([2 / 3, 1])
    p = np.exp(30 * shifted) / np.exp(30 * shifted).sum(1, keepdims=True)
    expected = -effective_weights(COUNTS, beta)[labels] * np.log(p[[0, 1], labels])
    found = ldam(jnp.asarray(LOGITS), jnp.asarray(labels), class_counts=COUNTS, beta=beta)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    one_hot = jnp.eye(3)[labels]
    np.testing.assert_allclose(ldam(jnp.asarray(LOGITS), one_hot, class_counts=COUNTS, beta=beta), found, rtol=1e-6)


def test_a_soft_target_has_a_part_of_each_margin():
    soft = np.array([[0.5, 0.5, 0.0], [0.0, 0.2, 0.8]])
    shifted = 30 * (LOGITS - soft * 0.5 * np.array([2 / 5, 2 / 3, 1]))
    expected = cross_entropy(jnp.asarray(shifted), jnp.asarray(soft))
    np.testing.assert_allclose(ldam(jnp.asarray(LOGITS), jnp.asarray(soft), class_counts=COUNTS), expected, rtol=1e-5)


def test_without_margin_and_scale_it_is_class_balanced_cross_entropy():
    logits, labels = jnp.asarray(LOGITS), jnp.array([0, 2])
    found = ldam(logits, labels, class_counts=COUNTS, largest=0.0, scale=1.0, beta=0.99)
    np.testing.assert_allclose(found, class_balanced(logits, labels, class_counts=COUNTS, beta=0.99), rtol=1e-6)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"class_counts": [1, 2]}, r"must be \[3\]"),
        ({"class_counts": [1, 0, 2]}, r"class_counts\[1\] is 0"),
        ({"class_counts": COUNTS, "largest": -0.5}, "largest=-0.5"),
        ({"class_counts": COUNTS, "scale": 0}, "scale=0"),
        ({"class_counts": COUNTS, "beta": 1}, "beta=1"),
    ],
)
def test_impossible_settings_say_so(settings, message):
    with pytest.raises(InputError, match=message):
        ldam(jnp.asarray(LOGITS), jnp.array([0, 1]), **settings)
