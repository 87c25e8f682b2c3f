"""Cutout: a square at a random place is erased.

T. DeVries, G. W. Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout", 2017,
https://arxiv.org/abs/1708.04552. The middle of the square is uniform over the pixels, so that part of it may lie
outside. There it is filled with zeros after normalising, the mean colour; this differs only in the colour, for which
`fill` is a setting.
"""

import jax

from meta_noise.data.pixels.check import Fill, check_fill
from meta_noise.data.pixels.erase import erase
from meta_noise.errors import InputError


def cutout(key: jax.Array, images: jax.Array, size: int = 16, fill: Fill = 0) -> jax.Array:
    """Returns images in which a square is one colour.

    Args:
        key: decides; the same key gives the same images.
        images: [B, height, width, channels] of any dtype.
        size: side of the square in pixels; 16 for CIFAR-10 and 8 for CIFAR-100 in the paper.
        fill: colour of the square, one number or one per channel, in the unit of `images`.

    Returns:
        [B, height, width, channels] of the same dtype.
    """
    if images.ndim != 4:
        raise InputError(f"cutout needs images [B, height, width, channels]; got shape {images.shape}.")
    if size < 0:
        raise InputError(f"cutout cannot erase a square of {size} pixels; give a size of 0 or more.")
    colour = check_fill("cutout", fill, images)
    count, height, width, _ = images.shape
    key_row, key_column = jax.random.split(key)
    row = jax.random.randint(key_row, (count,), 0, height)
    column = jax.random.randint(key_column, (count,), 0, width)
    return erase(images, row, column, size, colour)
