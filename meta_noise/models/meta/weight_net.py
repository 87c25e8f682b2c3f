"""The weight network of MW-Net: loss of a row in, its weight out.

"Meta-Weight-Net: Learning an Explicit Mapping For Sample Weighting", Shu, Xie, Yi, Zhao, Zhou, Xu, Meng,
NeurIPS 2019, https://arxiv.org/abs/1902.07379:

    w_i = V(l_i; phi) = sigmoid( W2 ReLU( W1 l_i + b1 ) + b2 )
"""

import flax.linen as nn
import jax
import jax.numpy as jnp

from meta_noise.models.initializers import uniform_within
from meta_noise.types import Array, PyTree

LEAST_EXPONENT = -100  # of weights that count: the derivatives of quotients of smaller ones are no numbers
CURVE = (0.0, 10.0, 101)  # losses at which the learned weight function is shown: from, to, number


class FamilyNet(nn.Module):
    """Losses [B] in, weights [B, families] between 0 and 1 out."""

    hidden: int
    families: int = 1

    @nn.compact
    def __call__(self, losses: Array) -> Array:
        x = nn.relu(self._dense(self.hidden, 1, "hidden")(losses[:, None]))  # [B, hidden]
        return nn.sigmoid(self._dense(self.families, self.hidden, "weight")(x))

    def _dense(self, width: int, fan_in: int, name: str) -> nn.Dense:
        init = uniform_within(fan_in**-0.5)
        return nn.Dense(width, kernel_init=init, bias_init=init, name=name)


class WeightNet(FamilyNet):
    """Losses [B] in, weights [B] between 0 and 1 out."""

    def __call__(self, losses: Array) -> Array:
        return super().__call__(losses)[:, 0]


def family_net(hidden: int, families: int) -> FamilyNet:
    """Returns the network of CMW-Net, which gives a loss one weight for each family of classes."""
    return FamilyNet(hidden, families)


def weight_net(hidden: int = 100) -> WeightNet:
    """Returns the network with one hidden layer: 301 parameters by default, `3 * hidden + 1` in general.

    All start uniform within 1 / sqrt(fan_in), biases too, as PyTorch's linear layers do.
    """
    return WeightNet(hidden)


def rescaled(weights: Array) -> Array:
    """Returns weights [B] >= 0 times a constant power of two, by which the largest comes between 1/2 and 1.

    Where all are below 1e-30 they come to zero.

    For quotients that a common factor does not change, such as a mean by weights. Their derivative divides by the
    square of the sum of weights, which single precision cannot hold when all have shrunk below 1e-19, as those of rows
    with large losses do in long runs. A power of two changes no digit of other quotients.
    """
    _, exponent = jnp.frexp(jax.lax.stop_gradient(jnp.max(weights)))
    factor = jnp.ldexp(jnp.ones((), weights.dtype), -exponent)
    return weights * jnp.where(exponent < LEAST_EXPONENT, 0, factor)


def mean_by(weights: Array, losses: Array) -> Array:
    """Returns `sum_i w_i l_i / sum_j w_j` of `rescaled` weights [B] >= 0 and losses [B], 0 where all weights are 0."""
    weights = rescaled(weights)
    total = jnp.sum(weights)
    return jnp.sum(weights * losses) / jnp.where(total == 0, 1, total)


def weight_curve(net: WeightNet, params: PyTree) -> dict[str, Array]:
    """Returns {"weight_curve": [2, n]}: losses, and the weights that the network gives them."""
    losses = jnp.linspace(*CURVE)
    return {"weight_curve": jnp.stack([losses, net.apply({"params": params}, losses)])}
