"""Masks that are drawn in a row, against Flax's own dropout and attention."""

from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.models.dropout import attention, in_a_row
from tests.models import plain


def test_the_mask_is_that_of_flax():
    x = jnp.asarray(plain.some(3, 4, 4, 5), jnp.float32)
    drop = nn.Dropout(0.4, deterministic=False)
    found, want = (
        jax.jit(partial(nn.apply(function, drop), {}, rngs={"dropout": jax.random.key(3)}))(x)
        for function in (in_a_row, lambda drop, x: drop(x))
    )
    np.testing.assert_array_equal(found, want)
    assert 0 < np.mean(np.asarray(found) == 0) < 1


def test_attention_is_that_of_flax():
    query, key, value = (jnp.asarray(plain.some(2, 4, 3, 5) + shift, jnp.float32) for shift in (0, 1, 2))
    mask = jnp.array([[1, 1, 1, 0], [1, 0, 0, 0]], bool)[:, None, None, :]
    for settings in ({"deterministic": True}, {"deterministic": False, "dropout_rng": jax.random.key(1)}):
        settings = {"mask": mask, "dropout_rate": 0.3, **settings}
        found = jax.jit(partial(attention, **settings))(query, key, value)
        want = jax.jit(partial(nn.dot_product_attention, broadcast_dropout=False, **settings))(query, key, value)
        np.testing.assert_allclose(found, want, rtol=1e-6, atol=1e-6)
