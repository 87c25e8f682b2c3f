"""The residual networks for 32x32 images, ResNet-32 among them.

"Deep Residual Learning for Image Recognition", He, Zhang, Ren, Sun, CVPR 2016, https://arxiv.org/abs/1512.03385:

    block(x) = ReLU( BN(conv(ReLU(BN(conv(x))))) + shortcut(x) )
"""

from functools import partial

import flax.linen as nn
import jax.numpy as jnp

from meta_noise.models.initializers import he_normal, uniform_within
from meta_noise.models.network import Blocks, Head
from meta_noise.types import Array, Outputs

WIDTHS = (16, 32, 64)


def _conv(x: Array, train: bool, width: int, stride: int, number: int) -> Array:
    """Returns the 3x3 convolution of `x` and its batch normalisation, as children of the calling module."""
    # Explicit: "SAME" pads only after the image where the stride is 2, PyTorch pads on both sides.
    padding = ((1, 1), (1, 1))
    conv = nn.Conv(width, (3, 3), stride, padding, use_bias=False, kernel_init=he_normal, name=f"conv{number}")
    return nn.BatchNorm(use_running_average=not train, momentum=0.9, epsilon=1e-5, name=f"norm{number}")(conv(x))


class Stem(nn.Module):
    """The first convolution."""

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        return nn.relu(_conv(x, train, WIDTHS[0], 1, 0))


class Residual(nn.Module):
    """Two convolutions and a shortcut without parameters ("option A"): subsampled, new channels zero on both sides."""

    width: int
    stride: int

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        y = nn.relu(_conv(x, train, self.width, self.stride, 0))
        y = _conv(y, train, self.width, 1, 1)
        if self.stride > 1:
            x = x[:, :: self.stride, :: self.stride]
        new = self.width - x.shape[-1]
        return nn.relu(y + jnp.pad(x, ((0, 0), (0, 0), (0, 0), (new // 2, new - new // 2))))


class PooledHead(nn.Module):
    """Mean over the image, then a dense layer."""

    num_classes: int

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Outputs:
        bias_init = uniform_within(x.shape[-1] ** -0.5)
        return Head(self.num_classes, kernel_init=he_normal, bias_init=bias_init, name="linear")(x.mean((1, 2)), train)


def resnet_cifar(num_classes: int, depth: int = 32) -> Blocks:
    """Returns the residual network with `depth` = 6n + 2 layers: three groups of n blocks with 16, 32, 64 channels.

    464,154 parameters (10 classes, 32x32x3); 470,004 parameters (100 classes, 32x32x3). Features are the 64 pooled
    channels. Kernels start normal with standard deviation sqrt(2 / fan_in), the bias of the head uniform within
    1 / sqrt(64). The running variance of batch normalisation differs from PyTorch's by (s - 1) / s, s values per
    channel: Flax averages the biased variance, PyTorch the unbiased one; what normalises a training batch is equal.

    Args:
        num_classes: number of classes.
        depth: 20, 32, 44, 56, 110 in the paper.
    """
    if depth < 8 or depth % 6 != 2:
        raise ValueError(f"A resnet_cifar has 6n + 2 layers: 8, 14, 20, 26, 32, ..., not {depth}.")
    per_group = (depth - 2) // 6
    blocks = []
    for number in range(3 * per_group):
        group, first = number // per_group, number % per_group == 0
        blocks.append((f"block{number:02d}", partial(Residual, WIDTHS[group], 2 if group > 0 and first else 1)))
    return Blocks((("stem", Stem), *blocks, ("head", partial(PooledHead, num_classes))))
