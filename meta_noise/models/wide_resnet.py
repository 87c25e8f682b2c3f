"""Wide residual networks for 32x32 images: WRN-28-10, WRN-40-2, WRN-28-2.

"Wide Residual Networks", Zagoruyko, Komodakis, BMVC 2016, https://arxiv.org/abs/1605.07146:

    h = ReLU(BN(x)),   block(x) = conv(dropout(ReLU(BN(conv(h))))) + x

with a 1x1 convolution of `h` in place of `x` where the number of channels changes. The variants of two papers are
networks of their own: `wide_resnet_ieg`, `wide_resnet_mlc_t`.
"""

from functools import partial

import flax.linen as nn

from meta_noise.errors import InputError
from meta_noise.models.dropout import in_a_row
from meta_noise.models.layers import (
    NormActivation,
    PooledHead,
    block_groups,
    check_dropout,
    check_positive,
    conv,
    he_normal_out,
    norm,
)
from meta_noise.models.network import Blocks, HeadKind, last_block
from meta_noise.types import Array


class Stem(nn.Module):
    """The first convolution, 16 channels."""

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        return conv(x, 16, 3, init=he_normal_out, name="conv0")


class Wide(nn.Module):
    """The block of the module text."""

    width: int
    stride: int
    dropout: float

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        h = nn.relu(norm(x, train, "norm0"))
        y = conv(h, self.width, 3, self.stride, init=he_normal_out, name="conv1")
        y = nn.relu(norm(y, train, "norm2"))
        y = in_a_row(nn.Dropout(self.dropout, deterministic=not train), y)
        y = conv(y, self.width, 3, init=he_normal_out, name="conv3")
        if x.shape != y.shape:
            x = conv(h, self.width, 1, self.stride, init=he_normal_out, name="shortcut")
        return y + x


def wide_resnet(
    num_classes: int, depth: int = 28, widening: int = 10, dropout: float = 0.0, head: HeadKind = "linear"
) -> Blocks:
    """Returns WRN-`depth`-`widening`: three groups of blocks with 16, 32 and 64 times `widening` channels.

    36,479,194 parameters (10 classes, 32x32x3); 36,536,884 parameters (100 classes, 32x32x3). For 10 classes WRN-40-2
    has 2,243,546 and WRN-28-2 1,467,610. Features are the pooled channels, 640 in WRN-28-10. Convolutions start normal
    with standard deviation sqrt(2 / fan_out), the kernel of the head as PyTorch's default, its bias at zero: the start
    of the code of MW-Net.

    Args:
        num_classes: number of classes.
        depth: 6n + 4 layers, n blocks per group: 28, 40.
        widening: the factor of the paper, 10 or 2.
        dropout: fraction of the features between the two convolutions of a block set to zero in training, 0 to below
            1; 0.3 in L2R and GLC.
        head: "linear" or "normalised", see `Head`.

    Raises:
        InputError: another depth or head, a factor below 1, or a dropout outside its range.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.network import to_network
    >>> from meta_noise.models.wide_resnet import wide_resnet
    >>> network = to_network(wide_resnet(10))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 32, 32, 3), jnp.float32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    36479194
    """
    check_wide("wide_resnet", depth, widening)
    check_dropout("wide_resnet", dropout)
    widths = [16 * widening, 32 * widening, 64 * widening]
    blocks = block_groups(partial(Wide, dropout=dropout), widths, [(depth - 4) // 6] * 3)
    last = last_block(head, num_classes, PooledHead, bias_init=nn.initializers.zeros)
    return Blocks((("stem", Stem), *blocks, ("norm", NormActivation), last))


def check_wide(network: str, depth: int, widening: int) -> None:
    """Raises InputError unless a wide residual network can have this depth and factor."""
    if depth < 10 or depth % 6 != 4:
        raise InputError(f"A {network} has 6n + 4 layers: 10, 16, 22, 28, 34, 40, ..., not {depth}.")
    check_positive(network, widening=widening)
