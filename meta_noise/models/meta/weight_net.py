"""The weight network of MW-Net: from the loss of an example to its weight.

Shu et al., "Meta-Weight-Net: Learning an Explicit Mapping For Sample Weighting", NeurIPS 2019, section 2.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp


def _torch_default(fan_in: int):
    """Returns the initialiser `uniform(-1/sqrt(fan_in), 1/sqrt(fan_in))` of PyTorch's linear layers."""
    bound = fan_in**-0.5

    def init(key, shape, dtype=jnp.float32):
        return jax.random.uniform(key, shape, dtype, -bound, bound)

    return init


class WeightNet(nn.Module):
    """FC 1 -> hidden, ReLU, FC hidden -> 1, sigmoid; 301 parameters with 100 hidden units."""

    hidden: int = 100

    @nn.compact
    def __call__(self, losses: jax.Array) -> jax.Array:
        """Returns the weights [B] in 0..1 of the losses [B]."""
        x = nn.Dense(self.hidden, kernel_init=_torch_default(1), bias_init=_torch_default(1))(losses[:, None])
        last = _torch_default(self.hidden)
        return nn.sigmoid(nn.Dense(1, kernel_init=last, bias_init=last)(nn.relu(x)))[:, 0]


def weight_net(hidden: int = 100) -> WeightNet:
    """Returns the weight network with `hidden` units, `3 * hidden + 1` parameters."""
    return WeightNet(hidden)
