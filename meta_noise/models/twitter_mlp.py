"""The Twitter part-of-speech network of GLC, which MLC-T uses too: a word between its neighbours.

D. Hendrycks, M. Mazeika, D. Wilson, K. Gimpel, "Using Trusted Data to Train Deep Networks on Labels Corrupted by Severe
Noise", NeurIPS 2018, https://arxiv.org/abs/1802.05300. Vectors of 50 numbers of three words side by side, two layers of
256 ReLU units. It differs in the vectors: GLC takes published ones and keeps them, here they start random and are
learned.
"""

from functools import partial

import flax.linen as nn

from meta_noise.models.layers import check_positive
from meta_noise.models.mlp import Layer
from meta_noise.models.network import Blocks, HeadKind, last_block
from meta_noise.types import Array


class Vectors(nn.Module):
    """Tokens [B, L] in, their vectors [B, L, width] out; padding has one as well, which says that the tweet ends."""

    vocabulary: int
    width: int

    @nn.compact
    def __call__(self, tokens: Array, train: bool) -> Array:
        return nn.Embed(self.vocabulary, self.width, name="embedding")(tokens)


def twitter_mlp(
    num_classes: int,
    vocabulary: int = 5_000,
    width: int = 50,
    hidden: tuple[int, ...] = (256, 256),
    head: HeadKind = "linear",
) -> Blocks:
    """Returns the network for windows of tokens [B, 3] int32.

    360,873 parameters (25 classes, 3 tokens), of which 250,000 are the vectors of the words.

    Args:
        num_classes: number of classes, 25 tags.
        vocabulary: number of tokens; every token is below it.
        width: length of a word's vector.
        hidden: widths of the hidden layers.
        head: "linear" or "normalised", see `Head`.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.network import to_network
    >>> from meta_noise.models.twitter_mlp import twitter_mlp
    >>> network = to_network(twitter_mlp(10, vocabulary=1000))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 3), jnp.int32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    157018
    """
    check_positive("twitter_mlp", vocabulary=vocabulary, width=width)
    layers = [(f"layer{i}", partial(Layer, units)) for i, units in enumerate(hidden)]
    return Blocks((("words", partial(Vectors, vocabulary, width)), *layers, last_block(head, num_classes)))
