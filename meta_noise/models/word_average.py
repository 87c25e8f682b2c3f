"""The mean of word vectors and one hidden layer: the small network for texts, made to train in seconds on a CPU.

M. Iyyer, V. Manjunatha, J. Boyd-Graber, H. Daumé III, "Deep Unordered Composition Rivals Syntactic Methods for Text
Classification", ACL 2015, https://aclanthology.org/P15-1162, with one layer and without their dropout of whole words:

    h = ReLU( W1 (1/n) sum_t E[t] + b1 ),   z = W2 h + b2,   the sum over the n tokens t of a text

The order of the words has no influence. It learns with Adam; with SGD the vectors of rare words hardly move.
"""

from functools import partial

import flax.linen as nn
import jax.numpy as jnp

from meta_noise.errors import InputError
from meta_noise.models.dropout import in_a_row
from meta_noise.models.layers import check_dropout, check_positive
from meta_noise.models.network import Blocks, HeadKind, last_block
from meta_noise.types import Array

small_normal = nn.initializers.normal(0.02)  # small, so that words seen rarely or never say nothing


class MeanOfVectors(nn.Module):
    """Tokens [B, L] in, the mean vector [B, width] of those that are not padding out; zero for an empty text."""

    vocabulary: int
    width: int

    @nn.compact
    def __call__(self, tokens: Array, train: bool) -> Array:
        embed = nn.Embed(self.vocabulary, self.width, embedding_init=small_normal, name="embedding")
        # A gather: as a product of one-hot rows with the table the gradient takes 500 times as long on a CPU.
        vectors = embed(tokens)  # [B, L, width]
        is_word = (tokens > 0)[..., None].astype(vectors.dtype)
        return (vectors * is_word).sum(1) / jnp.maximum(is_word.sum(1), 1)


class Hidden(nn.Module):
    """Dense layer, ReLU, dropout."""

    width: int
    dropout: float

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Array:
        x = nn.relu(nn.Dense(self.width, name="dense")(x))
        return in_a_row(nn.Dropout(self.dropout, deterministic=not train), x)


def word_average(
    num_classes: int,
    vocabulary: int = 20_000,
    width: int = 64,
    hidden: int = 128,
    dropout: float = 0.0,
    head: HeadKind = "linear",
) -> Blocks:
    """Returns the network for tokens [B, L] int32, 0 = padding.

    1,288,836 parameters (4 classes, 64 tokens), of which 1,280,000 are the vectors of the words.

    Args:
        num_classes: number of classes.
        vocabulary: number of tokens; every token is below it.
        width: length of a word's vector.
        hidden: units of the hidden layer, the features; 0: there is none, and the features are the mean vector.
        dropout: fraction of the units of the hidden layer set to zero in training, 0 to below 1.
        head: "linear" or "normalised", see `Head`.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.network import to_network
    >>> from meta_noise.models.word_average import word_average
    >>> network = to_network(word_average(10, vocabulary=1000))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 16), jnp.int32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    73610
    """
    check_positive("word_average", vocabulary=vocabulary, width=width)
    check_dropout("word_average", dropout)
    if hidden < 0:
        raise InputError(f"hidden of word_average has to be 0 or more, got {hidden}.")
    layer = [("hidden", partial(Hidden, hidden, dropout))] if hidden else []
    return Blocks((("words", partial(MeanOfVectors, vocabulary, width)), *layer, last_block(head, num_classes)))
