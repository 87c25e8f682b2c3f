"""The usual augmentations of small images: none at all; pad, crop, flip; cutout.

Crop and flip: K. He, X. Zhang, S. Ren, J. Sun, "Deep Residual Learning for Image Recognition", CVPR 2016,
https://arxiv.org/abs/1512.03385 (section 4.2: 4 pixels of zeros on each side); padding by reflection as in the
scripts of MW-Net, https://arxiv.org/abs/1902.07379. A crop of a padded and flipped image only says which pixel comes
from where, so it is written as one gather: row and column numbers per image, nothing padded in memory.

Cutout, a square at a random place that is erased: T. DeVries, G. W. Taylor, "Improved Regularization of Convolutional
Neural Networks with Cutout", 2017, https://arxiv.org/abs/1708.04552. The middle of the square is uniform over the
pixels, so that part of it may lie outside. There it is filled with zeros after normalising, the mean colour; this
differs only in the colour, for which `fill` is a setting.
"""

import jax
import jax.numpy as jnp

from meta_noise.data.augment.geometry import Fill, check_fill, erase
from meta_noise.errors import InputError, unknown_name

MODES = ("reflect", "zero")


def crop_flip(key: jax.Array, images: jax.Array, pad: int = 4, mode: str = "reflect", flip: bool = True) -> jax.Array:
    """Returns each image moved by up to `pad` pixels in both directions and mirrored half of the time.

    Args:
        key: decides; the same key gives the same images.
        images: [B, height, width, channels] of any dtype.
        pad: pixels added on each side before a crop of the original size is drawn.
        mode: "reflect" fills the margin with the mirrored image (without its edge), "zero" with zeros.
        flip: mirror left and right with probability one half.

    Returns:
        [B, height, width, channels] of the same dtype.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.data.augment.crop_flip import crop_flip
    >>> images = jnp.arange(2 * 8 * 8 * 3, dtype=jnp.uint8).reshape(2, 8, 8, 3)
    >>> found = crop_flip(jax.random.key(0), images, pad=2)
    >>> found.shape, found.dtype.name
    ((2, 8, 8, 3), 'uint8')
    """
    if images.ndim != 4:
        raise InputError(f"crop_flip needs images [B, height, width, channels]; got shape {images.shape}.")
    if mode not in MODES:
        raise unknown_name("mode of crop_flip", str(mode), MODES)
    count, height, width, _ = images.shape
    if pad < 0 or (mode == "reflect" and pad >= min(height, width)):
        raise InputError(f"crop_flip cannot pad {height} x {width} pixels by {pad} ({mode}); the pad must be smaller.")
    key_row, key_column, key_flip = jax.random.split(key, 3)
    rows = jnp.arange(height) + jax.random.randint(key_row, (count, 1), -pad, pad + 1)  # [B, height]
    columns = jnp.arange(width) + jax.random.randint(key_column, (count, 1), -pad, pad + 1)  # [B, width]
    if flip:
        is_flipped = jax.random.bernoulli(key_flip, 0.5, (count, 1))
        columns = jnp.where(is_flipped, width - 1 - columns, columns)
    place = jnp.clip if mode == "zero" else _reflect
    row, column = place(rows, 0, height - 1)[:, :, None], place(columns, 0, width - 1)[:, None, :]
    example = jnp.arange(count)[:, None, None]
    # Checked above and placed inside here, so XLA need not check again.
    moved = images.at[example, row, column].get(mode="promise_in_bounds")
    if mode == "reflect":
        return moved
    is_inside = (rows == row[:, :, 0])[:, :, None] & (columns == column[:, 0, :])[:, None, :]  # [B, height, width]
    return jnp.where(is_inside[..., None], moved, jnp.zeros((), images.dtype))


def _reflect(numbers: jax.Array, low: int, high: int) -> jax.Array:
    """Returns `numbers` mirrored at `low` (0) and `high`, once at most."""
    del low
    return high - jnp.abs(high - jnp.abs(numbers))


def cutout(key: jax.Array, images: jax.Array, size: int = 16, fill: Fill = 0) -> jax.Array:
    """Returns images in which a square is one colour.

    Args:
        key: decides; the same key gives the same images.
        images: [B, height, width, channels] of any dtype.
        size: side of the square in pixels; 16 for CIFAR-10 and 8 for CIFAR-100 in the paper.
        fill: colour of the square, one number or one per channel, in the unit of `images`.

    Returns:
        [B, height, width, channels] of the same dtype.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.data.augment.crop_flip import cutout
    >>> images = jnp.arange(2 * 8 * 8 * 3, dtype=jnp.uint8).reshape(2, 8, 8, 3)
    >>> found = cutout(jax.random.key(0), images, size=4)
    >>> found.shape, found.dtype.name
    ((2, 8, 8, 3), 'uint8')
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


def none(key: jax.Array, images: jax.Array) -> jax.Array:
    """Returns `images` [B, ...] as they are.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.data.augment.crop_flip import none
    >>> images = jnp.arange(2 * 8 * 8 * 3, dtype=jnp.uint8).reshape(2, 8, 8, 3)
    >>> found = none(jax.random.key(0), images)
    >>> found.shape, found.dtype.name
    ((2, 8, 8, 3), 'uint8')
    >>> bool((found == images).all())
    True
    """
    del key
    return images
