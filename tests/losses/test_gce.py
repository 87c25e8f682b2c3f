"""Plain and truncated form against NumPy, and the losses at both ends."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.losses.gce import gce

LOGITS = np.array([[1.0, 2.0, 0.5], [-1.0, 0.0, 3.0], [0.0, 0.0, 0.0]], np.float32)
LABELS = np.array([1, 2, 0])
P = np.exp(LOGITS) / np.exp(LOGITS).sum(1, keepdims=True)  # of the labels: 0.63, 0.94, 0.33


def test_plain():
    expected = (1 - P**0.7) / 0.7
    np.testing.assert_allclose(gce(LOGITS, LABELS), expected[[0, 1, 2], LABELS], rtol=1e-5)
    soft = np.array([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0], [0.0, 0.5, 0.5]], np.float32)
    np.testing.assert_allclose(gce(LOGITS, soft), (soft * expected).sum(1), rtol=1e-5)


def test_truncated():
    constant = (1 - 0.5**0.7) / 0.7
    values, gradient = jax.value_and_grad(lambda logits: gce(logits, LABELS, truncate=0.5)[2])(LOGITS)
    assert values == pytest.approx(constant, rel=1e-6) and not gradient.any()
    found = gce(LOGITS, LABELS, truncate=0.5)
    np.testing.assert_allclose(found[:2], gce(LOGITS, LABELS)[:2], rtol=1e-6)
    assert found.max() == pytest.approx(constant, rel=1e-6)


def test_between_cross_entropy_and_absolute_error():
    np.testing.assert_allclose(gce(LOGITS, LABELS, q=1.0), 1 - P[[0, 1, 2], LABELS], rtol=1e-5)
    np.testing.assert_allclose(gce(LOGITS, LABELS, q=1e-5), cross_entropy(LOGITS, LABELS), rtol=1e-4)


def test_an_impossible_class_costs_what_the_floor_says():
    value = gce(jnp.array([[1e4, -1e4]]), jnp.array([1]))
    np.testing.assert_allclose(value, [(1 - 1e-7**0.7) / 0.7], rtol=1e-6)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"q": 0}, "q=0.*cross_entropy"),
        ({"q": 1.5}, "q=1.5"),
        ({"truncate": 1}, "truncate=1"),
        ({"truncate": -1}, "-1"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        gce(LOGITS, LABELS, **settings)
