"""A network: any Flax module, which need not know of this library."""

import flax.linen as nn
import jax


class GatedNet(nn.Module):
    """Two layers, the second one gated by the first."""

    num_classes: int
    width: int = 32

    @nn.compact
    def __call__(self, x: jax.Array, train: bool = False) -> jax.Array:
        """Returns logits [B, C] of inputs [B, ...]."""
        x = nn.relu(nn.Dense(self.width)(x.reshape(x.shape[0], -1)))
        x = x * nn.sigmoid(nn.Dense(self.width)(x))
        return nn.Dense(self.num_classes)(nn.Dropout(0.1, deterministic=not train)(x))
