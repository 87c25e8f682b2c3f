"""The residual network with bottlenecks and activations before the convolutions, for 32x32 images: ResNet-29 of IEG.

"Identity Mappings in Deep Residual Networks", He, Zhang, Ren, Sun, ECCV 2016, https://arxiv.org/abs/1603.05027, in the
form of the ResNet-v2 example of Keras, which IEG names as its source ("Distilling Effective Supervision from Severe
Label Noise", Zhang, Zhang, Arik, Lee, Pfister, CVPR 2020, https://arxiv.org/abs/1910.00701):

    block(x) = conv1x1(a(conv3x3(a(conv1x1(a(x)))))) + shortcut(x),   a = ReLU(BN(.))

The shortcut is a 1x1 convolution of `x` where the number of channels changes. The very first block has no `a(x)`.
"""

from functools import partial
from typing import Literal, get_args

import flax.linen as nn

from meta_noise.errors import InputError, unknown_name
from meta_noise.models.layers import NormActivation, PooledHead, Stem, block_groups, conv, norm
from meta_noise.models.network import Blocks
from meta_noise.types import Array

Variant = Literal["standard", "ieg_official"]
glorot_normal = nn.initializers.variance_scaling(1.0, "fan_avg", "normal")
WIDTHS = ((16, 64), (64, 128), (128, 256))  # within a block of each group, after it


class Bottleneck(nn.Module):
    """The block of the module text; `widths` are the channels of its first two convolutions and of its last."""

    widths: tuple[int, int]
    stride: int
    variant: Variant
    activates: bool = True

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        make = partial(conv, init=glorot_normal)
        middle, width = self.widths
        y = x
        if self.activates:
            y = norm(y, train, "norm0")
            y = nn.relu(y) if self.variant == "standard" else y
        y = make(y, middle, 1, self.stride, name="conv1")
        y = make(nn.relu(norm(y, train, "norm2")), middle, 3, name="conv3")
        y = make(nn.relu(norm(y, train, "norm4")), width, 1, name="conv5")
        if x.shape != y.shape:
            x = make(x, width, 1, self.stride, name="shortcut")
        return y + x


def resnet_v2(num_classes: int, depth: int = 29, variant: Variant = "standard") -> Blocks:
    """Returns the network with `depth` = 9n + 2 layers: three groups of n blocks that end in 64, 128, 256 channels.

    840,730 parameters (10 classes, 32x32x3); 863,860 parameters (100 classes, 32x32x3). Features are the 256 pooled
    channels. It differs from the example of Keras: convolutions have no bias, and they start normal with variance
    2 / (fan_in + fan_out), the kernel of the head uniform with that variance, as in the code of IEG.

    Args:
        num_classes: number of classes.
        depth: 29 in the paper.
        variant: "standard"; or "ieg_official", without the ReLU before the first convolution of a block, as in the code
            of IEG.

    Raises:
        InputError: another depth or variant.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.network import to_network
    >>> from meta_noise.models.resnet_v2 import resnet_v2
    >>> network = to_network(resnet_v2(10))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 32, 32, 3), jnp.float32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    840730
    """
    if depth < 11 or depth % 9 != 2:
        raise InputError(f"A resnet_v2 has 9n + 2 layers: 11, 20, 29, 38, ..., not {depth}.")
    if variant not in get_args(Variant):
        raise unknown_name("variant of resnet_v2", variant, get_args(Variant))
    (name, first), *others = block_groups(partial(Bottleneck, variant=variant), WIDTHS, [(depth - 2) // 9] * 3)
    inits = dict(kernel_init=nn.initializers.glorot_uniform(), bias_init=nn.initializers.zeros)
    return Blocks(
        (
            ("stem", partial(Stem, 16, glorot_normal)),
            (name, partial(first, activates=False)),
            *others,
            ("norm", NormActivation),
            ("head", partial(PooledHead, num_classes, **inits)),
        )
    )
