"""Rules of one's own for the step: how meta-parameters move, and how the learning rate falls.

Either is a function of settings that gives what Optax has: a transformation, or a function of the step.
"""

import jax
import jax.numpy as jnp
import optax


def bounded(lr: float = 0.05, most: float = 3.0) -> optax.GradientTransformation:
    """Returns SGD on meta-parameters that stay between -most and most: a step, then the nearest allowed value."""

    def init(params):
        del params
        return optax.EmptyState()

    def update(grads, state, params):
        return jax.tree.map(lambda g, p: jnp.clip(p - lr * g, -most, most) - p, grads, params), state

    return optax.GradientTransformation(init, update)


def halving(lr: float, steps: int, steps_per_epoch: int, before: int, every: int = 10) -> optax.Schedule:
    """Returns a rate that halves every so many epochs.

    Args:
        lr: the first rate.
        steps: length of the run.
        steps_per_epoch: likewise.
        before: steps of plain training that the run begins with.
        every: epochs.
    """
    del steps
    return lambda step: lr * 0.5 ** ((step - before) // (every * steps_per_epoch))
