"""The nine-layer convolutional network of co-teaching and JoCoR, for 32x32 images.

"Co-teaching: Robust Training of Deep Neural Networks with Extremely Noisy Labels", Han et al., NeurIPS 2018,
https://arxiv.org/abs/1804.06872. It differs from the code of the paper: convolutions have no bias, which the batch
normalisation after them would take away again, and dropout follows the mode of the network, on in training and off in
evaluation, where the code does not tell it the mode.
"""

from functools import partial

import flax.linen as nn

from meta_noise.models.layers import (
    PooledHead,
    check_dropout,
    check_positive,
    check_size,
    max_pool,
    norm,
    torch_uniform,
)
from meta_noise.models.network import Blocks
from meta_noise.types import Array


def _layers(x: Array, train: bool, widths: tuple[int, ...], padding: str) -> Array:
    """Returns `x` after 3x3 convolutions, each with batch normalisation and leaky ReLU."""
    for number, width in enumerate(widths):
        name = f"conv{number}"
        x = nn.Conv(width, (3, 3), padding=padding, use_bias=False, kernel_init=torch_uniform, name=name)(x)
        x = nn.leaky_relu(norm(x, train, f"norm{number}"), 0.01)
    return x


class Pooled(nn.Module):
    """Three convolutions, the maximum over 2x2 pixels, dropout of whole channels."""

    width: int
    dropout: float
    least: int  # pixels that this block and the following ones need

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        check_size("cnn9", x, self.least)
        x = max_pool(_layers(x, train, (self.width,) * 3, "SAME"))
        return nn.Dropout(self.dropout, broadcast_dims=(1, 2), deterministic=not train)(x)


class Valid(nn.Module):
    """Three convolutions without padding."""

    widths: tuple[int, ...]

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        return _layers(x, train, self.widths, "VALID")


def cnn9(num_classes: int, width: int = 128, dropout: float = 0.25) -> Blocks:
    """Returns nine convolutions in three blocks, with `width`, 2 `width`, and 4, 2, 1 times `width` channels.

    4,432,522 parameters (10 classes, 32x32x3); 4,444,132 parameters (100 classes, 32x32x3). Features are the 128 pooled
    channels. Everything starts as PyTorch's defaults, uniform within 1 / sqrt(fan_in).

    Args:
        num_classes: number of classes.
        width: channels of the first block, 128 in the paper.
        dropout: fraction of the channels set to zero in training after each of the first two blocks, 0 to below 1.

    Raises:
        InputError: a width below 1 or a dropout outside its range; when tracing, images smaller than 28x28 pixels.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.cnn9 import cnn9
    >>> from meta_noise.models.network import to_network
    >>> network = to_network(cnn9(10))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 32, 32, 3), jnp.float32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    4432522
    """
    check_positive("cnn9", width=width)
    check_dropout("cnn9", dropout)
    return Blocks(
        (
            ("block0", partial(Pooled, width, dropout, least=28)),
            ("block1", partial(Pooled, 2 * width, dropout, least=14)),
            ("block2", partial(Valid, (4 * width, 2 * width, width))),
            ("head", partial(PooledHead, num_classes)),
        )
    )
