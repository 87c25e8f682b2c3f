"""Layers of which several networks are made; a function adds its parameters to the module that calls it.

Numbers at the end of names count within a block in forward order (`norm0`, `conv1`, ...): `core/cotangents.py` reads
the order from them.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import flax.linen as nn
import jax.numpy as jnp

from meta_noise.errors import InputError
from meta_noise.models.batch_norm import BatchNorm
from meta_noise.models.initializers import Initializer, uniform_within
from meta_noise.models.network import Head
from meta_noise.types import Array, Outputs

# Normal with standard deviation sqrt(2 / fan_out).
he_normal_out: Initializer = nn.initializers.variance_scaling(2.0, "fan_out", "normal")
# Uniform within 1 / sqrt(fan_in): PyTorch's default for kernels.
torch_uniform: Initializer = nn.initializers.variance_scaling(1 / 3, "fan_in", "uniform")


def conv(
    x: Array, width: int, size: int, stride: int = 1, *, init: Initializer, name: str, bias: bool = False
) -> Array:
    """Returns the convolution of `x` with `width` kernels of odd `size`; the image keeps its size at stride 1.

    A bias starts uniform within 1 / sqrt(fan_in), PyTorch's default.
    """
    # Explicit: "SAME" pads only after the image where the stride is 2, PyTorch pads on both sides.
    padding = ((size // 2, size // 2),) * 2
    bias_init = uniform_within((size * size * x.shape[-1]) ** -0.5)
    make = nn.Conv(
        width, (size, size), stride, padding, use_bias=bias, kernel_init=init, bias_init=bias_init, name=name
    )
    return make(x)


def norm(x: Array, train: bool, name: str, momentum: float = 0.9, epsilon: float = 1e-5) -> Array:
    """Returns the batch normalisation of `x`; `momentum` is the share of the old running average that stays."""
    return BatchNorm(train, momentum, epsilon, name=name)(x)


def max_pool(x: Array) -> Array:
    """Returns the maximum over 2x2 pixels; an odd last row or column is dropped."""
    rows, columns, width = x.shape[1] // 2, x.shape[2] // 2, x.shape[3]
    x = x[:, : 2 * rows, : 2 * columns].reshape(-1, rows, 2, columns, 2, width)
    # A windowed maximum gives the same numbers; on a CPU its gradient makes the whole step three times slower. The
    # derivative of `x.max(axis)` divides by the number of places that are equal to the maximum, which has been seen to
    # be zero where the compiler computes `x` twice with different rounding.
    x = jnp.where(x[:, :, 0] >= x[:, :, 1], x[:, :, 0], x[:, :, 1])
    return jnp.where(x[:, :, :, 0] >= x[:, :, :, 1], x[:, :, :, 0], x[:, :, :, 1])


class Stem(nn.Module):
    """3x3 convolution, batch normalisation, ReLU."""

    width: int
    init: Initializer

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        return nn.relu(norm(conv(x, self.width, 3, init=self.init, name="conv0"), train, "norm0"))


class NormActivation(nn.Module):
    """Batch normalisation and activation: the end of a network whose blocks begin with them."""

    activation: Callable[[Array], Array] = nn.relu
    momentum: float = 0.9

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        return self.activation(norm(x, train, "norm0", self.momentum))


class PooledHead(nn.Module):
    """Mean over the image, then the head; a `bias_init` of None is PyTorch's default, uniform within 1 / sqrt(D)."""

    num_classes: int
    kind: str = "linear"
    kernel_init: Initializer = torch_uniform
    bias_init: Initializer | None = None

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Outputs:
        bias_init = self.bias_init or uniform_within(x.shape[-1] ** -0.5)
        return Head(self.num_classes, self.kind, self.kernel_init, bias_init, name="linear")(x.mean((1, 2)), train)


def block_groups(
    make: Callable[..., nn.Module], widths: Sequence[Any], sizes: Sequence[int]
) -> list[tuple[str, Callable[..., nn.Module]]]:
    """Returns names and constructors of groups of blocks `make(width, stride)`; every group but the first has stride 2.

    Args:
        make: a block; its stride is 2 where it begins a group that halves the image, else 1.
        widths: of the blocks of each group.
        sizes: blocks of each group.
    """
    blocks: list[tuple[str, Callable[..., nn.Module]]] = []
    for group, (width, size) in enumerate(zip(widths, sizes, strict=True)):
        for place in range(size):
            stride = 2 if group > 0 and place == 0 else 1
            blocks.append((f"block{len(blocks):02d}", partial(make, width, stride)))
    return blocks


def check_positive(network: str, **settings: float) -> None:
    """Raises InputError unless every setting is above 0."""
    for name, value in settings.items():
        if not value > 0:
            raise InputError(f"The {name} of {network} has to be above 0, not {value}.")


def check_dropout(network: str, dropout: float) -> None:
    """Raises InputError unless `dropout`, a fraction of features set to zero, is at least 0 and below 1."""
    if not 0 <= dropout < 1:
        raise InputError(f"The dropout of {network} has to be at least 0 and below 1, not {dropout}.")


def check_size(network: str, x: Array, least: int) -> None:
    """Raises InputError where the images `x` [B, rows, columns, channels] are smaller than `least` pixels."""
    if x.ndim != 4 or min(x.shape[1:3]) < least:
        raise InputError(
            f"The network {network} needs images of at least {least}x{least} pixels, not inputs of shape {x.shape[1:]}."
        )
