"""Inception-ResNet-v2, for 299x299 images: WebVision.

"Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning", Szegedy, Ioffe, Vanhoucke, Alemi,
AAAI 2017, https://arxiv.org/abs/1602.07261, with the widths of the authors' code, as DivideMix uses it; these differ in
places from the figures of the paper, and there is no dropout before the head.

    block(x) = ReLU(x + scale * conv1x1(branches of x, side by side))
"""

from functools import partial

import flax.linen as nn
import jax.numpy as jnp

from meta_noise.errors import InputError
from meta_noise.models.initializers import uniform_within
from meta_noise.models.layers import PooledHead, check_positive, check_size, norm, torch_uniform
from meta_noise.models.network import Blocks
from meta_noise.types import Array

Layer = tuple[int, int, int]  # channels, rows and columns of the kernel
# Branches side by side, each a sequence of layers.
BLOCK35 = (((32, 1, 1),), ((32, 1, 1), (32, 3, 3)), ((32, 1, 1), (48, 3, 3), (64, 3, 3)))
BLOCK17 = (((192, 1, 1),), ((128, 1, 1), (160, 1, 7), (192, 7, 1)))
BLOCK8 = (((192, 1, 1),), ((192, 1, 1), (224, 1, 3), (256, 3, 1)))
MIXED_5B = (((96, 1, 1),), ((48, 1, 1), (64, 5, 5)), ((64, 1, 1), (96, 3, 3), (96, 3, 3)))
MIXED_6A = (((384, 3, 3),), ((256, 1, 1), (256, 3, 3), (384, 3, 3)))
MIXED_7A = (((256, 1, 1), (384, 3, 3)), ((256, 1, 1), (288, 3, 3)), ((256, 1, 1), (288, 3, 3), (320, 3, 3)))


class Branch(nn.Module):
    """A sequence of convolutions with batch normalisation and ReLU; the last has the given stride and padding."""

    layers: tuple[Layer, ...]
    width: float
    stride: int = 1
    padding: str = "SAME"

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        for number, (channels, rows, columns) in enumerate(self.layers):
            is_last = number == len(self.layers) - 1
            x = nn.Conv(
                _scaled(channels, self.width),
                (rows, columns),
                self.stride if is_last else 1,
                self.padding if is_last else "SAME",
                use_bias=False,
                kernel_init=torch_uniform,
                name=f"conv{number}",
            )(x)
            x = nn.relu(norm(x, train, f"norm{number}", epsilon=1e-3))
        return x


def _scaled(channels: int, width: float) -> int:
    return max(1, round(channels * width))


def _shrunk(x: Array) -> Array:
    return nn.max_pool(x, (3, 3), (2, 2))


class Stem(nn.Module):
    """Five convolutions and two maxima over 3x3 pixels with stride 2: 299x299 pixels become 35x35."""

    width: float

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        check_size("inception_resnet_v2", x, 75)
        make = partial(Branch, width=self.width, padding="VALID")
        x = make(((32, 3, 3),), stride=2, name="layers0")(x, train)
        x = make(((32, 3, 3),), name="layers1")(x, train)
        x = _shrunk(make(((64, 3, 3),), padding="SAME", name="layers2")(x, train))
        return _shrunk(make(((80, 1, 1), (192, 3, 3)), name="layers3")(x, train))


class Widen(nn.Module):
    """Branches that keep the image, one of them a mean over 3x3 pixels: `Mixed_5b`."""

    width: float

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        sides = [Branch(layers, self.width, name=f"branch{i}")(x, train) for i, layers in enumerate(MIXED_5B)]
        mean = nn.avg_pool(x, (3, 3), padding="SAME", count_include_pad=False)
        return jnp.concatenate([*sides, Branch(((64, 1, 1),), self.width, name="branch3")(mean, train)], -1)


class Reduce(nn.Module):
    """Branches that halve the image, one of them a maximum over 3x3 pixels: `Mixed_6a`, `Mixed_7a`."""

    branches: tuple[tuple[Layer, ...], ...]
    width: float

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        make = partial(Branch, width=self.width, stride=2, padding="VALID")
        sides = [make(layers, name=f"branch{i}")(x, train) for i, layers in enumerate(self.branches)]
        return jnp.concatenate([*sides, _shrunk(x)], -1)


class Residual(nn.Module):
    """The block of the module text; the very last one of a network has no ReLU."""

    branches: tuple[tuple[Layer, ...], ...]
    width: float
    scale: float
    rectifies: bool = True

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        sides = [Branch(layers, self.width, name=f"branch{i}")(x, train) for i, layers in enumerate(self.branches)]
        y = jnp.concatenate(sides, -1)
        bias_init = uniform_within(y.shape[-1] ** -0.5)
        y = nn.Conv(x.shape[-1], (1, 1), kernel_init=torch_uniform, bias_init=bias_init, name="conv")(y)
        x = x + self.scale * y
        return nn.relu(x) if self.rectifies else x


def inception_resnet_v2(num_classes: int, width: float = 1.0, repeats: tuple[int, ...] = (10, 20, 9)) -> Blocks:
    """Returns Inception-ResNet-v2.

    54,383,314 parameters (50 classes, 299x299x3); 55,843,464 parameters (1000 classes, 299x299x3). Features are the
    1536 pooled channels. Everything starts as PyTorch's defaults, uniform within 1 / sqrt(fan_in).

    Args:
        num_classes: number of classes.
        width: factor on all channels, 1 in the paper; a small one makes a network for tests.
        repeats: residual blocks at 35x35, 17x17 and 8x8 pixels; one more, without the ReLU, always ends the network.

    Raises:
        InputError: a width of 0 or below, or repeats that are not three numbers from 0 on; when tracing, images smaller
            than 75x75 pixels.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.inception_resnet_v2 import inception_resnet_v2
    >>> from meta_noise.models.network import to_network
    >>> network = to_network(inception_resnet_v2(10))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 299, 299, 3), jnp.float32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    54321834
    """
    check_positive("inception_resnet_v2", width=width)
    if len(repeats) != 3 or min(repeats) < 0:
        raise InputError(f"The repeats of an inception_resnet_v2 are three numbers from 0 on, not {repeats}.")
    groups = [
        [("mixed0", partial(Widen, width))],
        _repeated("block35", partial(Residual, BLOCK35, width, 0.17), repeats[0]),
        [("mixed1", partial(Reduce, MIXED_6A, width))],
        _repeated("block17", partial(Residual, BLOCK17, width, 0.10), repeats[1]),
        [("mixed2", partial(Reduce, MIXED_7A, width))],
        _repeated("block8", partial(Residual, BLOCK8, width, 0.20), repeats[2]),
        [("last_block8", partial(Residual, BLOCK8, width, 1.0, rectifies=False))],
        [("last_conv", partial(Branch, ((1536, 1, 1),), width))],
    ]
    blocks = [block for group in groups for block in group]
    return Blocks((("stem", partial(Stem, width)), *blocks, ("head", partial(PooledHead, num_classes))))


def _repeated(name: str, make: partial, count: int) -> list[tuple[str, partial]]:
    return [(f"{name}_{number:02d}", make) for number in range(count)]
