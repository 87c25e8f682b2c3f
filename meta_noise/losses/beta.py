"""Random numbers of Beta(a, a), by the inverse of its distribution function.

JAX draws them from two Gamma variables by rejection; those loops take longer to compile than the rest of a step that
mixes rows up. Here the quantiles of a fixed `a` are a table. It holds the logarithm of the lower half of them at equal
steps of the logarithm of their probability, where a quantile near 0 is a straight line (x^a / (a B(a, a)) is then its
probability), and between two entries it is taken for one. Upper quantiles are one minus lower ones.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from scipy import special

STEP, MOST = 1 / 128, 40.0  # of the logarithm of a probability; in float64 none is drawn that is smaller than exp(-37)


def symmetric_beta(key: jax.Array, a: float, shape: tuple[int, ...] = (), dtype: jnp.dtype | None = None) -> jax.Array:
    """Returns numbers in [0, 1] drawn from Beta(a, a).

    Args:
        key: decides.
        a: above 0.
        shape: of the answer.
        dtype: of the answer, None: JAX's usual floating-point type.

    >>> float(symmetric_beta(jax.random.key(0), 1.0, (10_000,)).mean().round(2))
    0.5
    """
    dtype = jnp.result_type(float) if dtype is None else dtype
    # A copy each time: JAX remembers an array it was given, and would return the table in the precision of before.
    table = jnp.asarray(_log_quantiles(float(a)).astype(dtype))
    key_probability, key_half = jax.random.split(key)
    place = jax.random.exponential(key_probability, shape, table.dtype) / STEP  # minus the logarithm of 2 p
    entry = jnp.minimum(place.astype(jnp.int32), len(table) - 2)
    low, high = table[entry], table[entry + 1]
    lower = jnp.exp(low + (place - entry) * (high - low))
    return jnp.where(jax.random.bernoulli(key_half, shape=shape), lower, 1 - lower)


@functools.lru_cache(maxsize=8)
def _log_quantiles(a: float) -> np.ndarray:
    """Returns the logarithms of the quantiles at p = exp(-STEP k) / 2, of the smallest ones by their power law."""
    log_p = -STEP * np.arange(int(MOST / STEP) + 2) - np.log(2)
    power_law = (log_p + np.log(a) + special.betaln(a, a)) / a
    with np.errstate(divide="ignore"):
        return np.where(power_law < -80, power_law, np.log(special.betaincinv(a, a, np.exp(log_p))))
