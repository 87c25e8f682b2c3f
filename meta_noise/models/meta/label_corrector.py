"""The label correction network of MLC-LCN: from features and observed class to a soft label.

Zheng, Awadallah, Dumais, "Meta Label Correction for Noisy Label Learning", AAAI 2021, section 3.2.

    q = softmax(W3 tanh(W2 tanh(W1 [h; E[k]] + b1) + b2) + b3)

With `skip` the last layer has one more output `s`, and `q = (1 - sigmoid(s)) softmax(...) + sigmoid(s) onehot(k)`.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp


class LabelCorrector(nn.Module):
    """Label embedding, two hidden tanh layers, softmax; 43,786 parameters for 10 classes and 64 features.

    Attributes:
        num_classes: C.
        embedding: size of the label embedding.
        hidden: units of both hidden layers.
        skip: the network may keep the observed label.
    """

    num_classes: int
    embedding: int = 128
    hidden: int = 128
    skip: bool = False

    @nn.compact
    def __call__(self, features: jax.Array, labels: jax.Array) -> jax.Array:
        """Returns soft labels [B, C] for features [B, D] and observed classes [B]."""

        def dense(units: int, name: str):
            return nn.Dense(units, kernel_init=nn.initializers.xavier_normal(), name=name)

        embed = nn.Embed(
            self.num_classes, self.embedding, embedding_init=nn.initializers.xavier_uniform(), name="embedding"
        )
        x = jnp.concatenate([features, embed(labels)], axis=-1)
        x = nn.tanh(dense(self.hidden, "hidden1")(x))
        x = nn.tanh(dense(self.hidden, "hidden2")(x))
        x = dense(self.num_classes + self.skip, "out")(x)
        corrected = nn.softmax(x[:, : self.num_classes])
        if not self.skip:
            return corrected
        kept = nn.sigmoid(x[:, self.num_classes :])  # [B, 1]
        return (1 - kept) * corrected + kept * jax.nn.one_hot(labels, self.num_classes, dtype=x.dtype)


def label_corrector(num_classes: int, embedding: int = 128, hidden: int = 128, skip: bool = False) -> LabelCorrector:
    """Returns the label correction network."""
    return LabelCorrector(num_classes, embedding, hidden, skip)
