"""A loss: cross-entropy with labels that are a little uncertain.

`L(q, z) = -sum_c ((1 - e) q_c + e / C) log softmax(z)_c`
"""

import jax
import jax.numpy as jnp

from meta_noise.losses.cross_entropy import cross_entropy


def smoothed(logits: jax.Array, targets: jax.Array, amount: float = 0.1) -> jax.Array:
    """Returns the smoothed cross-entropy of every row, [B].

    Args:
        logits: [B, C] unnormalised scores.
        targets: [B] integer classes in 0..C-1, or [B, C] soft targets whose rows sum to one.
        amount: e, in [0, 1).
    """
    if not 0 <= amount < 1:
        raise ValueError(f"amount is {amount}; it must be in [0, 1), as 0.1")
    even = -jnp.mean(jax.nn.log_softmax(logits), axis=-1)  # [B]
    return (1 - amount) * cross_entropy(logits, targets) + amount * even
