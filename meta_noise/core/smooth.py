"""Optimisers whose update can be differentiated everywhere.

A live virtual step is differentiated with respect to the gradient. `optax.adam` and `optax.clip_by_global_norm` then
give NaN as soon as one entry's second moment, or the whole gradient, is exactly zero (dead units, masked layers).
"""

import jax
import jax.numpy as jnp
import optax

# Inside Adam's square root; keeps the derivative finite. The denominator grows by up to 1e-8, which halves the move of
# an entry whose gradients have always been near zero, and is lost in the rounding where gradients are above 1e-4.
EPS_ROOT = 1e-16


def adam(lr, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> optax.GradientTransformation:
    """Returns Adam (Kingma, Ba, ICLR 2015) with a finite derivative where a gradient entry is zero."""
    return optax.adam(lr, b1, b2, eps, eps_root=EPS_ROOT)


def clip_by_global_norm(max_norm: float) -> optax.GradientTransformation:
    """Returns `grads * min(1, max_norm / norm(grads))` with a finite derivative at zero gradients.

    Raises:
        ValueError: `max_norm` is not positive.
    """
    if max_norm <= 0:
        raise ValueError(f"max_norm must be positive, got {max_norm}")

    def init(params):
        del params
        return optax.EmptyState()

    def update(grads, state, params=None):
        del params
        square = optax.tree.norm(grads, squared=True)
        active = square > max_norm**2
        scale = jnp.where(active, max_norm / jnp.sqrt(jnp.where(active, square, 1)), 1)
        return jax.tree.map(lambda g: g * scale.astype(g.dtype), grads), state

    return optax.GradientTransformation(init, update)
