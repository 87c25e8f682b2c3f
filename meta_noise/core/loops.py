"""Steps one after the other in one loop, which on CPUs is as fast as without it where they have convolutions.

How convolutions come to be so is told in `meta_noise.core.convolutions`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

import meta_noise.core.convolutions  # noqa: F401  (lowers them so)
from meta_noise.types import PyTree


def one_by_one(step: Callable[..., Any], start: PyTree, batches: Sequence[PyTree]) -> tuple[PyTree, PyTree]:
    """Returns what the last step gave, and what all gave beside it, with a leading axis.

    `step` is `(carry, batch) -> (carry, beside)`. It is compiled once, however many batches there are.
    """
    if len(batches) > 1:
        return jax.lax.scan(step, start, jax.tree.map(lambda *x: jnp.stack(x), *batches))
    carry, beside = step(start, batches[0])
    return carry, jax.tree.map(lambda x: jnp.asarray(x)[None], beside)


def apart(stacked: PyTree, count: int) -> tuple[PyTree, ...]:
    """Returns the `count` entries of arrays with a leading axis."""
    return tuple(jax.tree.map(lambda x, place=place: x[place], stacked) for place in range(count))
