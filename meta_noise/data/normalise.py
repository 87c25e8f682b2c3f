"""Mean and deviation: measured once on the host, applied on the device."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

CHUNK = 1024


def statistics(inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns mean and deviation of the last axis, each [C] float32, of the training inputs.

    Args:
        inputs: [N, height, width, C] images, or [N, C] vectors. uint8 counts as fractions of 255, so that the
            result is what papers print (0.4914, 0.4822, 0.4465 for CIFAR-10). Tokens [N, C] int32 are no quantities;
            theirs are 0 and 1.

    A channel that never changes gets deviation 1, so that it can be divided by.
    """
    channels = inputs.shape[-1]
    if inputs.dtype == np.int32:
        return np.zeros(channels, np.float32), np.ones(channels, np.float32)
    scale = 255.0 if inputs.dtype == np.uint8 else 1.0
    count = inputs.size / channels
    chunks = range(0, len(inputs), CHUNK)
    total = np.zeros(channels)
    for start in chunks:
        total += inputs[start : start + CHUNK].reshape(-1, channels).sum(axis=0, dtype=np.float64)
    mean = total / count
    squares = np.zeros(channels)
    for start in chunks:  # a second pass, since the difference of two large sums would lose digits
        squares += np.square(inputs[start : start + CHUNK].reshape(-1, channels) - mean).sum(axis=0)
    std = np.sqrt(squares / count) / scale
    return (mean / scale).astype(np.float32), np.where(std > 0, std, 1.0).astype(np.float32)


def normalise(images: jax.Array, mean: ArrayLike, std: ArrayLike) -> jax.Array:
    """Returns `(images - mean) / std` as float32, with uint8 first divided by 255; int32 tokens come as they are.

    Args:
        images: [..., C] uint8, floats that are left in their own unit, or int32 tokens.
        mean: [C] or a number, in the unit of fractions of 255 for uint8.
        std: [C] or a number, likewise.
    """
    if images.dtype == jnp.int32:
        return images
    scale = 255.0 if images.dtype == jnp.uint8 else 1.0
    mean, std = jnp.asarray(mean, jnp.float32), jnp.asarray(std, jnp.float32)
    return (images.astype(jnp.float32) / scale - mean) / std
