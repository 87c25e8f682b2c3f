"""What the augmentations of this kind accept."""

from collections.abc import Sequence

import jax
import numpy as np

from meta_noise.errors import InputError

Fill = int | Sequence[int]


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
