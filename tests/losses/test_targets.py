"""Classes and one-hot rows mean the same."""

import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.losses.targets import is_soft, shares, take_target

VALUES = jnp.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def test_classes_and_soft_targets():
    assert take_target(VALUES, jnp.array([2, 0])).tolist() == [3, 4]
    np.testing.assert_allclose(take_target(VALUES, jnp.array([[0.5, 0.5, 0], [0, 0.1, 0.9]])), [1.5, 5.9], rtol=1e-6)
    one_hot = shares(jnp.array([2, 0]), VALUES)
    assert one_hot.tolist() == [[0, 0, 1], [1, 0, 0]] and one_hot.dtype == VALUES.dtype
    assert shares(one_hot, VALUES) is one_hot
    assert is_soft(one_hot, VALUES) and not is_soft(jnp.array([2, 0]), VALUES)


@pytest.mark.parametrize("targets", [jnp.zeros(2), jnp.zeros((2, 2)), jnp.zeros(3, int), jnp.zeros((2, 1), int)])
def test_other_targets_are_refused(targets):
    with pytest.raises(ValueError, match=r"integer classes \(2,\) or soft targets \(2, 3\)"):
        take_target(VALUES, targets)
