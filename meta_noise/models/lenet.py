"""LeNet-5 with ReLU, for MNIST.

"Gradient-Based Learning Applied to Document Recognition", LeCun, Bottou, Bengio, Haffner, Proceedings of the IEEE 1998,
as in the code of MLC-T ("Training Noise-Robust Deep Neural Networks via Meta-Learning", Wang, Hu, Hu, CVPR 2020). It
differs from the paper: ReLU, maxima instead of trained means, every map sees all maps below, a dense layer at the end.
"""

from functools import partial

import flax.linen as nn
import jax.numpy as jnp

from meta_noise.errors import InputError
from meta_noise.models.initializers import uniform_within
from meta_noise.models.layers import check_positive, max_pool, torch_uniform
from meta_noise.models.network import Blocks, Head
from meta_noise.types import Array, Outputs

SIDE = 32  # pixels that images are padded to


class Convolution(nn.Module):
    """5x5 convolution without padding, ReLU, the maximum over 2x2 pixels unless a single pixel is left.

    The first one of a network pads the images with zeros to 32x32 pixels.
    """

    width: int
    is_first: bool

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        if self.is_first:
            x = _padded(x)
        bias_init = uniform_within((25 * x.shape[-1]) ** -0.5)
        make = nn.Conv(self.width, (5, 5), padding="VALID", kernel_init=torch_uniform, bias_init=bias_init, name="conv")
        x = nn.relu(make(x))
        return x if x.shape[1] == 1 else max_pool(x)


class Dense(nn.Module):
    """Dense layer and ReLU on the flattened maps."""

    width: int

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        x = x.reshape(x.shape[0], -1)
        bias_init = uniform_within(x.shape[1] ** -0.5)
        return nn.relu(nn.Dense(self.width, kernel_init=torch_uniform, bias_init=bias_init, name="dense")(x))


class LastLayer(nn.Module):
    """`Head` with PyTorch's start."""

    num_classes: int

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Outputs:
        bias_init = uniform_within(x.shape[1] ** -0.5)
        return Head(self.num_classes, kernel_init=torch_uniform, bias_init=bias_init, name="linear")(x, train)


def lenet(num_classes: int, convolutions: tuple[int, ...] = (6, 16, 120), dense: int = 84) -> Blocks:
    """Returns LeNet-5: three 5x5 convolutions, a dense layer, the head; images are padded with zeros to 32x32 pixels.

    61,706 parameters (10 classes, 28x28x1); 62,006 parameters (10 classes, 32x32x3). The other small network in the
    code of MLC-T, which has `convolutions=(32, 64)` and `dense=512`, has 876,938 for 28x28x1. Features are those of the
    dense layer. Everything starts as PyTorch's defaults, uniform within 1 / sqrt(fan_in).

    Args:
        num_classes: number of classes.
        convolutions: channels of one to three convolutions.
        dense: features of the dense layer.

    Raises:
        InputError: no or too many convolutions, or a width below 1; when tracing, images larger than 32x32 pixels.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.lenet import lenet
    >>> from meta_noise.models.network import to_network
    >>> network = to_network(lenet(10))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 32, 32, 1), jnp.float32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    61706
    """
    if not 1 <= len(convolutions) <= 3:
        raise InputError(
            f"A lenet has one to three convolutions, 32x32 pixels are used up then; not {len(convolutions)}."
        )
    for width in (*convolutions, dense):
        check_positive("lenet", width=width)
    blocks = [(f"conv{i}", partial(Convolution, width, is_first=i == 0)) for i, width in enumerate(convolutions)]
    return Blocks((*blocks, ("dense", partial(Dense, dense)), ("head", partial(LastLayer, num_classes))))


def _padded(x: Array) -> Array:
    if x.ndim != 4 or max(x.shape[1:3]) > SIDE:
        raise InputError(f"A lenet takes images of up to {SIDE}x{SIDE} pixels, not inputs of shape {x.shape[1:]}.")
    missing = [SIDE - x.shape[axis] for axis in (1, 2)]
    return jnp.pad(x, ((0, 0), *((m // 2, m - m // 2) for m in missing), (0, 0)))
