"""What a loss compares with: integer classes, or soft targets whose rows sum to one."""

import jax
import jax.numpy as jnp


def is_soft(targets: jax.Array, logits: jax.Array) -> bool:
    """Says whether `targets` are soft, [B, C], rather than integer classes, [B]; `logits` are [B, C].

    Raises:
        ValueError: they are neither (when tracing).
    """
    if targets.shape == logits.shape:
        return True
    if targets.shape != logits.shape[:-1] or not jnp.issubdtype(targets.dtype, jnp.integer):
        raise ValueError(
            f"targets must be integer classes {logits.shape[:-1]} or soft targets {logits.shape}, "
            f"got {targets.dtype} {targets.shape}"
        )
    return False


def take_target(values: jax.Array, targets: jax.Array) -> jax.Array:
    """Returns the value of the target class, or its mean under soft targets, [B], of `values` [B, C]."""
    if is_soft(targets, values):
        return jnp.sum(targets * values, axis=-1)
    return jnp.take_along_axis(values, targets[:, None], axis=-1)[:, 0]


def shares(targets: jax.Array, logits: jax.Array) -> jax.Array:
    """Returns `targets` as the share of every class, [B, C]: soft targets as they are, classes as one-hot rows."""
    return targets if is_soft(targets, logits) else jax.nn.one_hot(targets, logits.shape[-1], dtype=logits.dtype)


def sharpen(probabilities: jax.Array, temperature: float) -> jax.Array:
    """Returns `p^(1/temperature)`, divided by its sum over classes, [..., C]; 1 leaves it, near 0 gives one-hot rows.

    Computed from logarithms: at low temperatures the powers of all classes may be too small for float32.

    Args:
        probabilities: [..., C], rows that sum to one; zero counts as the smallest positive number of its type.
        temperature: above 0.
    """
    least = jnp.finfo(jnp.result_type(probabilities)).tiny
    return jax.nn.softmax(jnp.log(jnp.maximum(probabilities, least)) / temperature, axis=-1)


def unit_scale(logits: jax.Array) -> jax.Array:
    """Returns logits divided by their root mean square over rows and classes together, [B, C].

    In the released code of IEG, not in its paper.
    """
    return logits / jnp.sqrt(jnp.mean(logits**2) + 1e-8)
