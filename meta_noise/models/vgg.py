"""VGG-13 with batch normalisation, for 32x32 images: it made the semantic label noise of RoG.

"Very Deep Convolutional Networks for Large-Scale Image Recognition", Simonyan, Zisserman, ICLR 2015,
https://arxiv.org/abs/1409.1556, network B. It differs from the paper, as is usual for 32x32 images: batch normalisation
after every convolution, which makes their biases idle, and one dense layer instead of three.
"""

from functools import partial

import flax.linen as nn

from meta_noise.models.layers import PooledHead, check_positive, check_size, conv, max_pool, norm, torch_uniform
from meta_noise.models.network import Blocks
from meta_noise.types import Array


class Pair(nn.Module):
    """3x3 convolution, batch normalisation and ReLU, twice, then the maximum over 2x2 pixels."""

    width: int
    least: int  # pixels that the following blocks need

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        check_size("vgg", x, self.least)
        for number in range(2):
            x = conv(x, self.width, 3, init=torch_uniform, name=f"conv{number}")
            x = nn.relu(norm(x, train, f"norm{number}"))
        return max_pool(x)


def vgg(num_classes: int, width: int = 64) -> Blocks:
    """Returns VGG-13: five pairs of convolutions with 1, 2, 4, 8, 8 times `width` channels and one dense layer.

    9,413,066 parameters (10 classes, 32x32x3). Features are 512, the mean over the pixels left, which is one for a
    32x32 image. Everything starts as PyTorch's defaults, uniform within 1 / sqrt(fan_in).

    Args:
        num_classes: number of classes.
        width: channels of the first pair, 64 in the paper.

    Raises:
        InputError: a width below 1; when tracing, images smaller than 32x32 pixels.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.network import to_network
    >>> from meta_noise.models.vgg import vgg
    >>> network = to_network(vgg(10))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 32, 32, 3), jnp.float32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    9413066
    """
    check_positive("vgg", width=width)
    shapes = zip((1, 2, 4, 8, 8), (32, 16, 8, 4, 2), strict=True)
    blocks = [(f"block{number}", partial(Pair, width * factor, least)) for number, (factor, least) in enumerate(shapes)]
    return Blocks((*blocks, ("head", partial(PooledHead, num_classes))))
