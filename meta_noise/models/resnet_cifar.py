"""The residual networks for 32x32 images, ResNet-32 among them.

"Deep Residual Learning for Image Recognition", He, Zhang, Ren, Sun, CVPR 2016, https://arxiv.org/abs/1512.03385:

    block(x) = ReLU( BN(conv(ReLU(BN(conv(x))))) + shortcut(x) )
"""

from functools import partial

import flax.linen as nn
import jax.numpy as jnp

from meta_noise.errors import InputError
from meta_noise.models.initializers import he_normal
from meta_noise.models.layers import PooledHead, Stem, block_groups, conv, norm
from meta_noise.models.network import Blocks, HeadKind, last_block
from meta_noise.types import Array

WIDTHS = (16, 32, 64)


class Residual(nn.Module):
    """Two convolutions and a shortcut without parameters ("option A"): subsampled, new channels zero on both sides."""

    width: int
    stride: int

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        y = conv(x, self.width, 3, self.stride, init=he_normal, name="conv0")
        y = conv(nn.relu(norm(y, train, "norm0")), self.width, 3, init=he_normal, name="conv1")
        y = norm(y, train, "norm1")
        if self.stride > 1:
            x = x[:, :: self.stride, :: self.stride]
        new = self.width - x.shape[-1]
        return nn.relu(y + jnp.pad(x, ((0, 0), (0, 0), (0, 0), (new // 2, new - new // 2))))


def resnet_cifar(num_classes: int, depth: int = 32, head: HeadKind = "linear") -> Blocks:
    """Returns the residual network with `depth` = 6n + 2 layers: three groups of n blocks with 16, 32, 64 channels.

    464,154 parameters (10 classes, 32x32x3); 470,004 parameters (100 classes, 32x32x3). Features are the 64 pooled
    channels. Kernels start normal with standard deviation sqrt(2 / fan_in), the bias of the head uniform within
    1 / sqrt(64). The running variance of batch normalisation differs from PyTorch's by (s - 1) / s, s values per
    channel: Flax averages the biased variance, PyTorch the unbiased one; what normalises a training batch is equal.

    Args:
        num_classes: number of classes.
        depth: 20, 32, 44, 56, 110 in the paper.
        head: "linear" or "normalised", see `Head`; the second has no bias and starts as `Head` says.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.network import to_network
    >>> from meta_noise.models.resnet_cifar import resnet_cifar
    >>> network = to_network(resnet_cifar(10))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 32, 32, 3), jnp.float32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    464154
    """
    if depth < 8 or depth % 6 != 2:
        raise InputError(f"A resnet_cifar has 6n + 2 layers: 8, 14, 20, 26, 32, ..., not {depth}.")
    blocks = block_groups(Residual, WIDTHS, [(depth - 2) // 6] * 3)
    last = last_block(head, num_classes, PooledHead, kernel_init=he_normal)
    return Blocks((("stem", partial(Stem, WIDTHS[0], he_normal)), *blocks, last))
