"""The residual network with activations before the convolutions, for 32x32 images: DivideMix, FaMUS and mixup.

"Identity Mappings in Deep Residual Networks", He, Zhang, Ren, Sun, ECCV 2016, https://arxiv.org/abs/1603.05027:

    h = ReLU(BN(x)),   block(x) = conv(ReLU(BN(conv(h)))) + shortcut(h)

This is the form of the papers on noisy labels. It differs from the paper above: the shortcut starts at `h` also where
it is the identity, the first convolution has its own batch normalisation and ReLU, and none follow the last block.
"""

from functools import partial

import flax.linen as nn

from meta_noise.errors import InputError
from meta_noise.models.layers import PooledHead, Stem, block_groups, check_positive, conv, norm, torch_uniform
from meta_noise.models.network import Blocks, HeadKind, last_block
from meta_noise.types import Array

SIZES = {10: (1, 1, 1, 1), 18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}


class PreAct(nn.Module):
    """The block of the module text; the shortcut is a 1x1 convolution where the shape changes, else the identity."""

    width: int
    stride: int

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        x = nn.relu(norm(x, train, "norm0"))
        y = conv(x, self.width, 3, self.stride, init=torch_uniform, name="conv1")
        y = conv(nn.relu(norm(y, train, "norm2")), self.width, 3, init=torch_uniform, name="conv3")
        if x.shape != y.shape:
            x = conv(x, self.width, 1, self.stride, init=torch_uniform, name="shortcut")
        return y + x


def preact_resnet(num_classes: int, depth: int = 18, width: int = 64, head: HeadKind = "linear") -> Blocks:
    """Returns PreActResNet-18: four groups of blocks with 1, 2, 4 and 8 times `width` channels.

    11,171,274 parameters (10 classes, 32x32x3); 11,217,444 parameters (100 classes, 32x32x3). Features are the 512
    pooled channels. Everything starts as PyTorch's defaults, uniform within 1 / sqrt(fan_in).

    Args:
        num_classes: number of classes.
        depth: 10, 18 or 34.
        width: channels of the first group.
        head: "linear" or "normalised", see `Head`.

    Raises:
        InputError: another depth or head, or a width below 1.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.network import to_network
    >>> from meta_noise.models.preact_resnet import preact_resnet
    >>> network = to_network(preact_resnet(10))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 32, 32, 3), jnp.float32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    11171274
    """
    if depth not in SIZES:
        raise InputError(f"A preact_resnet has 10, 18 or 34 layers, not {depth}.")
    check_positive("preact_resnet", width=width)
    blocks = block_groups(PreAct, [width, 2 * width, 4 * width, 8 * width], SIZES[depth])
    return Blocks((("stem", partial(Stem, width, torch_uniform)), *blocks, last_block(head, num_classes, PooledHead)))
