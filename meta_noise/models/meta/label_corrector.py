"""The label correction network of MLC-LCN: features of a row and its observed label in, a soft label out.

"Meta Label Correction for Noisy Label Learning", Zheng, Awadallah, Dumais, AAAI 2021, https://arxiv.org/abs/1911.03809:

    o_i = W3 tanh( W2 tanh( W1 [h_i ; E[k_i]] + b1 ) + b2 ) + b3
    q_i = softmax(o_i)

with a skip connection, o_i having one more entry:

    q_i = (1 - s_i) softmax(o_i1 .. o_iC) + s_i onehot(k_i),   s_i = sigmoid(o_i,C+1)
"""

import flax.linen as nn
import jax
import jax.numpy as jnp

from meta_noise.types import Array

xavier_normal = nn.initializers.variance_scaling(1.0, "fan_avg", "normal")


def with_label(features: Array, labels: Array, num_classes: int, embedding: int) -> Array:
    """Returns features [B, D] with an embedding of the labels [B] beside them, [B, D + embedding]; for `nn.compact`."""
    embed = nn.Embed(num_classes, embedding, embedding_init=nn.initializers.xavier_uniform(), name="embedding")
    return jnp.concatenate([features, embed(labels)], axis=-1)


class LabelCorrector(nn.Module):
    """Features [B, D] and labels [B] in, soft labels [B, C] out; the caller stops the gradient of the features."""

    num_classes: int
    embedding: int
    hidden: int
    skip: bool

    @nn.compact
    def __call__(self, features: Array, labels: Array) -> Array:
        x = with_label(features, labels, self.num_classes, self.embedding)
        x = jnp.tanh(nn.Dense(self.hidden, kernel_init=xavier_normal, name="hidden0")(x))
        x = jnp.tanh(nn.Dense(self.hidden, kernel_init=xavier_normal, name="hidden1")(x))
        width = self.num_classes + 1 if self.skip else self.num_classes
        x = nn.Dense(width, kernel_init=xavier_normal, name="output")(x)
        corrected = jax.nn.softmax(x[:, : self.num_classes])  # [B, C]
        if not self.skip:
            return corrected
        keep = jax.nn.sigmoid(x[:, self.num_classes :])  # [B, 1]
        return (1 - keep) * corrected + keep * jax.nn.one_hot(labels, self.num_classes, dtype=x.dtype)


def label_corrector(num_classes: int, embedding: int = 128, hidden: int = 128, skip: bool = False) -> LabelCorrector:
    """Returns the network, 43,786 parameters for 10 classes and 64 features.

    The sizes are those of the official code and its commands; the paper differs (hidden 64 for images, 768 for text).
    Dense layers start Xavier normal with zero biases, the embedding Xavier uniform.

    Args:
        num_classes: number of classes.
        embedding: length of a label's embedding.
        hidden: width of both hidden layers.
        skip: mixes the observed label in, as for Clothing1M; in the official code and the first preprint only.
    """
    return LabelCorrector(num_classes, embedding, hidden, skip)
