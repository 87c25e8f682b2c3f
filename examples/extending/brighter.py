"""An augmentation: every image of a batch becomes a little brighter or darker, on the device."""

import jax
import jax.numpy as jnp


def brighter(key: jax.Array, images: jax.Array, most: float = 0.2) -> jax.Array:
    """Returns images [B, height, width, channels] of the same type.

    Args:
        key: decides; the same key gives the same images.
        images: [B, height, width, channels], uint8 or float from 0 to 255.
        most: largest change, as a share.
    """
    factors = jax.random.uniform(key, (len(images), 1, 1, 1), minval=1 - most, maxval=1 + most)
    return jnp.clip(images * factors, 0, 255).astype(images.dtype)
