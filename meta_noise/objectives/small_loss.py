"""What co-teaching and JoCoR share: of a batch the rows of low loss are learned, fewer of them from epoch to epoch."""

import jax
import jax.numpy as jnp

from meta_noise.types import Batch


def check_forgetting(forget: float, ramp_epochs: float, exponent: float) -> None:
    """Raises ValueError where the settings of `kept_share` are out of range."""
    if not 0 <= forget < 1 or ramp_epochs <= 0 or exponent <= 0:
        raise ValueError(
            f"need forget in [0, 1), ramp_epochs and exponent above 0, got {forget}, {ramp_epochs} and {exponent}"
        )


def kept_share(batch: Batch, forget: float, ramp_epochs: float, exponent: float) -> jax.Array:
    """Returns R(e), the share of rows that are kept in the epoch of the batch, counted from 0."""
    return 1 - forget * jnp.minimum(1, (jnp.floor(jnp.asarray(batch.epoch)) / ramp_epochs) ** exponent)


def lowest(losses: jax.Array, share: jax.Array) -> jax.Array:
    """Returns 1 for the given share of rows with the lowest losses, rounded down but one at least, else 0, [..., B]."""
    ranks = jnp.argsort(jnp.argsort(losses, axis=-1), axis=-1)
    return (ranks < jnp.maximum(jnp.floor(share * losses.shape[-1]), 1)).astype(losses.dtype)
