"""What the compiler may merge, repeat and put off.

XLA computes equal things once, cheap things again wherever they are needed, and the rest in an order of its own. That
can cost memory (a forward pass is kept until its last use) or time. Its optimisation barriers do not help on the CPU
backend, which drops them before it decides. Arithmetic helps everywhere: zero times a number that is not known when
compiling is not known to be zero.
"""

from typing import Any

import jax
import jax.numpy as jnp

from meta_noise.types import Array, PyTree


def unknown_zero(tree: PyTree) -> Array | float:
    """Returns a zero that the compiler cannot know, made from one number of `tree`; 0.0 where it holds none."""
    numbers = [x for x in jax.tree.leaves(tree) if jnp.issubdtype(jnp.result_type(x), jnp.inexact) and jnp.size(x)]
    return 0 * jax.lax.stop_gradient(jnp.ravel(numbers[0])[0]) if numbers else 0.0


def after(tree: PyTree, other: PyTree) -> PyTree:
    """Returns `tree`; what is computed from it waits for `other` and is not what was computed from `tree` before."""
    zero = unknown_zero(other)

    def wait(x: Any) -> Any:
        dtype = jnp.result_type(x)
        return x + jnp.asarray(zero, dtype) if jnp.issubdtype(dtype, jnp.inexact) else x

    return jax.tree.map(wait, tree)


def once(x: Array, known: PyTree) -> Array:
    """Returns `x`, computed once; `known` is any tree of numbers that are at hand.

    A division counts as dear, and dear things are not computed again; by 1 it changes no number.
    """
    return x / jnp.asarray(1 + unknown_zero(known), x.dtype)
