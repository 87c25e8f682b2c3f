"""Batch normalisation whose equal passes the compiler merges.

Ioffe, Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift", ICML
2015. For a channel with the values x of a batch:

    mean = E x,   var = max(0, E x^2 - mean^2),   y = (x - mean) scale / sqrt(var + epsilon) + bias

Names, numbers and derivatives are those of `flax.linen.BatchNorm`. That one gives the variance the axes of the image
before it takes the root. XLA then moves these axes about, differently in a pass with a derivative than in one without,
and computes both; here statistics are vectors until they meet the image. The order of the sums below is that in which
the backward pass adds up its parts: another one costs 3% more memory traffic.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp

from meta_noise.types import Array


class BatchNorm(nn.Module):
    """Normalises x [B, ..., C] per channel, by the statistics of the batch in training, else by running averages.

    Attributes:
        train: whether the statistics are those of the batch, which running averages then follow.
        momentum: share of the old running average that stays, in [0, 1].
        epsilon: added to variances, above 0.
    """

    train: bool
    momentum: float = 0.9
    epsilon: float = 1e-5

    @nn.compact
    def __call__(self, x: Array) -> Array:
        width = x.shape[-1]
        averages = (
            self.variable("batch_stats", "mean", jnp.zeros, width, jnp.float32),
            self.variable("batch_stats", "var", jnp.ones, width, jnp.float32),
        )
        scale = self.param("scale", nn.initializers.ones, (width,))
        bias = self.param("bias", nn.initializers.zeros, (width,))
        mean, var = _statistics(x) if self.train else (average.value for average in averages)
        if self.train and not self.is_initializing():
            for average, value in zip(averages, (mean, var), strict=True):
                average.value = self.momentum * average.value + (1 - self.momentum) * value
        factor = jax.lax.rsqrt(var + self.epsilon) * scale
        y = (x - mean) * factor + bias
        return y.astype(jnp.result_type(x, scale, bias))


def _statistics(x: Array) -> tuple[Array, Array]:
    """Returns mean and variance [C] of x [B, ..., C], in 32 bits at least."""
    x = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    axes = tuple(range(x.ndim - 1))
    squares = jax.lax.square(x)
    mean = jnp.mean(x, axes)
    return mean, jnp.maximum(0.0, jnp.mean(squares, axes) - jax.lax.square(mean))
