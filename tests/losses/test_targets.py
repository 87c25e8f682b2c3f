"""Classes and one-hot rows mean the same; what becomes of guessed labels and of logits before guessing."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.losses.targets import is_soft, shares, sharpen, take_target, unit_scale

VALUES = jnp.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def test_classes_and_soft_targets():
    assert take_target(VALUES, jnp.array([2, 0])).tolist() == [3, 4]
    np.testing.assert_allclose(take_target(VALUES, jnp.array([[0.5, 0.5, 0], [0, 0.1, 0.9]])), [1.5, 5.9], rtol=1e-6)
    one_hot = shares(jnp.array([2, 0]), VALUES)
    assert one_hot.tolist() == [[0, 0, 1], [1, 0, 0]] and one_hot.dtype == VALUES.dtype
    assert shares(one_hot, VALUES) is one_hot
    assert is_soft(one_hot, VALUES) and not is_soft(jnp.array([2, 0]), VALUES)


@pytest.mark.parametrize(
    "targets", [jnp.zeros(2), jnp.zeros((2, 2)), jnp.zeros(3, int), jnp.zeros(1, int), jnp.zeros((2, 1), int)]
)
def test_other_targets_are_refused(targets):
    with pytest.raises(ValueError, match=r"integer classes \(2,\) or soft targets \(2, 3\)"):
        take_target(VALUES, targets)


PROBABILITIES = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [1.0, 0.0, 0.0]])


@pytest.mark.parametrize("temperature", [0.25, 0.5, 1.0, 2.0])
def test_sharpen(temperature):
    powers = PROBABILITIES ** (1 / temperature)
    found = sharpen(jnp.asarray(PROBABILITIES), temperature)
    np.testing.assert_allclose(found, powers / powers.sum(1, keepdims=True), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(sharpen(jnp.asarray(PROBABILITIES)[None, :], temperature)[0], found, rtol=1e-6)


def test_sharpen_by_hand():
    found = sharpen(jnp.asarray(PROBABILITIES), 0.5)
    np.testing.assert_allclose(found[0], [25 / 38, 9 / 38, 4 / 38], rtol=1e-6)
    np.testing.assert_allclose(sharpen(jnp.asarray(PROBABILITIES), 1.0), PROBABILITIES, rtol=1e-6)
    np.testing.assert_allclose(sharpen(jnp.asarray(PROBABILITIES), 0.05), np.eye(3)[[0, 2, 0]], atol=1e-4)
    np.testing.assert_allclose(sharpen(jnp.full((1, 4), 0.25), 0.1), 0.25, rtol=1e-6)


@pytest.mark.parametrize("temperature", [0.05, 0.01])
def test_sharpen_at_low_temperatures_in_float32(temperature):
    """0.01 to the 20th power is no number of float32; equal classes stay equal, a zero has a finite derivative."""
    equal = jnp.full((1, 100), 0.01, jnp.float32)
    np.testing.assert_allclose(sharpen(equal, temperature), equal, rtol=1e-5)
    slope = jax.grad(lambda p: sharpen(p, temperature)[0, 0])(jnp.array([[0.0, 0.4, 0.6]]))
    assert np.isfinite(slope).all()


def test_unit_scale_brings_a_batch_to_root_mean_square_one():
    logits = np.array([[3.0, -4.0], [12.0, 0.0]])
    np.testing.assert_allclose(unit_scale(jnp.asarray(logits)), logits / 6.5, rtol=1e-6)  # sqrt(169 / 4)
    np.testing.assert_allclose(unit_scale(jnp.asarray(100 * logits)), logits / 6.5, rtol=1e-6)


def test_unit_scale_is_of_the_whole_batch_not_of_a_row():
    logits = jnp.array([[1.0, 2.0], [10.0, 20.0]])
    assert jnp.mean(unit_scale(logits)[0] ** 2) < 0.1 < 1 < jnp.mean(unit_scale(logits)[1] ** 2)


@pytest.mark.usefixtures("float64")
def test_unit_scale_at_nothing():
    """Zeros stay zeros and their derivative is 1e4: 1e-8 stands under the root."""
    assert not unit_scale(jnp.zeros((2, 3))).any()
    slope = jax.grad(lambda z: unit_scale(z)[0, 0])(jnp.zeros((2, 3)))
    np.testing.assert_allclose(slope, 1e4 * np.eye(2, 3)[:1].repeat(2, 0) * [[1], [0]], rtol=1e-6)
