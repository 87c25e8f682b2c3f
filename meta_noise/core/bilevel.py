"""From a bi-level problem to a training method.

One step: *virtual* (a differentiable trial update on the noisy batch), *meta* (the outer loss on the clean batch after
it, differentiated by the meta-parameters), *actual* (an ordinary update with the new meta-parameters).
"""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import optax

from meta_noise.core import predict as predictions
from meta_noise.core.descend import descend
from meta_noise.core.meta_gradient import mixed_mode
from meta_noise.core.problem import Problem
from meta_noise.core.rows import describe
from meta_noise.core.virtual import VirtualRule, live
from meta_noise.scheduling import after
from meta_noise.types import Batch, Info, Inner, Learner, Meta, MetaGradient, Method, Network, Outer, Refreshed, State


def bilevel(
    problem: Problem,
    network: Network,
    tx: optax.GradientTransformation,
    meta_tx: optax.GradientTransformation,
    meta_gradient: MetaGradient | None = None,
    virtual: VirtualRule | None = None,
    steps: int = 1,
    reuse_virtual: bool = False,
    remat: bool = False,
) -> Method:
    """Returns the training method that solves `problem` with `network`.

    Args:
        problem: losses and meta-parameters.
        network: the classifier.
        tx: its optimiser.
        meta_tx: how the meta-parameters move; stateless where they are fresh in every batch.
        meta_gradient: engine, `mixed_mode()` unless given.
        virtual: rule of the virtual step, `live()` unless given.
        steps: virtual steps before the outer loss. One call of `step` then takes that many batches, its rows one after
            the other, and the classifier moves as often.
        reuse_virtual: the virtual steps, taken with the old meta-parameters, are the actual ones (MLC-LCN).
        remat: the parts of a step share no forward pass, so that none has to be kept: less memory, more time. Several
            virtual steps never share any.

    Raises:
        ValueError: `reuse_virtual` with a virtual step other than `live()` or a problem with an `actual_loss`; more
            than one virtual step with meta-parameters that belong to one batch, or for a pair of networks.
    """
    meta_gradient = mixed_mode() if meta_gradient is None else meta_gradient
    virtual = live() if virtual is None else virtual
    if reuse_virtual and virtual is not live():
        raise ValueError(
            "reuse_virtual makes the virtual step the actual one, so the virtual rule must be live(); "
            "choose live or set reuse_virtual to False"
        )
    if reuse_virtual and problem.actual_loss is not None:
        raise ValueError("reuse_virtual takes no actual step, but this method has a loss for it; set it to False")
    if steps > 1 and problem.fresh:
        raise ValueError(f"steps is {steps}, but this method's meta-parameters are made anew in every batch; use 1")
    if steps > 1 and network.copies > 1:
        raise ValueError(f"steps is {steps}, but a pair of networks takes one virtual step at a time; use 1")
    if network.copies != problem.copies:
        raise ValueError(f"this method trains {problem.copies} networks at a time, got {network.copies}")

    def init(key, batch: Batch) -> State:
        key_network, key_meta, key_engine, key_memory = jax.random.split(key, 4)
        batch = _parts(batch, steps)[0]
        params, batch_stats = network.init(key_network, batch.inputs)
        outputs, _ = jax.eval_shape(_forward(network, key_network), params, batch_stats, batch)
        meta_params = problem.init_meta(key_meta, batch, outputs)
        engine = meta_gradient.init(key_engine, params, meta_params)
        kept = () if problem.fresh else meta_params
        meta = Meta(kept, meta_tx.init(kept), engine)
        step = jnp.zeros((), jnp.int32)
        return State(step, Learner(params, batch_stats, tx.init(params)), meta, problem.init_memory(key_memory, batch))

    def look_ahead(key, state: State, batch: Batch, clean: Batch):
        """Returns what the virtual and the meta part of a step give, and what the actual part goes on with."""
        key_prepare, key_model, key_meta, key_engine, key_forward, key_clean = jax.random.split(key, 6)
        learner, meta = state.learner, state.meta
        model = _model(network, learner, learner.params, key_model)
        prepared = [problem.prepare(key_prepare, model, state.memory, part, clean) for part in _parts(batch, steps)]
        batches, clean = tuple(part for part, _ in prepared), prepared[0][1]

        # One key for virtual, tangent and actual pass: they must see the same dropout.
        forward = _forward(network, key_forward)
        forward_clean = _forward(network, key_clean)

        def outer_loss(params, batch_stats):
            value = problem.outer_loss(forward_clean(params, batch_stats, clean)[0], clean)
            return value if problem.outer_penalty is None else value + problem.outer_penalty(params)

        def inner_loss(outputs, meta_params, batch):
            return problem.inner_loss(outputs, meta_params, batch)[0]

        meta_params = meta.params
        if problem.fresh:
            shapes, _ = jax.eval_shape(forward, learner.params, learner.batch_stats, batches[0])
            meta_params = problem.init_meta(key_meta, batches[0], shapes)
        inner = Inner(forward, inner_loss, virtual(tx, state.step), problem.still, remat)
        outer = meta_gradient.value_and_grad(key_engine, meta.engine, inner, outer_loss, learner, batches, meta_params)
        return outer, meta_params, batches, clean, forward, key_model

    def step(key, state: State, batch: Batch, clean: Batch) -> tuple[State, Info]:
        outer, old_meta_params, batches, clean, forward, key_model = look_ahead(key, state, batch, clean)
        meta_params, meta_opt_state = move_meta(outer, state.meta, old_meta_params)
        learner, losses, rows = actual(
            state.learner, forward, key_model, batches, clean, outer, old_meta_params, meta_params
        )
        meta = Meta(() if problem.fresh else meta_params, meta_opt_state, outer.engine_state)
        rows = predictions.flat_rows(network, jax.tree.map(lambda *x: jnp.concatenate(x), *rows))
        loss, outer_loss = jnp.mean(jnp.stack(losses)) / network.copies, outer.value / network.copies
        return State(state.step + steps, learner, meta, state.memory), Info(loss, outer_loss, rows, outer.metrics)

    def move_meta(outer: Outer, meta: Meta, meta_params):
        """Returns (meta-parameters, optimiser state) after the meta step, unmoved while the engine is not ready."""
        updates, opt_state = meta_tx.update(outer.grads, meta.opt_state, meta_params)
        moved, still = (optax.apply_updates(meta_params, updates), opt_state), (meta_params, meta.opt_state)
        if outer.ready is True:
            return moved
        return jax.tree.map(lambda new, old: jnp.where(outer.ready, new, old), moved, still)

    def actual(learner: Learner, forward, key_model, batches, clean: Batch, outer: Outer, old_meta_params, meta_params):
        """Returns (learner, losses, rows) after the actual step on every batch."""
        losses, rows = [], []
        if remat or steps > 1:
            learner = learner._replace(params=after(learner.params, meta_params))
        for batch, virtual_outputs in zip(batches, outer.outputs, strict=True):

            def report(outputs, meta_params, model=None, batch=batch):
                if problem.actual_loss is None:
                    loss, row = problem.inner_loss(outputs, meta_params, batch)
                else:
                    loss, row = problem.actual_loss(outputs, model, meta_params, batch, clean)
                return loss, describe(row, outputs, batch)

            def loss_of(params, learner=learner, batch=batch, report=report):
                outputs, batch_stats = forward(params, learner.batch_stats, batch)
                loss, row = report(outputs, meta_params, _model(network, learner, params, key_model))
                return loss, (row, batch_stats)

            if reuse_virtual:
                loss, row = report(virtual_outputs, old_meta_params)
            else:
                learner, loss, row = descend(tx, learner, loss_of)
            losses.append(loss)
            rows.append(row)
        return outer.virtual if reuse_virtual else learner, losses, rows

    def predict(state: State, inputs):
        return predictions.logits(network, state.learner, inputs)

    def refresh(key, state: State, sweep, epoch) -> Refreshed:
        def sweep_outputs(fn):
            values = sweep(_on_outputs(network, fn))
            return values if network.copies == 1 else jax.tree.map(lambda x: x.swapaxes(0, 1), values)

        assert problem.refresh is not None
        return problem.refresh(key, state.memory, sweep_outputs, epoch)

    def learned(state: State):
        return {} if problem.fresh else problem.learned(state.meta.params)

    def meta_grads(key, state: State, batch: Batch, clean: Batch):
        return look_ahead(key, state, batch, clean)[0].grads

    return Method(
        init,
        step,
        predict,
        refresh=None if problem.refresh is None else refresh,
        learned=learned,
        meta_grads=meta_grads,
        copies=network.copies,
    )


