"""From an ordinary objective to a training method, for methods without a meta level."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from meta_noise.core import predict as predictions
from meta_noise.core.begin import strong
from meta_noise.core.descend import descend
from meta_noise.core.passes import further_passes, refreshing
from meta_noise.core.problem import as_given, no_memory
from meta_noise.core.rows import describe
from meta_noise.types import Batch, Info, Learner, Meta, Method, Network, Outputs, PyTree, Refreshed, State


def _as_it_was(memory: PyTree, outputs: Outputs, batch: Batch) -> PyTree:
    del outputs, batch
    return memory


class Objective(NamedTuple):
    """What a method without a meta level has to say; as in `Problem` losses take outputs, never parameters.

    Attributes:
        loss: `(outputs, batch) -> (scalar, Rows)`, a sum over both networks where there are two.
        prepare: `(key, model, memory, batch, clean) -> (batch, clean)` as that of a `Problem`; only the batch is used.
        init_memory: `(key, batch) -> memory`.
        remember: `(memory, outputs, batch) -> memory` after the step; outputs are those of the step, as constants.
        refresh: `(key, memory, sweep, epoch) -> Refreshed` as that of a `Problem`, or None.
        warmup: the objective of the warm-up, with the same memory; None: mean cross-entropy.
        copies: 2 for a pair of networks. Without a `refresh` both see the same rows.
    """

    loss: Callable[..., Any]
    prepare: Callable[..., tuple[Batch, Batch]] = as_given
    init_memory: Callable[..., Any] = no_memory
    remember: Callable[..., Any] = _as_it_was
    refresh: Callable[..., Refreshed] | None = None
    warmup: Any = None
    copies: int = 1


def single(objective: Objective, network: Network, tx: optax.GradientTransformation) -> Method:
    """Returns the method that takes plain optimiser steps on `objective`.

    Args:
        objective: the loss.
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

    def both(batch: Batch) -> Batch:
        """Returns the batch for every network of a pair."""
        if network.copies == batch.labels.ndim:
            return batch
        return jax.tree.map(lambda x: jnp.stack([x] * network.copies) if jnp.ndim(x) else x, batch)

    def init(key, batch: Batch) -> State:
        batch = both(batch)
        params, batch_stats = strong(network.init(key, batch.inputs))
        memory = strong(objective.init_memory(jax.random.fold_in(key, 1), batch))
        return State(jnp.zeros((), jnp.int32), Learner(params, batch_stats, tx.init(params)), Meta((), (), ()), memory)

    def step(key, state: State, batch: Batch, clean: Batch) -> tuple[State, Info]:
        learner = state.learner
        key_prepare, key_model = jax.random.split(jax.random.fold_in(key, 1))  # the pass of the step has `key` itself
        model = further_passes(network, learner, learner.params, key_model)
        batch, _ = objective.prepare(key_prepare, model, state.memory, both(batch), both(clean))

        def loss_of(params):
            outputs, batch_stats = network.apply((params, learner.batch_stats), batch.inputs, True, key)
            loss, rows = objective.loss(outputs, batch)
            return loss, ((describe(rows, outputs, batch), jax.lax.stop_gradient(outputs)), batch_stats)

        learner, loss, (rows, outputs) = descend(tx, learner, loss_of)
        memory = objective.remember(state.memory, outputs, batch)
        loss, rows = loss / network.copies, predictions.flat_rows(network, rows)
        return state._replace(step=state.step + 1, learner=learner, memory=memory), Info(loss, None, rows)

    def predict(state: State, inputs):
        return predictions.logits(network, state.learner, inputs)

    refresh = None if objective.refresh is None else refreshing(objective.refresh, network)
    return Method(init, step, predict, refresh, copies=network.copies)
