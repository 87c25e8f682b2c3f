"""One ordinary optimiser step of a classifier."""

from collections.abc import Callable
from typing import Any

import jax
import optax

from meta_noise.types import Array, Learner, PyTree


def descend(
    tx: optax.GradientTransformation, learner: Learner, loss_of: Callable[..., Any]
) -> tuple[Learner, Array, Any]:
    """Returns (learner, loss, report) after one step on `loss_of(params) -> (loss, (report, batch_stats))`."""
    (loss, (report, batch_stats)), grads = jax.value_and_grad(loss_of, has_aux=True)(learner.params)
    return move(tx, learner, grads, batch_stats), loss, report


def move(tx: optax.GradientTransformation, learner: Learner, grads: PyTree, batch_stats: PyTree) -> Learner:
    """Returns the learner after one step along `grads`, with new batch statistics."""
    updates, opt_state = tx.update(grads, learner.opt_state, learner.params)
    return Learner(optax.apply_updates(learner.params, updates), batch_stats, opt_state)
