"""From a bi-level problem to a training method.

One step: *virtual* (a differentiable trial update on the noisy batch), *meta* (the outer loss on the clean batch after
it, differentiated by the meta-parameters), *actual* (an ordinary update with the new meta-parameters).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from meta_noise.core.meta_gradient import mixed_mode
from meta_noise.core.rows import describe
from meta_noise.core.virtual import VirtualRule, live
from meta_noise.types import Batch, Info, Inner, Learner, Meta, MetaGradient, Method, Network, State


def _as_given(key, model, memory, batch: Batch, clean: Batch):
    del key, model, memory
    return batch, clean


def _no_memory(key, batch: Batch):
    del key, batch
    return ()


class Problem(NamedTuple):
    """A bi-level problem; its losses take the network's outputs, never its parameters.

    Attributes:
        init_meta: `(key, batch, outputs) -> meta_params`; of `outputs` only shapes and dtypes are known.
        inner_loss: `(outputs, meta_params, batch) -> (scalar, Rows)`.
        outer_loss: `(outputs, clean) -> scalar`.
        fresh: True where the meta-parameters start anew in every batch.
        prepare: `(key, model, memory, batch, clean) -> (batch, clean)`, once per step, never differentiated;
            `model(inputs, train=True) -> Outputs` is any further pass, whose batch statistics are dropped.
        init_memory: `(key, batch) -> memory`.
    """

    init_meta: Callable[..., Any]
    inner_loss: Callable[..., Any]
    outer_loss: Callable[..., jax.Array]
    fresh: bool = False
    prepare: Callable[..., tuple[Batch, Batch]] = _as_given
    init_memory: Callable[..., Any] = _no_memory


def bilevel(
    problem: Problem,
    network: Network,
    tx: optax.GradientTransformation,
    meta_tx: optax.GradientTransformation,
    meta_gradient: MetaGradient | None = None,
    virtual: VirtualRule | None = None,
    reuse_virtual: bool = False,
) -> Method:
    """Returns the training method that solves `problem` with `network`.

    Args:
        problem: losses and meta-parameters.
        network: the classifier.
        tx: its optimiser.
        meta_tx: how the meta-parameters move; stateless where they are fresh in every batch.
        meta_gradient: engine, `mixed_mode()` unless given.
        virtual: rule of the virtual step, `live()` unless given.
        reuse_virtual: the virtual step, taken with the old meta-parameters, is the actual one (MLC-LCN).

    Raises:
        ValueError: `reuse_virtual` with a virtual step other than `live()`.
    """
    meta_gradient = mixed_mode() if meta_gradient is None else meta_gradient
    virtual = live() if virtual is None else virtual
    if reuse_virtual and virtual is not live():
        raise ValueError(
            "reuse_virtual makes the virtual step the actual one, so the virtual rule must be live(); "
            "choose live or set reuse_virtual to False"
        )

    def init(key, batch: Batch) -> State:
        key_network, key_meta, key_engine, key_memory = jax.random.split(key, 4)
        params, batch_stats = network.init(key_network, batch.inputs)
        forward = _forward(network, None)
        outputs, _ = jax.eval_shape(forward, params, batch_stats, batch)
        meta_params = problem.init_meta(key_meta, batch, outputs)
        engine = meta_gradient.init(key_engine, params, meta_params)
        kept = () if problem.fresh else meta_params
        meta = Meta(kept, meta_tx.init(kept), engine)
        step = jnp.zeros((), jnp.int32)
        return State(step, Learner(params, batch_stats, tx.init(params)), meta, problem.init_memory(key_memory, batch))

    def step(key, state: State, batch: Batch, clean: Batch) -> tuple[State, Info]:
        key_prepare, key_model, key_meta, key_engine, key_forward, key_clean = jax.random.split(key, 6)
        learner, meta = state.learner, state.meta

        def model(inputs, train=True):
            return network.apply((learner.params, learner.batch_stats), inputs, train, key_model)[0]

        batch, clean = problem.prepare(key_prepare, model, state.memory, batch, clean)

        # One key for virtual, tangent and actual pass: they must see the same dropout.
        forward = _forward(network, key_forward)
        forward_clean = _forward(network, key_clean)

        def outer_loss(params, batch_stats):
            return problem.outer_loss(forward_clean(params, batch_stats, clean)[0], clean)

        def inner_loss(outputs, meta_params, batch):
            return problem.inner_loss(outputs, meta_params, batch)[0]

        if problem.fresh:
            shapes, _ = jax.eval_shape(forward, learner.params, learner.batch_stats, batch)
            old_meta_params = problem.init_meta(key_meta, batch, shapes)
        else:
            old_meta_params = meta.params

        inner = Inner(forward, inner_loss, virtual(tx, state.step))
        outer = meta_gradient.value_and_grad(
            key_engine, meta.engine, inner, outer_loss, learner, (batch,), old_meta_params
        )
        updates, meta_opt_state = meta_tx.update(outer.grads, meta.opt_state, old_meta_params)
        meta_params = optax.apply_updates(old_meta_params, updates)

        def actual_loss(params, meta_params):
            outputs, batch_stats = forward(params, learner.batch_stats, batch)
            loss, rows = problem.inner_loss(outputs, meta_params, batch)
            return loss, (describe(rows, outputs, batch), batch_stats)

        if reuse_virtual:
            loss, (rows, _) = actual_loss(learner.params, old_meta_params)
            learner = outer.virtual
        else:
            differentiate = jax.value_and_grad(actual_loss, has_aux=True)
            (loss, (rows, batch_stats)), grads = differentiate(learner.params, jax.lax.stop_gradient(meta_params))
            updates, opt_state = tx.update(grads, learner.opt_state, learner.params)
            learner = Learner(optax.apply_updates(learner.params, updates), batch_stats, opt_state)

        meta = Meta(() if problem.fresh else meta_params, meta_opt_state, outer.engine_state)
        info = Info(loss, outer.value, rows)
        return State(state.step + 1, learner, meta, state.memory), info

    def predict(state: State, inputs):
        learner = state.learner
        return network.apply((learner.params, learner.batch_stats), inputs, False, None)[0].logits

    return Method(init, step, predict)


def _forward(network: Network, key):
    """Returns the train-mode pass `(params, batch_stats, batch) -> (Outputs, batch_stats)` with one key."""

    def forward(params, batch_stats, batch: Batch):
        return network.apply((params, batch_stats), batch.inputs, True, key)

    return forward
