"""Where pixels come from: shear, translate and rotate, as Pillow does it, and squares of one colour.

`Image.transform(size, AFFINE, ...)` and `Image.rotate` take the nearest pixel. A matrix (a, b, c, d, e, f) says where
the output pixel (x, y) comes from: (a x + b y + c, d x + e y + f), measured at pixel centres. Pillow rounds the six
numbers to 16 binary places and works with integers from there. Here the numbers are made in double precision on the
host, so amounts must be known when the function is traced, and only integers reach the device: the result is the same
to the last pixel. An operation of amount zero has the identity matrix, so different geometric operations of a batch are
one gather.
"""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from meta_noise.errors import InputError

PLACES = 16  # binary places of Pillow's fixed-point numbers
Fill = int | Sequence[int]  # a colour: one number, or one per channel


def shear_x(images: jax.Array, factor: ArrayLike, fill: ArrayLike = 0) -> jax.Array:
    """Returns images in which (x, y) shows (x + factor * y, y)."""
    return warp(images, fixed_point(shear_x_matrix(factor)), fill)


def shear_y(images: jax.Array, factor: ArrayLike, fill: ArrayLike = 0) -> jax.Array:
    """Returns images in which (x, y) shows (x, y + factor * x)."""
    return warp(images, fixed_point(shear_y_matrix(factor)), fill)


def translate_x(images: jax.Array, pixels: ArrayLike, fill: ArrayLike = 0) -> jax.Array:
    """Returns images in which (x, y) shows (x + pixels, y)."""
    return warp(images, fixed_point(translate_x_matrix(pixels)), fill)


def translate_y(images: jax.Array, pixels: ArrayLike, fill: ArrayLike = 0) -> jax.Array:
    """Returns images in which (x, y) shows (x, y + pixels)."""
    return warp(images, fixed_point(translate_y_matrix(pixels)), fill)


def rotate(images: jax.Array, degrees: ArrayLike, fill: ArrayLike = 0) -> jax.Array:
    """Returns images turned counter-clockwise about their centre."""
    height, width = images.shape[-3:-1]
    return warp(images, fixed_point(rotate_matrix(degrees, height, width)), fill)


def warp(images: jax.Array, matrix: ArrayLike, fill: ArrayLike = 0) -> jax.Array:
    """Returns images whose pixels come from where a matrix says.

    Args:
        images: [..., height, width, channels].
        matrix: [..., 6] int32 from `fixed_point`, one for each image or for all.
        fill: colour of what comes from outside, a number or [channels].
    """
    *lead, height, width, channels = images.shape
    a, b, c, d, e, f = jnp.moveaxis(jnp.asarray(matrix)[..., None, None], -3, 0)
    x, y = jnp.arange(width), jnp.arange(height)[:, None]
    column, row = (a * x + b * y + c) >> PLACES, (d * x + e * y + f) >> PLACES  # [..., height, width]
    is_inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    index = jnp.where(is_inside, row * width + column, 0)
    index = jnp.broadcast_to(index, (*lead, height, width)).reshape(*lead, height * width, 1)
    flat = images.reshape(*lead, height * width, channels)
    moved = jnp.take_along_axis(flat, index, axis=-2, mode="promise_in_bounds").reshape(images.shape)
    return jnp.where(is_inside[..., None], moved, jnp.asarray(fill, images.dtype))


def shear_x_matrix(factor: ArrayLike) -> np.ndarray:
    """Returns [..., 6] float64 for factors [...]."""
    return _matrix(1, factor, 0, 0, 1, 0)


def shear_y_matrix(factor: ArrayLike) -> np.ndarray:
    """Returns [..., 6] float64 for factors [...]."""
    return _matrix(1, 0, 0, factor, 1, 0)


def translate_x_matrix(pixels: ArrayLike) -> np.ndarray:
    """Returns [..., 6] float64; parts of pixels are rounded, halves upwards."""
    return _matrix(1, 0, np.floor(np.asarray(pixels) + 0.5), 0, 1, 0)


def translate_y_matrix(pixels: ArrayLike) -> np.ndarray:
    """Returns [..., 6] float64; parts of pixels are rounded, halves upwards."""
    return _matrix(1, 0, 0, 0, 1, np.floor(np.asarray(pixels) + 0.5))


def rotate_matrix(degrees: ArrayLike, height: int, width: int) -> np.ndarray:
    """Returns [..., 6] float64 for a turn about the centre; sine and cosine have 15 decimals, as in Pillow."""
    angle = -np.radians(np.asarray(degrees, np.float64) % 360.0)
    cosine, sine = np.round(np.cos(angle), 15), np.round(np.sin(angle), 15)
    x, y = width / 2, height / 2
    return _matrix(cosine, sine, -cosine * x - sine * y + x, -sine, cosine, sine * x - cosine * y + y)


def fixed_point(matrix: np.ndarray) -> np.ndarray:
    """Returns [..., 6] int32: the matrix at pixel centres, in units of 2 ** -16."""
    a, b, c, d, e, f = np.moveaxis(matrix, -1, 0)
    centred = np.stack([a, b, c + a * 0.5 + b * 0.5, d, e, f + d * 0.5 + e * 0.5], axis=-1)
    return np.floor(centred * 2**PLACES + 0.5).astype(np.int32)


def _matrix(*entries: ArrayLike) -> np.ndarray:
    return np.stack(np.broadcast_arrays(*(np.asarray(entry, np.float64) for entry in entries)), axis=-1)


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


def check_images(name: str, images: jax.Array) -> None:
    """Raises InputError where `images` are not a batch of uint8 images with 1 or 3 channels."""
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or images.dtype != np.uint8:
        raise InputError(
            f"{name} needs uint8 images [B, height, width, 1 or 3]; got {images.dtype} of shape {images.shape}. "
            "Augment before normalising."
        )


def check_fill(name: str, fill: Fill, images: jax.Array) -> np.ndarray:
    """Returns the colour `fill`, a number or one per channel, as [channels] in the type of `images`."""
    channels, is_bytes = images.shape[-1], images.dtype == np.uint8
    colour = np.asarray(fill)
    if colour.shape not in ((), (channels,)):
        raise InputError(f"{name} needs a fill of one number or of {channels} (one per channel); got {fill}.")
    if is_bytes and not np.all((colour >= 0) & (colour <= 255) & (colour == np.floor(colour))):
        raise InputError(f"{name} needs a fill of whole numbers from 0 to 255 for uint8 images; got {fill}.")
    return np.broadcast_to(colour, channels).astype(images.dtype)
