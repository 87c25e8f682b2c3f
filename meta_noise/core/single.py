"""From an ordinary objective to a training method, for methods without a meta level."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import optax

from meta_noise.core import predict as predictions
from meta_noise.core.begin import strong
from meta_noise.core.descend import descend
from meta_noise.core.rows import describe
from meta_noise.types import Batch, Info, Learner, Meta, Method, Network, State


class Objective(NamedTuple):
    """`loss(outputs, batch) -> (scalar, Rows)`, of the network's outputs on the noisy batch."""

    loss: Callable[..., Any]


def single(objective: Objective, network: Network, tx: optax.GradientTransformation) -> Method:
    """Returns the method that takes plain optimiser steps on `objective`; the clean batch is not looked at.

    Args:
        objective: the loss, a sum over both networks where there are two.
        network: the classifier, or a pair.
        tx: its optimiser.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import Batch, single
    >>> from meta_noise.methods.supervised import supervised
    >>> from meta_noise.models import from_functions
    >>> network = from_functions(lambda key, x: jnp.zeros((4, 3)), lambda params, x, train, key: x @ params)
    >>> batch = Batch(jnp.eye(4), jnp.array([0, 1, 2, 0]), jnp.arange(4))
    >>> method = single(supervised(), network, optax.sgd(0.1))
    >>> state, info = method.step(jax.random.key(1), method.init(jax.random.key(0), batch), batch, None)
    >>> f"{info.loss:.3f}"
    '1.099'
    """

    def init(key, batch: Batch) -> State:
        params, batch_stats = strong(network.init(key, batch.inputs))
        step = jnp.zeros((), jnp.int32)
        return State(step, Learner(params, batch_stats, tx.init(params)), Meta((), (), ()), ())

    def step(key, state: State, batch: Batch, clean: Batch) -> tuple[State, Info]:
        del clean
        learner = state.learner

        def loss_of(params):
            outputs, batch_stats = network.apply((params, learner.batch_stats), batch.inputs, True, key)
            loss, rows = objective.loss(outputs, batch)
            return loss, (describe(rows, outputs, batch), batch_stats)

        learner, loss, rows = descend(tx, learner, loss_of)
        loss, rows = loss / network.copies, predictions.flat_rows(network, rows)
        return state._replace(step=state.step + 1, learner=learner), Info(loss, None, rows)

    def predict(state: State, inputs):
        return predictions.logits(network, state.learner, inputs)

    return Method(init, step, predict)
