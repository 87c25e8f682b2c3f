"""The layers of a transformer encoder, one after the other, as a function of stacked weights.

A. Vaswani et al., "Attention Is All You Need", NeurIPS 2017, https://arxiv.org/abs/1706.03762. With LN the layer
normalisation, a layer is, normalised behind (BERT) or before (ViT, CLIP),

    behind:  y = LN1(x + attention(x)),    layer(x) = LN2(y + W2 act(W1 y + b1) + b2)
    before:  y = x + attention(LN1(x)),    layer(x) = y + W2 act(W1 LN2(y) + b1) + b2

All layers have the same shapes, so their weights are stacked and one layer is compiled, however many there are.
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp

from meta_noise.types import Array

KINDS = ("query", "key", "value", "out", "hidden", "output")  # dense layers: kernel [in, out] and bias [out]
NORMS = ("norm1", "norm2")  # layer normalisations: scale and bias [D]
FAR = -1e9  # added to the score of a place that is not looked at

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    **dict.fromkeys(("gelu_new", "gelu_fast", "gelu_pytorch_tanh"), lambda x: jax.nn.gelu(x, approximate=True)),
    "quick_gelu": lambda x: x * jax.nn.sigmoid(1.702 * x),
    "relu": jax.nn.relu,
    **dict.fromkeys(("silu", "swish"), jax.nn.silu),
}


class Sizes(NamedTuple):
    """What the weights of an encoder look like.

    Attributes:
        layers: number of layers.
        width: D, a multiple of `heads`.
        heads: of the attention.
        hidden: units of the dense layer within a layer.
        epsilon: added to the variance in layer normalisation.
        activation: one of `ACTIVATIONS`.
        norm_first: normalised before attention and dense layers, not behind them.
    """

    layers: int
    width: int
    heads: int
    hidden: int
    epsilon: float
    activation: str
    norm_first: bool = False


def layer_shapes(sizes: Sizes) -> dict[str, tuple[int, ...]]:
    """Returns the shapes of the weights of one layer, kernels being [in, out]."""
    shapes: dict[str, tuple[int, ...]] = {}
    for kind in KINDS:
        inside = sizes.hidden if kind == "output" else sizes.width
        outside = sizes.hidden if kind == "hidden" else sizes.width
        shapes |= {f"{kind}.kernel": (inside, outside), f"{kind}.bias": (outside,)}
    for norm in NORMS:
        shapes |= {f"{norm}.kernel": (sizes.width,), f"{norm}.bias": (sizes.width,)}
    return shapes


def layer_norm(x: Array, weights: Mapping[str, Array], name: str, epsilon: float) -> Array:
    """Returns `x` [..., D] with mean 0 and variance 1 along D, times `name.kernel`, plus `name.bias`."""
    mean = x.mean(-1, keepdims=True)
    variance = jnp.square(x - mean).mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + epsilon) * weights[f"{name}.kernel"] + weights[f"{name}.bias"]


def dense(x: Array, weights: Mapping[str, Array], name: str) -> Array:
    """Returns `x W + b`; without `name.bias` there is none."""
    found = x @ weights[f"{name}.kernel"]
    return found + weights[f"{name}.bias"] if f"{name}.bias" in weights else found


def encode(x: Array, layers: Mapping[str, Array], sizes: Sizes, scores: Array) -> Array:
    """Returns the states [B, L, D] behind the last layer.

    Args:
        x: [B, L, D] states before the first layer.
        layers: weights as in `layer_shapes`, each with a leading axis of layers.
        sizes: of the encoder.
        scores: broadcast to [B, heads, L, L] and added to the scores of attention: 0, `FAR` for places that are
            padding, or a bias that depends on the distance.
    """

    def attend(x: Array, weights: Mapping[str, Array]) -> Array:
        rows, length, width = x.shape
        split = (rows, length, sizes.heads, width // sizes.heads)
        query, key, value = (dense(x, weights, name).reshape(split) for name in ("query", "key", "value"))
        found = jnp.einsum("blhd,bmhd->bhlm", query / math.sqrt(split[-1]), key) + scores
        mixed = jnp.einsum("bhlm,bmhd->blhd", jax.nn.softmax(found), value)
        return dense(mixed.reshape(x.shape), weights, "out")

    def think(x: Array, weights: Mapping[str, Array]) -> Array:
        return dense(ACTIVATIONS[sizes.activation](dense(x, weights, "hidden")), weights, "output")

    def layer(x: Array, weights: Mapping[str, Array]) -> tuple[Array, None]:
        if sizes.norm_first:
            x = x + attend(layer_norm(x, weights, "norm1", sizes.epsilon), weights)
            return x + think(layer_norm(x, weights, "norm2", sizes.epsilon), weights), None
        x = layer_norm(x + attend(x, weights), weights, "norm1", sizes.epsilon)
        return layer_norm(x + think(x, weights), weights, "norm2", sizes.epsilon), None

    return jax.lax.scan(layer, x, dict(layers))[0]
