"""Colour, contrast, brightness, sharpness: a blend of an image with a duller version of itself (`ImageEnhance`).

    result = dull + factor * (image - dull),    cut off to whole numbers and to [0, 255]

in single precision. Factor 0 gives the dull version, 1 the image, more exaggerates.
"""

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike


def colour(images: jax.Array, factor: ArrayLike) -> jax.Array:
    """Returns images with more or less colour; grey ones stay."""
    return blend(grey(images), images, factor)


def contrast(images: jax.Array, factor: ArrayLike) -> jax.Array:
    """Returns images further from, or nearer to, their mean grey."""
    return blend(mean_grey(images), images, factor)


def brightness(images: jax.Array, factor: ArrayLike) -> jax.Array:
    """Returns brighter or darker images."""
    return blend(jnp.zeros_like(images), images, factor)


def sharpness(images: jax.Array, factor: ArrayLike) -> jax.Array:
    """Returns sharper or smoother images; the outermost pixels stay."""
    return blend(smooth(images), images, factor)


def blend(dull: jax.Array, images: jax.Array, factor: ArrayLike) -> jax.Array:
    """Returns `dull + factor * (images - dull)` in uint8.

    Args:
        dull: uint8 that broadcasts against `images`.
        images: [..., height, width, channels] uint8.
        factor: [...] or a number.

    A compiler may fuse the product and the sum, which leaves out one rounding and changes whole results. Therefore
    the factor is split into two short numbers, whose products with a difference of bytes need no rounding.
    """
    factor = jnp.asarray(factor, jnp.float32)[..., None, None, None]
    long = lax.reduce_precision(factor, exponent_bits=8, mantissa_bits=12)
    start, end = dull.astype(jnp.float32), images.astype(jnp.float32)
    product = long * (end - start) + (factor - long) * (end - start)
    return jnp.clip(start + product, 0, 255).astype(jnp.uint8)


def grey(images: jax.Array) -> jax.Array:
    """Returns [..., height, width, 1] uint8, the luma of ITU-R 601 in 16 binary places."""
    if images.shape[-1] == 1:
        return images
    red, green, blue = (images[..., channel : channel + 1].astype(jnp.int32) for channel in range(3))
    return ((19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16).astype(jnp.uint8)


def mean_grey(images: jax.Array) -> jax.Array:
    """Returns [..., 1, 1, 1] uint8: the mean of the grey image, halves rounded up."""
    luma = grey(images)
    pixels = luma.shape[-3] * luma.shape[-2]
    total = luma.sum(axis=(-3, -2, -1), keepdims=True, dtype=jnp.int32)
    return ((2 * total + pixels) // (2 * pixels)).astype(jnp.uint8)


def smooth(images: jax.Array) -> jax.Array:
    """Returns uint8 means over 3 x 3 pixels, the middle counting five times; the outermost pixels stay."""
    height, width = images.shape[-3:-1]
    if min(height, width) < 3:
        return images
    pixels = images.astype(jnp.uint32)
    rows = pixels[..., :-2, :, :] + pixels[..., 1:-1, :, :] + pixels[..., 2:, :, :]
    total = rows[..., :-2, :] + rows[..., 1:-1, :] + rows[..., 2:, :] + 4 * pixels[..., 1:-1, 1:-1, :]
    inner = ((2 * total + 13) // 26).astype(jnp.uint8)
    return jnp.asarray(images).at[..., 1:-1, 1:-1, :].set(inner)
