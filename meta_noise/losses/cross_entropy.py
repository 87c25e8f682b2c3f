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

    >>> import jax.numpy as jnp
    >>> from meta_noise.losses.cross_entropy import cross_entropy
    >>> logits = jnp.array([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> [f"{loss:.2f}" for loss in cross_entropy(logits, jnp.array([0, 1]))]
    ['0.24', '1.10']
    """
    return -take_target(jax.nn.log_softmax(logits), targets)


def mean_cross_entropy(outputs, batch) -> jax.Array:
    """Returns the mean cross-entropy of a batch with known labels: the outer loss of most methods."""
    return jnp.mean(cross_entropy(outputs.logits, batch.labels))
