"""BERT: a transformer encoder of texts with a classifier on its first token.

J. Devlin, M. Chang, K. Lee, K. Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language
Understanding", NAACL 2019, https://arxiv.org/abs/1810.04805. With LN the layer normalisation, each layer is

    y = LN( x + dropout(attention(x)) ),   layer(x) = LN( y + dropout(W2 gelu(W1 y + b1) + b2) )

and the classifier reads tanh(W x_0 + b) of the first token. Padding, token 0, is attended to by no token. All tokens
are of the first of the two segment types. The features are the pooled vector before its dropout.
"""

from functools import partial
from typing import NamedTuple

import flax.linen as nn
import jax.numpy as jnp

from meta_noise.errors import InputError
from meta_noise.models.dropout import attention, in_a_row
from meta_noise.models.layers import check_dropout, check_positive
from meta_noise.models.network import Blocks, Head, HeadKind, last_block
from meta_noise.types import Array, Outputs

SEGMENTS = 2
kernel_init = nn.initializers.truncated_normal(0.02)
layer_norm = partial(nn.LayerNorm, epsilon=1e-12)


class Encoded(NamedTuple):
    """What goes from layer to layer: `states` [B, L, D], and `is_text` [B, L] bool, False for padding."""

    states: Array
    is_text: Array


class Embeddings(nn.Module):
    """Tokens [B, L] in: vectors of token, position and segment added up, normalised, dropout."""

    vocabulary: int
    positions: int
    width: int
    dropout: float

    @nn.compact
    def __call__(self, tokens: Array, train: bool) -> Encoded:
        if tokens.ndim != 2 or tokens.shape[1] > self.positions:
            raise InputError(
                f"A bert of {self.positions} positions takes texts of at most as many tokens, not {tokens.shape[1:]}."
            )
        embed = partial(nn.Embed, features=self.width, embedding_init=kernel_init)
        vectors = embed(self.vocabulary, name="word")(tokens)
        vectors += embed(self.positions, name="position")(jnp.arange(tokens.shape[1]))
        vectors += embed(SEGMENTS, name="segment")(jnp.zeros_like(tokens[0]))
        drop = nn.Dropout(self.dropout, deterministic=not train)
        return Encoded(in_a_row(drop, layer_norm(name="norm")(vectors)), tokens > 0)


class Layer(nn.Module):
    """Self-attention and two dense layers, each with dropout, a shortcut and layer normalisation behind it."""

    heads: int
    hidden: int
    dropout: float

    @nn.compact
    def __call__(self, encoded: Encoded, train: bool) -> Encoded:
        x, is_text = encoded
        dense = partial(nn.Dense, kernel_init=kernel_init)
        drop = nn.Dropout(self.dropout, deterministic=not train)
        attend = nn.MultiHeadDotProductAttention(
            self.heads,
            kernel_init=kernel_init,
            dropout_rate=self.dropout,
            deterministic=not train,
            attention_fn=attention,
            name="attention",
        )
        x = layer_norm(name="attention_norm")(x + in_a_row(drop, attend(x, mask=is_text[:, None, None, :])))
        y = nn.gelu(dense(self.hidden, name="hidden")(x), approximate=False)
        x = layer_norm(name="output_norm")(x + in_a_row(drop, dense(x.shape[-1], name="output")(y)))
        return Encoded(x, is_text)


class Pooler(nn.Module):
    """A dense layer and tanh on the state of the first token, [B, D]."""

    @nn.compact
    def __call__(self, encoded: Encoded, train: bool) -> Array:
        first = encoded.states[:, 0]
        return jnp.tanh(nn.Dense(first.shape[-1], kernel_init=kernel_init, name="dense")(first))


class DropoutHead(nn.Module):
    """The head on the features after dropout; it reports the features before."""

    num_classes: int
    kind: str
    dropout: float

    @nn.compact
    def __call__(self, features: Array, train: bool) -> Outputs:
        kept = in_a_row(nn.Dropout(self.dropout, deterministic=not train), features)
        logits = Head(self.num_classes, self.kind, kernel_init, name="linear")(kept, train).logits
        return Outputs(logits, features)


def bert(
    num_classes: int,
    vocabulary: int = 30_522,
    positions: int = 512,
    layers: int = 12,
    width: int = 768,
    heads: int = 12,
    hidden: int = 3072,
    dropout: float = 0.1,
    head: HeadKind = "linear",
) -> Blocks:
    """Returns the network for tokens [B, L] int32, 0 = padding; by default BERT-base, uncased.

    109,485,316 parameters (4 classes, 128 tokens). Kernels and vectors start normal with deviation 0.02, truncated.

    Args:
        num_classes: number of classes.
        vocabulary: number of tokens, the lines of vocab.txt; every token is below it.
        positions: greatest length of a text.
        layers: number of layers.
        width: length of a token's state, a multiple of `heads`.
        heads: of the attention.
        hidden: units of the dense layer within a layer.
        dropout: fraction of states, attention weights and features set to zero in training, 0 to below 1.
        head: "linear" or "normalised", see `Head`.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models.bert import bert
    >>> from meta_noise.models.network import to_network
    >>> network = to_network(bert(10, layers=2))
    >>> params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((1, 16), jnp.int32))
    >>> sum(leaf.size for leaf in jax.tree.leaves(params))
    38611210
    """
    sizes = dict(vocabulary=vocabulary, positions=positions, layers=layers, width=width, heads=heads, hidden=hidden)
    check_positive("bert", **sizes)
    check_dropout("bert", dropout)
    if width % heads:
        raise InputError(f"The width of bert has to be a multiple of its heads; got {width} and {heads}.")
    return Blocks(
        (
            ("embeddings", partial(Embeddings, vocabulary, positions, width, dropout)),
            *((f"layer{number:02d}", partial(Layer, heads, hidden, dropout)) for number in range(layers)),
            ("pooler", Pooler),
            last_block(head, num_classes, DropoutHead, dropout=dropout),
        )
    )
