"""The strong view of IEG: policy, flip, crop, cutout.

Z. Zhang, H. Zhang, S. O. Arik, H. Lee, T. Pfister, "Distilling Effective Supervision from Severe Label Noise", CVPR
2020, https://arxiv.org/abs/1910.00701. There it is made from the weak view (a crop and flip of its own); give the weak
view as `images` for that. IEG computes on images scaled to [-1, 1] and fills with zero everywhere, so with mid grey.
Its code draws crops from 8 of the 9 offsets and has more sub-policies, see `autoaugment`; that differs.
"""

import jax
import jax.numpy as jnp

from meta_noise.data.augment.autoaugment import POLICIES, autoaugment
from meta_noise.data.augment.crop_flip import crop_flip
from meta_noise.data.augment.cutout import cutout
from meta_noise.data.augment.randaugment import randaugment
from meta_noise.data.pixels.check import Fill, check_fill, check_images
from meta_noise.errors import unknown_name


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
