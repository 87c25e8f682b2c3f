"""The wide residual network in the code of IEG, which follows that of AutoAugment.

"Distilling Effective Supervision from Severe Label Noise", Zhang, Zhang, Arik, Lee, Pfister, CVPR 2020,
https://arxiv.org/abs/1910.00701, and its code; the paper says "WRN-28-10". It differs from `wide_resnet`: no shortcut
has parameters (mean over the pixels that become one, new channels zero on both sides), each group and the whole of the
three groups have a shortcut too, and the first block's shortcut starts after its batch normalisation and ReLU.
"""

from functools import partial

import flax.linen as nn
import jax.numpy as jnp

from meta_noise.errors import InputError
from meta_noise.models.initializers import uniform_within
from meta_noise.models.layers import PooledHead, he_normal_out, norm
from meta_noise.models.network import Blocks
from meta_noise.models.wide_resnet import check_wide
from meta_noise.types import Array

Carried = tuple[Array, Array, Array]  # what lies between two blocks: the maps, those before the group, the stem's


def _conv(x: Array, width: int, stride: int, name: str) -> Array:
    """Returns the 3x3 convolution as in TensorFlow, which pads only after the image where the stride is 2."""
    return nn.Conv(width, (3, 3), stride, "SAME", use_bias=False, kernel_init=he_normal_out, name=name)(x)


def _add(x: Array, skipped: Array) -> Array:
    """Returns `x` plus `skipped`, which may have more pixels and fewer channels."""
    stride, new = skipped.shape[1] // x.shape[1], x.shape[-1] - skipped.shape[-1]
    skipped = nn.avg_pool(skipped, (stride, stride), (stride, stride))
    return x + jnp.pad(skipped, ((0, 0), (0, 0), (0, 0), (new // 2, new - new // 2)))


class Stem(nn.Module):
    """The first convolution, 16 channels."""

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Carried:
        if x.shape[1] % 4 or x.shape[2] % 4:
            raise InputError(f"A wide_resnet_ieg needs images with sides divisible by 4, not {x.shape[1:3]}.")
        x = _conv(x, 16, 1, "conv0")
        return x, x, x


class Wide(nn.Module):
    """Batch normalisation, ReLU and convolution, twice, and a shortcut; the last of a group adds the group's too."""

    width: int
    stride: int
    is_first: bool
    ends_group: bool

    @nn.compact
    def __call__(self, carried: Carried, train: bool) -> Carried:
        x, before_group, stem = carried
        y = nn.relu(norm(x, train, "norm0"))
        if self.is_first:
            x = y
        y = _conv(y, self.width, self.stride, "conv1")
        y = _conv(nn.relu(norm(y, train, "norm2")), self.width, 1, "conv3")
        x = _add(y, x)
        if self.ends_group:
            x = before_group = _add(x, before_group)
        return x, before_group, stem


class Norm(nn.Module):
    """The shortcut around all groups, batch normalisation, ReLU."""

    @nn.compact
    def __call__(self, carried: Carried, train: bool) -> Array:
        x, _, stem = carried
        return nn.relu(norm(_add(x, stem), train, "norm0"))


def wide_resnet_ieg(num_classes: int, depth: int = 28, widening: int = 10) -> Blocks:
    """Returns IEG's WRN-28-10: three groups of blocks with 16, 32 and 64 times `widening` channels.

    36,220,634 parameters (10 classes, 32x32x3); 36,278,324 parameters (100 classes, 32x32x3). What lies between two
    blocks is a triple, see `Carried`. Convolutions start normal with standard deviation sqrt(2 / fan_out), the head
    uniform within 1 / sqrt(C), its bias at zero.

    Args:
        num_classes: number of classes, C.
        depth: 6n + 4 layers, n blocks per group.
        widening: factor of the channels.

    Raises:
        InputError: another depth or a factor below 1; when tracing, images with sides not divisible by 4.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.network import to_network
    >>> from meta_noise.models.wide_resnet_ieg import wide_resnet_ieg
    >>> network = to_network(wide_resnet_ieg(10))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 32, 32, 3), jnp.float32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    36220634
    """
    check_wide("wide_resnet_ieg", depth, widening)
    per_group = (depth - 4) // 6
    blocks = []
    for number in range(3 * per_group):
        group, place = divmod(number, per_group)
        width, stride = 16 * 2**group * widening, 2 if group > 0 and place == 0 else 1
        block = partial(Wide, width, stride, is_first=number == 0, ends_group=place == per_group - 1)
        blocks.append((f"block{number:02d}", block))
    inits = dict(kernel_init=uniform_within(num_classes**-0.5), bias_init=nn.initializers.zeros)
    return Blocks((("stem", Stem), *blocks, ("norm", Norm), ("head", partial(PooledHead, num_classes, **inits))))
