"""A multi-layer perceptron, for MNIST, tables and toys."""

from functools import partial

import flax.linen as nn

from meta_noise.models.network import Blocks, HeadKind, last_block
from meta_noise.types import Array


class Layer(nn.Module):
    """Dense layer and ReLU on the flattened row."""

    width: int

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        return nn.relu(nn.Dense(self.width, name="dense")(x.reshape(x.shape[0], -1)))


def mlp(num_classes: int, hidden: tuple[int, ...] = (128, 128), head: HeadKind = "linear") -> Blocks:
    """Returns a perceptron with ReLU layers of the widths `hidden`; inputs of any shape are flattened.

    118,282 parameters (10 classes, 28x28x1). With the default widths it is the MNIST network of GLC ("Using Trusted
    Data to Train Deep Networks on Labels Corrupted by Severe Noise", Hendrycks et al., NeurIPS 2018,
    https://arxiv.org/abs/1802.05300); the start differs in its tails only: Flax truncates the normal.

    Args:
        num_classes: number of classes.
        hidden: widths of the hidden layers; `()` is a linear classifier.
        head: "linear" or "normalised", see `Head`; the second has no bias, 118,272 parameters for the shape above.

    Raises:
        ValueError: a width is below 1.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.mlp import mlp
    >>> from meta_noise.models.network import to_network
    >>> network = to_network(mlp(10))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 64), jnp.float32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    26122
    """
    if any(width < 1 for width in hidden):
        raise ValueError(f"hidden is {list(hidden)}; a layer has at least one unit")
    layers = [(f"layer{i}", partial(Layer, width)) for i, width in enumerate(hidden)]
    return Blocks((*layers, last_block(head, num_classes)))
