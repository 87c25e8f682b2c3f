"""An exponential moving average of the parameters, to evaluate with.

It is the last link of a chain of transformations, so it lives in the optimiser's state and is saved and sharded with
it. The decay after t steps is `min(decay, (1 + t) / (10 + t))`, so that the first steps do not weigh on it, as in the
released code of IEG (Zhang et al., CVPR 2020); its paper does not mention the average.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax

from meta_noise.types import Learner


class AverageState(NamedTuple):
    """State of `average`: `count` steps taken, `ema` the averaged parameters."""

    count: jax.Array  # type: ignore[assignment]
    ema: optax.Params


def average(decay: float) -> optax.GradientTransformation:
    """Returns the transformation that leaves updates alone and averages the parameters after them; its place is last.

    Args:
        decay: upper limit of the decay, in [0, 1).

    Raises:
        ValueError: it is not in that range.

    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import average
    >>> tx, params = optax.chain(optax.sgd(1.0), average(0.5)), jnp.array(1.0)
    >>> state = tx.init(params)
    >>> updates, state = tx.update(jnp.array(0.5), state, params)
    >>> float(optax.apply_updates(params, updates))
    0.5
    """
    if not 0 <= decay < 1:
        raise ValueError(f"the decay of averaged parameters must be at least 0 and below 1, got {decay}")

    def init(params):
        return AverageState(jnp.zeros((), jnp.int32), jax.tree.map(jnp.asarray, params))

    def update(updates, state, params):
        rate = jnp.minimum(decay, (1 + state.count) / (10 + state.count))
        moved = optax.apply_updates(params, updates)
        ema = jax.tree.map(lambda old, new: (rate * old + (1 - rate) * new).astype(old.dtype), state.ema, moved)
        return updates, AverageState(optax.safe_increment(state.count), ema)

    return optax.GradientTransformation(init, update)


def is_averaged(learner: Learner) -> bool:
    """Says whether the learner's optimiser keeps averaged parameters."""
    return optax.tree.get(learner.opt_state, "ema") is not None


def for_evaluation(learner: Learner) -> Learner:
    """Returns the learner with averaged parameters where there are any, and without its optimiser state."""
    ema = optax.tree.get(learner.opt_state, "ema")
    return Learner(learner.params if ema is None else ema, learner.batch_stats, ())
