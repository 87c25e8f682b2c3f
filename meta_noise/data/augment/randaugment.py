"""RandAugment: random operations of a common magnitude; and the strong view of IEG.

E. D. Cubuk, B. Zoph, J. Shlens, Q. V. Le, "RandAugment: Practical Automated Data Augmentation with a Reduced Search
Space", NeurIPS 2020, https://arxiv.org/abs/1909.13719: `num_ops` operations, each drawn uniformly from 14, all at level
`magnitude`, which is translated in `meta_noise.data.augment.operations`.

IEG (Z. Zhang, H. Zhang, S. O. Arik, H. Lee, T. Pfister, "Distilling Effective Supervision from Severe Label Noise",
CVPR 2020, https://arxiv.org/abs/1910.00701) has 2 operations, each applied with probability one half at a level from 1
to 9: `randaugment(key, images, 2, (1, 9), 0.5)`. This differs from its code, which draws operations and levels once per
batch and not for every image.

IEG's strong view is made from the weak view (a crop and flip of its own); give the weak view as `images` for that. IEG
computes on images scaled to [-1, 1] and fills with zero everywhere, so with mid grey. Its code draws crops from 8 of
the 9 offsets and has more sub-policies, see `autoaugment`; that differs.
"""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.data.augment.autoaugment import POLICIES, autoaugment
from meta_noise.data.augment.crop_flip import crop_flip, cutout
from meta_noise.data.augment.geometry import Fill, check_fill, check_images
from meta_noise.data.augment.operations import NUMBER, OPERATIONS, TOP, Steps, apply_steps
from meta_noise.errors import InputError, unknown_name

PUBLISHED = (
    "identity", "autocontrast", "equalize", "rotate", "solarize", "colour", "posterize", "contrast", "brightness",
    "sharpness", "shear_x", "shear_y", "translate_x", "translate_y",
)  # fmt: skip


def randaugment(
    key: jax.Array,
    images: jax.Array,
    num_ops: int = 2,
    magnitude: int | Sequence[int] = 9,
    probability: float = 1.0,
    operations: Sequence[str] = PUBLISHED,
    fill: Fill = 128,
) -> jax.Array:
    """Returns each image after `num_ops` random operations.

    Args:
        key: decides; the same key gives the same images.
        images: [B, height, width, 1 or 3] uint8.
        num_ops: operations per image, one after the other.
        magnitude: level from 0 to 10, or two levels between which every operation's is drawn, both included.
        probability: of an operation being applied.
        operations: what to draw from, names in `meta_noise.data.augment.operations.OPERATIONS`.
        fill: colour of what geometric operations bring in from outside and of cutout, one number or one per channel.

    Returns:
        [B, height, width, 1 or 3] uint8.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.data.augment.randaugment import randaugment
    >>> images = jnp.arange(2 * 8 * 8 * 3, dtype=jnp.uint8).reshape(2, 8, 8, 3)
    >>> found = randaugment(jax.random.key(0), images)
    >>> found.shape, found.dtype.name
    ((2, 8, 8, 3), 'uint8')
    """
    check_images("randaugment", images)
    colour = check_fill("randaugment", fill, images)
    low, high = _levels(magnitude)
    if num_ops < 0 or not 0 <= probability <= 1 or not operations:
        raise InputError(
            "randaugment needs num_ops of 0 or more, a probability from 0 to 1 and at least one operation; "
            f"got {num_ops}, {probability}, {list(operations)}."
        )
    for name in operations:
        if name not in OPERATIONS:
            raise unknown_name("operation of randaugment", str(name), OPERATIONS)
    key_operation, key_level, key_apply = jax.random.split(key, 3)
    shape = (len(images), num_ops)
    numbers = np.array([NUMBER[name] for name in operations])
    operation = jnp.asarray(numbers)[jax.random.randint(key_operation, shape, 0, len(numbers))]
    level = jax.random.randint(key_level, shape, low, high + 1)
    steps = Steps(operation, level, jnp.full(shape, probability, jnp.float32))
    return apply_steps(key_apply, images, steps, operations, colour)


def _levels(magnitude: int | Sequence[int]) -> tuple[int, int]:
    levels = np.asarray(magnitude)
    low, high = (levels, levels) if levels.shape == () else levels if levels.shape == (2,) else (1, 0)
    if not 0 <= low <= high <= TOP or low != int(low) or high != int(high):
        raise InputError(
            f"randaugment needs a magnitude from 0 to {TOP}, or two of them in ascending order; got {magnitude}."
        )
    return int(low), int(high)


def strong(
    key: jax.Array, images: jax.Array, policy: str = "cifar10", pad: int = 4, size: int = 16, fill: Fill = 128
) -> jax.Array:
    """Returns each image after a policy, a crop that may be mirrored, and cutout.

    Args:
        key: decides; the same key gives the same images.
        images: [B, height, width, 1 or 3] uint8.
        policy: "cifar10" or "imagenet" of `autoaugment`, or "random": `randaugment` with IEG's settings.
        pad: margin of the crop in pixels.
        size: side of the cutout in pixels.
        fill: colour of everything that is not image, one number or one per channel.

    Returns:
        [B, height, width, 1 or 3] uint8.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.data.augment.randaugment import strong
    >>> images = jnp.arange(2 * 8 * 8 * 3, dtype=jnp.uint8).reshape(2, 8, 8, 3)
    >>> found = strong(jax.random.key(0), images, pad=2, size=4)
    >>> found.shape, found.dtype.name
    ((2, 8, 8, 3), 'uint8')
    """
    check_images("strong", images)
    colour = jnp.asarray(check_fill("strong", fill, images))
    key_policy, key_crop, key_cutout = jax.random.split(key, 3)
    if policy == "random":
        images = randaugment(key_policy, images, num_ops=2, magnitude=(1, 9), probability=0.5, fill=fill)
    elif policy in POLICIES:
        images = autoaugment(key_policy, images, policy, fill)
    else:
        raise unknown_name("policy of strong", str(policy), [*POLICIES, "random"])
    # The crop fills with zeros, which this turns into the fill colour and back.
    images = crop_flip(key_crop, images ^ colour, pad, mode="zero") ^ colour
    return cutout(key_cutout, images, size, fill)
