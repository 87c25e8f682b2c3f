"""Mixup: rows and labels become weighted means of two (Zhang, Cisse, Dauphin, Lopez-Paz, ICLR 2018)."""

from typing import Literal

import jax
import jax.numpy as jnp

from meta_noise.losses.beta import symmetric_beta


def mixing_factors(key: jax.Array, shape: tuple[int, ...], kind: Literal["beta", "square"], alpha: float) -> jax.Array:
    """Returns shares of the first partner, in [0.5, 1], so that it dominates.

    Args:
        key: decides.
        shape: of the answer.
        kind: "beta" for `max(m, 1 - m)`, `m ~ Beta(alpha, alpha)`; "square" for `1 - U^2 / 2`, U uniform, which the
            released code of IEG takes instead of Beta(0.5, 0.5).
        alpha: above 0; only of "beta".
    """
    if kind == "square":
        return 1 - jax.random.uniform(key, shape) ** 2 / 2
    drawn = symmetric_beta(key, alpha, shape)
    return jnp.maximum(drawn, 1 - drawn)


def mix(values: jax.Array, partners: jax.Array, factors: jax.Array) -> jax.Array:
    """Returns `m x_a + (1 - m) x_b`, [B, ...].

    Args:
        values: [B, ...] inputs or labels.
        partners: [B] position of the second partner of each row.
        factors: [B] or (), share m of the first one.

    Raises:
        ValueError: the values are whole numbers, such as tokens of texts, which have no mean (when tracing).
    """
    if not jnp.issubdtype(values.dtype, jnp.floating):
        raise ValueError(
            f"mixup takes means of rows, and {values.dtype} inputs (tokens of texts) have none; use a method without "
            "mixup, such as l2r or mw_net, with clean=auto where no row is trusted"
        )
    factors = jnp.asarray(factors, values.dtype)
    factors = factors.reshape(factors.shape + (1,) * (values.ndim - factors.ndim) * bool(factors.ndim))
    return factors * values + (1 - factors) * values[partners]
