"""AutoAugment: for every image one of 25 learned pairs of operations.

E. D. Cubuk, B. Zoph, D. Mane, V. Vasudevan, Q. V. Le, "AutoAugment: Learning Augmentation Strategies from Data", CVPR
2019, https://arxiv.org/abs/1805.09501 (tables in the appendix). A sub-policy is two operations, each with a probability
and a level; the sub-policy is drawn uniformly. What a level means, and where that differs from the paper, is said in
`meta_noise.data.augment.operations`. Levels of operations without an amount are given as in the paper and not used.

In the paper's CIFAR experiments the policy comes after the usual crop and flip and before cutout; see `strong`. The
official CIFAR code, and IEG with it, draws from 95 sub-policies, 20 of these 25 among them; that differs. It also
fills with the mean colour, after normalising; here `fill` is a setting, of which mid grey is the nearest.
"""

import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.data.augment.geometry import Fill, check_fill, check_images
from meta_noise.data.augment.operations import NUMBER, Steps, apply_steps
from meta_noise.errors import unknown_name

CIFAR10 = """
    invert       0.1 7   contrast     0.2 6
    rotate       0.7 2   translate_x  0.3 9
    sharpness    0.8 1   sharpness    0.9 3
    shear_y      0.5 8   translate_y  0.7 9
    autocontrast 0.5 8   equalize     0.9 2
    shear_y      0.2 7   posterize    0.3 7
    colour       0.4 3   brightness   0.6 7
    sharpness    0.3 9   brightness   0.7 9
    equalize     0.6 5   equalize     0.5 1
    contrast     0.6 7   sharpness    0.6 5
    colour       0.7 7   translate_x  0.5 8
    equalize     0.3 7   autocontrast 0.4 8
    translate_y  0.4 3   sharpness    0.2 6
    brightness   0.9 6   colour       0.2 8
    solarize     0.5 2   invert       0.0 3
    equalize     0.2 0   autocontrast 0.6 0
    equalize     0.2 8   equalize     0.6 4
    colour       0.9 9   equalize     0.6 6
    autocontrast 0.8 4   solarize     0.2 8
    brightness   0.1 3   colour       0.7 0
    solarize     0.4 5   autocontrast 0.9 3
    translate_y  0.9 9   translate_y  0.7 9
    autocontrast 0.9 2   solarize     0.8 3
    equalize     0.8 8   invert       0.1 3
    translate_y  0.7 9   autocontrast 0.9 1
"""
IMAGENET = """
    posterize    0.4 8   rotate       0.6 9
    solarize     0.6 5   autocontrast 0.6 5
    equalize     0.8 8   equalize     0.6 3
    posterize    0.6 7   posterize    0.6 6
    equalize     0.4 7   solarize     0.2 4
    equalize     0.4 4   rotate       0.8 8
    solarize     0.6 3   equalize     0.6 7
    posterize    0.8 5   equalize     1.0 2
    rotate       0.2 3   solarize     0.6 8
    equalize     0.6 8   posterize    0.4 6
    rotate       0.8 8   colour       0.4 0
    rotate       0.4 9   equalize     0.6 2
    equalize     0.0 7   equalize     0.8 8
    invert       0.6 4   equalize     1.0 8
    colour       0.6 4   contrast     1.0 8
    rotate       0.8 8   colour       1.0 2
    colour       0.8 8   solarize     0.8 7
    sharpness    0.4 7   invert       0.6 8
    shear_x      0.6 5   equalize     1.0 9
    colour       0.4 0   equalize     0.6 3
    equalize     0.4 7   solarize     0.2 4
    solarize     0.6 5   autocontrast 0.6 5
    invert       0.6 4   equalize     1.0 8
    colour       0.6 4   contrast     1.0 8
    equalize     0.8 8   equalize     0.6 3
"""
POLICIES = {"cifar10": CIFAR10, "imagenet": IMAGENET}


def autoaugment(key: jax.Array, images: jax.Array, policy: str = "cifar10", fill: Fill = 128) -> jax.Array:
    """Returns each image after a random sub-policy.

    Args:
        key: decides; the same key gives the same images.
        images: [B, height, width, 1 or 3] uint8.
        policy: "cifar10" (used for CIFAR-100 too) or "imagenet".
        fill: colour of what geometric operations bring in from outside, one number or one per channel.

    Returns:
        [B, height, width, 1 or 3] uint8.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.data.augment.autoaugment import autoaugment
    >>> images = jnp.arange(2 * 8 * 8 * 3, dtype=jnp.uint8).reshape(2, 8, 8, 3)
    >>> found = autoaugment(jax.random.key(0), images)
    >>> found.shape, found.dtype.name
    ((2, 8, 8, 3), 'uint8')
    """
    check_images("autoaugment", images)
    colour = check_fill("autoaugment", fill, images)
    pairs = sub_policies(policy)
    key_steps, key_apply = jax.random.split(key)
    steps = draw_steps(key_steps, len(images), pairs)
    used = {name for pair in pairs for name, _, _ in pair}
    return apply_steps(key_apply, images, steps, used, colour)


def sub_policies(policy: str) -> list[list[tuple[str, float, int]]]:
    """Returns the sub-policies, each two of (operation, probability, level)."""
    if policy not in POLICIES:
        raise unknown_name("policy of autoaugment", str(policy), POLICIES)
    rows = [row.split() for row in POLICIES[policy].split("\n") if row.strip()]
    return [[(row[n], float(row[n + 1]), int(row[n + 2])) for n in (0, 3)] for row in rows]


def draw_steps(key: jax.Array, count: int, pairs: list[list[tuple[str, float, int]]]) -> Steps:
    """Returns steps [count, 2] of as many sub-policies, each drawn uniformly from `pairs`."""
    operation = np.array([[NUMBER[name] for name, _, _ in pair] for pair in pairs])
    level = np.array([[level for _, _, level in pair] for pair in pairs])
    probability = np.array([[probability for _, probability, _ in pair] for pair in pairs], np.float32)
    chosen = jax.random.randint(key, (count,), 0, len(pairs))
    return Steps(*(jnp.asarray(table)[chosen] for table in (operation, level, probability)))
