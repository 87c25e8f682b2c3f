"""Cross-entropy: `CE(q, z) = -sum_c q_c log softmax(z)_c`."""

import jax
import jax.numpy as jnp


def cross_entropy(logits: jax.Array, targets: jax.Array) -> jax.Array:
    """Returns the cross-entropy of every row, [B], zero where the target class has probability one.

    Args:
        logits: [B, C] unnormalised scores.
        targets: [B] integer classes in 0..C-1, or [B, C] soft targets whose rows sum to one.

    Raises:
        ValueError: the shapes do not fit (when tracing).
    """
    log_probabilities = jax.nn.log_softmax(logits)  # [B, C]
    if targets.shape == logits.shape:
        return -jnp.sum(targets * log_probabilities, axis=-1)
    if targets.shape != logits.shape[:-1] or not jnp.issubdtype(targets.dtype, jnp.integer):
        raise ValueError(
            f"targets must be integer classes {logits.shape[:-1]} or soft targets {logits.shape}, "
            f"got {targets.dtype} {targets.shape}"
        )
    return -jnp.take_along_axis(log_probabilities, targets[:, None], axis=-1)[:, 0]


def mean_cross_entropy(outputs, batch) -> jax.Array:
    """Returns the mean cross-entropy of a batch with known labels: the outer loss of most methods."""
    return jnp.mean(cross_entropy(outputs.logits, batch.labels))
