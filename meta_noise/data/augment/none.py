"""No augmentation."""

import jax


def none(key: jax.Array, images: jax.Array) -> jax.Array:
    """Returns `images` [B, ...] as they are."""
    del key
    return images
