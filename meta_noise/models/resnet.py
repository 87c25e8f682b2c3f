"""The residual networks for 224x224 images: ResNet-18, 34, 50, 101.

"Deep Residual Learning for Image Recognition", He, Zhang, Ren, Sun, CVPR 2016, https://arxiv.org/abs/1512.03385. It
differs from the paper, as usual implementations do: the stride of a bottleneck is that of its 3x3 convolution.
"""

from functools import partial

import flax.linen as nn

from meta_noise.errors import InputError
from meta_noise.models.layers import (
    PooledHead,
    block_groups,
    check_positive,
    conv,
    he_normal_out,
    norm,
)
from meta_noise.models.network import Blocks
from meta_noise.types import Array

# depth: blocks of each group, whether they are bottlenecks
DEPTHS = {
    18: ((2, 2, 2, 2), False),
    34: ((3, 4, 6, 3), False),
    50: ((3, 4, 6, 3), True),
    101: ((3, 4, 23, 3), True),
}


class Stem(nn.Module):
    """7x7 convolution with stride 2, batch normalisation, ReLU, maximum over 3x3 pixels with stride 2."""

    width: int

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        x = nn.relu(norm(conv(x, self.width, 7, 2, init=he_normal_out, name="conv0"), train, "norm0"))
        return nn.max_pool(x, (3, 3), (2, 2), ((1, 1), (1, 1)))


class Residual(nn.Module):
    """Two 3x3 convolutions, or 1x1, 3x3, 1x1 with four times the channels in the last; ReLU of the sum with a shortcut.

    The shortcut is a 1x1 convolution with batch normalisation where the shape changes, else the identity.
    """

    width: int
    stride: int
    bottleneck: bool

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        last = 4 * self.width if self.bottleneck else self.width
        layers = [(self.width, 3, self.stride), (last, 3, 1)]
        if self.bottleneck:
            layers = [(self.width, 1, 1), (self.width, 3, self.stride), (last, 1, 1)]
        y = x
        for number, (width, size, stride) in enumerate(layers):
            y = nn.relu(y) if number else y
            y = norm(conv(y, width, size, stride, init=he_normal_out, name=f"conv{number}"), train, f"norm{number}")
        if x.shape != y.shape:
            x = conv(x, last, 1, self.stride, init=he_normal_out, name="shortcut_conv")
            x = norm(x, train, "shortcut_norm")
        return nn.relu(y + x)


def resnet(num_classes: int, depth: int = 50, width: int = 64) -> Blocks:
    """Returns ResNet-`depth`: four groups of blocks with 1, 2, 4 and 8 times `width` channels, bottlenecks from 50 on.

    25,557,032 parameters (1000 classes, 224x224x3); 23,536,718 parameters (14 classes, 224x224x3). For 1000 classes
    ResNet-18 has 11,689,512, ResNet-34 21,797,672 and ResNet-101 44,549,160. Features are the pooled channels, 2048
    from depth 50 on, 512 below. Convolutions start normal with standard deviation sqrt(2 / fan_out), the head as
    PyTorch's default. Images of any size pass; 224x224 leave 7x7 pixels before the mean.

    Args:
        num_classes: number of classes.
        depth: 18, 34, 50 or 101.
        width: channels of the first group, 64 in the paper.

    Raises:
        InputError: another depth or a width below 1.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.network import to_network
    >>> from meta_noise.models.resnet import resnet
    >>> network = to_network(resnet(10))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 224, 224, 3), jnp.float32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    23528522
    """
    if depth not in DEPTHS:
        raise InputError(f"A resnet has 18, 34, 50 or 101 layers, not {depth}; for small images use resnet_cifar.")
    check_positive("resnet", width=width)
    sizes, bottleneck = DEPTHS[depth]
    blocks = block_groups(partial(Residual, bottleneck=bottleneck), [width, 2 * width, 4 * width, 8 * width], sizes)
    return Blocks((("stem", partial(Stem, width)), *blocks, ("head", partial(PooledHead, num_classes))))
