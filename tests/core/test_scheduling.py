"""Numbers stay as they are; what waits is computed apart."""

import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.core.scheduling import after, once, unknown_one, unknown_zero

X = jnp.linspace(-1, 1, 64 * 64).reshape(64, 64)


def test_values_and_derivatives_stay():
    other = {"count": jnp.int32(3), "numbers": X}
    found = after({"x": X, "step": jnp.int32(5)}, other)
    np.testing.assert_array_equal(found["x"], X)
    assert found["step"] == 5
    np.testing.assert_array_equal(once(X, unknown_one(other)), X)
    slopes = jax.grad(lambda x, y: jnp.sum(once(after(x, y), unknown_one(y)) ** 2), argnums=(0, 1))(X, X)
    np.testing.assert_array_equal(slopes[0], 2 * X)
    np.testing.assert_array_equal(slopes[1], 0)


def test_nothing_to_wait_for():
    assert unknown_zero({"count": jnp.int32(3), "none": jnp.zeros((0,))}) == 0.0
    np.testing.assert_array_equal(after(X, ()), X)
    np.testing.assert_array_equal(once(X, unknown_one(())), X)


def test_what_waits_is_not_merged_with_what_does_not():
    def products(second):
        def function(x):
            first = jnp.dot(x, x)
            return first, jnp.dot(second(x, first), second(x, first))

        return jax.jit(function).lower(X).compile().cost_analysis()["flops"]

    merged, apart = products(lambda x, first: x), products(after)
    assert apart > 1.9 * merged
