"""Shear, translate and rotate: nearest pixel, as `Image.transform(size, AFFINE, ...)` and `Image.rotate` do it.

A matrix (a, b, c, d, e, f) says where the output pixel (x, y) comes from: (a x + b y + c, d x + e y + f), measured at
pixel centres. Pillow rounds the six numbers to 16 binary places and works with integers from there. Here the numbers
are made in double precision on the host, so amounts must be known when the function is traced, and only integers reach
the device: the result is the same to the last pixel. An operation of amount zero has the identity matrix, so different
geometric operations of a batch are one gather.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

PLACES = 16  # binary places of Pillow's fixed-point numbers


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
