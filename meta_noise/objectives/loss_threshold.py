"""What MentorNet and MentorMix share: a moving threshold between low and high losses."""

import jax
import jax.numpy as jnp


def threshold(old: jax.Array, losses: jax.Array, percentile: float) -> jax.Array:
    """Returns `lp` after a batch: half of the old one and half of the percentile of `losses` [B]; NaN: no old one."""
    new = jnp.quantile(losses, percentile)
    return jnp.where(jnp.isnan(old), new, (old + new) / 2).astype(losses.dtype)
