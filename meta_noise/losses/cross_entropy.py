"""Cross-entropy: `CE(q, z) = -sum_c q_c log softmax(z)_c`."""

import jax
import jax.numpy as jnp

from meta_noise.losses.targets import take_target


def cross_entropy(logits: jax.Array, targets: jax.Array) -> jax.Array:
    """Returns the cross-entropy of every row, [B], zero where the target class has probability one.

    Args:
        logits: [B, C] unnormalised scores.
        targets: [B] integer classes in 0..C-1, or [B, C] soft targets whose rows sum to one.

    Raises:
        ValueError: the shapes do not fit (when tracing).
    """
    return -take_target(jax.nn.log_softmax(logits), targets)


def mean_cross_entropy(outputs, batch) -> jax.Array:
    """Returns the mean cross-entropy of a batch with known labels: the outer loss of most methods."""
    return jnp.mean(cross_entropy(outputs.logits, batch.labels))
