"""Dropout whose masks are drawn in a row.

They are those that Flax draws. On CPUs a draw of four axes compiles in 8 seconds, of one axis in half a second.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp

from meta_noise.types import Array


def in_a_row(drop: nn.Dropout, x: Array) -> Array:
    """Returns `drop` of x, of any shape."""
    return drop(x.reshape(-1)).reshape(x.shape)


def attention(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None = None,
    dropout_rng: Array | None = None,
    dropout_rate: float = 0.0,
    deterministic: bool = True,
) -> Array:
    """Returns what `flax.linen.dot_product_attention` does, without `broadcast_dropout`: [B, L, heads, D].

    Args:
        query, key, value: [B, L, heads, D] of one dtype.
        mask: what can be broadcast to [B, heads, L, L], False where nothing is looked at.
        dropout_rng: key of the mask of the weights.
        dropout_rate: share of the weights that are left out, in [0, 1).
        deterministic: none is left out.
    """
    weights = nn.dot_product_attention_weights(query, key, mask=mask)
    if not deterministic and dropout_rate > 0:
        assert dropout_rng is not None
        keep = 1 - dropout_rate
        kept = jax.random.bernoulli(dropout_rng, keep, (weights.size,)).reshape(weights.shape)
        weights *= kept.astype(weights.dtype) / jnp.asarray(keep, weights.dtype)
    return jnp.einsum("...hqk,...khd->...qhd", weights, value)
