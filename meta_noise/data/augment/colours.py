"""What pixels become: `ImageOps` and `ImageEnhance` of Pillow.

Posterize, solarize, invert, autocontrast, equalize: each byte becomes another one. Colour, contrast, brightness,
sharpness: a blend of an image with a duller version of itself,

    result = dull + factor * (image - dull),    cut off to whole numbers and to [0, 255]

in single precision. Factor 0 gives the dull version, 1 the image, more exaggerates.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike


def posterize(images: jax.Array, bits: ArrayLike) -> jax.Array:
    """Returns images with only the upper `bits` [...] (0 to 8) of every byte."""
    low = jnp.left_shift(1, 8 - jnp.asarray(bits, jnp.int32)) - 1
    return images & (255 - low).astype(jnp.uint8)[..., None, None, None]


def solarize(images: jax.Array, threshold: ArrayLike) -> jax.Array:
    """Returns images in which bytes of at least `threshold` [...] (0 to 256) are inverted."""
    is_below = images.astype(jnp.int32) < jnp.asarray(threshold, jnp.int32)[..., None, None, None]
    return jnp.where(is_below, images, 255 - images)


def invert(images: jax.Array) -> jax.Array:
    """Returns negatives."""
    return 255 - images


def autocontrast(images: jax.Array) -> jax.Array:
    """Returns images whose channels are stretched from 0 to 255 each."""
    return look_up(images, autocontrast_table(images))


def equalize(images: jax.Array) -> jax.Array:
    """Returns images whose channels have about as many pixels of every brightness."""
    return look_up(images, equalize_table(images))


def look_up(images: jax.Array, table: jax.Array) -> jax.Array:
    """Returns images with every byte replaced.

    Args:
        images: [..., height, width, channels] uint8.
        table: [..., 256, channels] uint8.
    """
    *lead, height, width, channels = images.shape
    index = images.reshape(*lead, height * width, channels).astype(jnp.int32)
    return jnp.take_along_axis(table, index, axis=-2, mode="promise_in_bounds").reshape(images.shape)


def identity_table(images: jax.Array) -> jax.Array:
    """Returns [..., 256, channels] uint8 that changes nothing."""
    shape = (*images.shape[:-3], 256, images.shape[-1])
    return jnp.broadcast_to(jnp.arange(256, dtype=jnp.uint8)[:, None], shape)


def autocontrast_table(images: jax.Array) -> jax.Array:
    """Returns [..., 256, channels] uint8: `255 * (level - low) / (high - low)`, cut off as Pillow does it."""
    low, high = (find(images, axis=(-3, -2))[..., None, :].astype(jnp.int32) for find in (jnp.min, jnp.max))
    span = jnp.maximum(high - low, 1)
    level = jnp.arange(256)[:, None]
    place = jnp.clip(level - low, 0, span)
    stretched, rest = jnp.divmod(255 * place, span)
    steps, short = _autocontrast_rounding()
    bit = place // jnp.asarray(steps)[span]
    is_short = (rest == 0) & ((jnp.asarray(short)[low, high] >> bit.astype(jnp.uint32)) & 1 == 1)
    return jnp.where(high > low, stretched - is_short, level).astype(jnp.uint8)


def equalize_table(images: jax.Array) -> jax.Array:
    """Returns [..., 256, channels] uint8: the number of darker pixels, in steps of a 255th of those below the top."""
    counts = _histogram(images)
    darker = jnp.cumsum(counts, axis=-2) - counts
    below_top = jnp.max(jnp.where(counts > 0, darker, 0), axis=-2, keepdims=True)
    step = below_top // 255
    ranks = (darker + step // 2) // jnp.maximum(step, 1)
    return jnp.where(step > 0, jnp.clip(ranks, 0, 255), jnp.arange(256)[:, None]).astype(jnp.uint8)


def _histogram(images: jax.Array) -> jax.Array:
    """Returns [..., 256, channels] int32 counts of every byte."""
    *lead, height, width, channels = images.shape
    level = images.reshape(-1, height * width * channels).astype(jnp.int32)
    bins = level * channels + jnp.tile(jnp.arange(channels), height * width)

    def count(bins):
        return jnp.zeros(256 * channels, jnp.int32).at[bins].add(1, mode="promise_in_bounds")

    return jax.vmap(count)(bins).reshape(*lead, 256, channels)


@functools.lru_cache(maxsize=1)
def _autocontrast_rounding() -> tuple[np.ndarray, np.ndarray]:
    """Returns where Pillow's autocontrast, in double precision, falls one short of a whole number.

    It computes `level * s - low * s` with the rounded `s = 255 / (high - low)`, so a result that should be a whole
    number is sometimes a little less, and is cut off to the number below. Such levels are `low + j * steps[span]`.

    Returns:
        steps: [256] int32 by span = high - low.
        short: [256, 256] uint32 by low and high; bit j says that the level of that j falls short.
    """
    spans = np.maximum(np.arange(256), 1)
    steps = spans // np.gcd(spans, 255)
    short = np.zeros((256, 256), np.uint32)
    for low in range(255):
        high, level = np.arange(low + 1, 256)[:, None], np.arange(256)
        place, span = level - low, high - low
        scale = 255.0 / span
        is_whole = (place >= 0) & (place <= span) & (255 * place % span == 0)
        is_short = is_whole & ((level * scale - low * scale).astype(np.int64) < 255 * place // span)
        row, column = np.nonzero(is_short)
        bits = place[column] // steps[span[row, 0]]
        np.bitwise_or.at(short[low], high[row, 0], np.uint32(1) << bits.astype(np.uint32))
    return steps.astype(np.int32), short


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