def _parts(batch: Batch, steps: int) -> list[Batch]:
    """Returns the batches of `steps` virtual steps, whose rows come one after the other in `batch`."""
    size = batch.labels.shape[0] // steps

    def part(position):
        return jax.tree.map(lambda x: x[position * size : (position + 1) * size] if jnp.ndim(x) else x, batch)

    return [batch] if steps == 1 else [part(position) for position in range(steps)]


def _forward(network: Network, key):
    """Returns the train-mode pass `(params, batch_stats, batch) -> (Outputs, batch_stats)` with one key."""

    def forward(params, batch_stats, batch: Batch):
        return network.apply((params, batch_stats), batch.inputs, True, key)

    return forward


def _model(network: Network, learner: Learner, params, key):
    """Returns the function for further passes of the network at `params`."""

    def model(inputs, train=True):
        return network.apply((params, learner.batch_stats), inputs, train, key)[0]

    return model


@functools.cache
def _on_outputs(network: Network, fn) -> Any:
    """Returns `(state, batch) -> [B, ...]` for a sweep; cached, so that it compiles once."""

    def evaluated(state: State, batch: Batch):
        outputs = predictions.evaluate(network, state.learner, batch.inputs)
        if network.copies == 1:
            return fn(outputs, batch)
        paired = jax.tree.map(lambda x: jnp.stack([x] * network.copies) if jnp.ndim(x) else x, batch)
        return jax.tree.map(lambda x: jnp.swapaxes(x, 0, 1), fn(outputs, paired))

    return evaluated
