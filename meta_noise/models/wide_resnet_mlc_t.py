"""The wide residual network in the code of MLC-T.

"Training Noise-Robust Deep Neural Networks via Meta-Learning", Wang, Hu, Hu, CVPR 2020, and its code. It differs from
`wide_resnet`: leaky ReLU, biases, the stride in the second convolution of a block, the 1x1 convolution of the shortcut
on the block's input itself, no dropout, and running averages of the last batch normalisation that keep only a tenth.
"""

from functools import partial

import flax.linen as nn

from meta_noise.models.layers import NormActivation, PooledHead, block_groups, conv, norm, torch_uniform
from meta_noise.models.network import Blocks
from meta_noise.models.wide_resnet import check_wide
from meta_noise.types import Array

activation = partial(nn.leaky_relu, negative_slope=0.01)
biased = partial(conv, init=torch_uniform, bias=True)


class Stem(nn.Module):
    """The first convolution, 16 channels."""

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        return biased(x, 16, 3, name="conv0")


class Wide(nn.Module):
    """Batch normalisation, leaky ReLU and convolution, twice, and a shortcut."""

    width: int
    stride: int

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        y = biased(activation(norm(x, train, "norm0")), self.width, 3, name="conv1")
        y = biased(activation(norm(y, train, "norm2")), self.width, 3, self.stride, name="conv3")
        if x.shape != y.shape:
            x = biased(x, self.width, 1, self.stride, name="shortcut")
        return y + x


def wide_resnet_mlc_t(num_classes: int, depth: int = 40, widening: int = 2) -> Blocks:
    """Returns MLC-T's WRN-40-2: three groups of blocks with 16, 32 and 64 times `widening` channels.

    2,246,474 parameters (10 classes, 32x32x3). Features are the 128 pooled channels. Everything starts as PyTorch's
    defaults, uniform within 1 / sqrt(fan_in).

    Args:
        num_classes: number of classes.
        depth: 6n + 4 layers, n blocks per group.
        widening: factor of the channels.

    Raises:
        InputError: another depth or a factor below 1.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.network import to_network
    >>> from meta_noise.models.wide_resnet_mlc_t import wide_resnet_mlc_t
    >>> network = to_network(wide_resnet_mlc_t(10))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 32, 32, 3), jnp.float32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    2246474
    """
    check_wide("wide_resnet_mlc_t", depth, widening)
    blocks = block_groups(Wide, [16 * widening, 32 * widening, 64 * widening], [(depth - 4) // 6] * 3)
    last = partial(NormActivation, activation, momentum=0.1)
    return Blocks((("stem", Stem), *blocks, ("norm", last), ("head", partial(PooledHead, num_classes))))
