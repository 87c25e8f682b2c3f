"""Initial values that Flax does not name: PyTorch's defaults, with which the reference networks started."""

from collections.abc import Callable
from typing import Any

import flax.linen as nn
import jax

from meta_noise.types import Array

Initializer = Callable[..., Array]

# Normal with standard deviation sqrt(2 / fan_in), not truncated (Flax's `he_normal` is).
he_normal: Initializer = nn.initializers.variance_scaling(2.0, "fan_in", "normal")


def uniform_within(bound: float) -> Initializer:
    """Returns an initializer that draws uniformly from [-bound, bound]."""

    def init(key: Array, shape: tuple[int, ...], dtype: Any = float) -> Array:
        return jax.random.uniform(key, shape, dtype, -bound, bound)

    return init
