"""A square of one colour."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike


def erase(images: jax.Array, row: ArrayLike, column: ArrayLike, size: ArrayLike, fill: ArrayLike = 0) -> jax.Array:
    """Returns images with a square of one colour, of which only the part inside the image is seen.

    Args:
        images: [..., height, width, channels].
        row, column: [...] the middle of the square; of an even size, the first pixel after the middle.
        size: [...] or a number, the side of the square; 0 erases nothing.
        fill: colour, a number or [channels].
    """
    height, width = images.shape[-3:-1]
    is_row = _is_covered(height, row, size)[..., :, None, None]
    is_column = _is_covered(width, column, size)[..., None, :, None]
    return jnp.where(is_row & is_column, jnp.asarray(fill, images.dtype), images)


def _is_covered(length: int, middle: ArrayLike, size: ArrayLike) -> jax.Array:
    size = jnp.asarray(size)[..., None]
    first = jnp.asarray(middle)[..., None] - size // 2
    place = jnp.arange(length)
    return (place >= first) & (place < first + size)
