"""The gate of EMLC: features of a row and its observed label in, how much to believe the network in its place out."""

import flax.linen as nn
import jax

from meta_noise.models.meta.label_corrector import with_label, xavier_normal
from meta_noise.types import Array


class Gate(nn.Module):
    """Features [B, D] and labels [B] in, [B] logits out: below 0 keep the label, above 0 take the network's."""

    num_classes: int
    embedding: int
    hidden: int

    @nn.compact
    def __call__(self, features: Array, labels: Array) -> Array:
        x = with_label(features, labels, self.num_classes, self.embedding)
        x = jax.nn.relu(nn.Dense(self.hidden, kernel_init=xavier_normal, name="hidden")(x))
        return nn.Dense(1, kernel_init=xavier_normal, name="output")(x)[:, 0]
