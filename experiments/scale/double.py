"""A small network in double precision, whose numbers on several devices can be told from rounding."""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from meta_noise.models.flax_module import from_flax
from meta_noise.types import Network, PyTree


class _Net(nn.Module):
    num_classes: int

    @nn.compact
    def __call__(self, x: Any, train: bool = False) -> Any:
        x = nn.Conv(8, (3, 3), 2, use_bias=False, name="conv")(x)  # a bias would be taken off again by what follows
        x = nn.relu(nn.BatchNorm(use_running_average=not train, momentum=0.9, name="norm")(x))
        features = nn.tanh(nn.Dense(16, name="hidden")(x.mean((1, 2))))
        return nn.Dense(self.num_classes, name="head")(features), features


def network(num_classes: int) -> Network:
    """Returns convolution, batch normalisation and two dense layers for images [B, 8, 8, 1]."""
    like = jax.ShapeDtypeStruct((2, 8, 8, 1), jnp.float32)
    made = from_flax(_Net(num_classes), like)

    def init(key: Any, inputs: Any) -> Any:
        return in_double(made.init(key, inputs))

    def apply(variables: Any, inputs: Any, *args: Any, **settings: Any) -> Any:
        return made.apply(variables, in_double(inputs), *args, **settings)

    return made._replace(init=init, apply=apply)


def in_double(tree: PyTree) -> PyTree:
    """Returns the tree with its real numbers in float64."""
    return jax.tree.map(lambda x: x.astype(jnp.float64) if jnp.issubdtype(x.dtype, jnp.floating) else x, tree)
