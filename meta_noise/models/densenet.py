"""DenseNet with bottlenecks, for small images: the second network of RoG's tables, which IEG quotes.

"Densely Connected Convolutional Networks", Huang, Liu, van der Maaten, Weinberger, CVPR 2017,
https://arxiv.org/abs/1608.06993, as DenseNet-BC. With k the growth and [., .] side by side:

    layer(x) = [x, conv3x3( ReLU(BN( conv1x1_{4k}( ReLU(BN(x)) ) )) )],   k channels more than x
    transition(x) = mean over 2x2 pixels of conv1x1( ReLU(BN(x)) ), with half the channels, rounded down

The papers that use it write DenseNet-100; that it is this form with k = 12 is what the code of RoG's authors has in
their other work, neither paper says so.
"""

from collections.abc import Callable
from functools import partial

import flax.linen as nn
import jax.numpy as jnp

from meta_noise.errors import InputError
from meta_noise.models.layers import NormActivation, PooledHead, check_positive, conv, he_normal_out, norm
from meta_noise.models.network import Blocks, HeadKind, last_block
from meta_noise.types import Array

GROUPS = 3


class Stem(nn.Module):
    """A 3x3 convolution."""

    width: int

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        return conv(x, self.width, 3, init=he_normal_out, name="conv0")


class Layer(nn.Module):
    """`layer` of the module text."""

    growth: int

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        y = conv(nn.relu(norm(x, train, "norm0")), 4 * self.growth, 1, init=he_normal_out, name="conv1")
        y = conv(nn.relu(norm(y, train, "norm2")), self.growth, 3, init=he_normal_out, name="conv3")
        return jnp.concatenate([x, y], axis=-1)


class Transition(nn.Module):
    """`transition` of the module text."""

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        y = conv(nn.relu(norm(x, train, "norm0")), x.shape[-1] // 2, 1, init=he_normal_out, name="conv1")
        return nn.avg_pool(y, (2, 2), (2, 2))


def densenet(num_classes: int, depth: int = 100, growth: int = 12, head: HeadKind = "linear") -> Blocks:
    """Returns DenseNet-BC: three groups of layers with transitions between them.

    769,162 parameters (10 classes, 32x32x3); 800,032 parameters (100 classes, 32x32x3). Features are the 342 pooled
    channels. Convolutions start normal with standard deviation sqrt(2 / fan_out), the head as PyTorch's default.

    Args:
        num_classes: number of classes.
        depth: 6n + 4, n layers per group.
        growth: channels that a layer adds; the stem has twice as many.
        head: "linear" or "normalised", see `Head`.

    Raises:
        InputError: another depth or a growth below 1.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.densenet import densenet
    >>> from meta_noise.models.network import to_network
    >>> network = to_network(densenet(10))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 32, 32, 3), jnp.float32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    769162
    """
    check_positive("densenet", growth=growth)
    if depth < 10 or depth % 6 != 4:
        raise InputError(f"A densenet has 6n + 4 layers (10, 40, 100, ...), not {depth}.")
    blocks: list[tuple[str, Callable[..., nn.Module]]] = [("stem", partial(Stem, 2 * growth))]
    for group in range(GROUPS):
        if group:
            blocks.append((f"transition{group}", Transition))
        first = len(blocks)
        blocks += [(f"layer{first + place:02d}", partial(Layer, growth)) for place in range((depth - 4) // 6)]
    return Blocks((*blocks, ("end", NormActivation), last_block(head, num_classes, PooledHead)))
