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


def unknown_one(tree: PyTree) -> Array | float:
    """Returns a one that the compiler cannot know, made from one number of `tree`; 1.0 where it holds none."""
    return 1 + unknown_zero(tree)


def once(x: Array, one: Array | float) -> Array:
    """Returns `x`, computed once; `one` is from `unknown_one`, and the same for all that a pass computes once.

    A division counts as dear, and dear things are not computed again; by 1 it changes no number. By a number that is
    used in one place only the compiler divides no more, it multiplies by its inverse: in a pass without a derivative,
    but not in the same pass with one, so that the two would not be merged.
    """
    return x / jnp.asarray(one, x.dtype)
