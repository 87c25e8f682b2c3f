"""From a bi-level problem to a training method.

One step: *virtual* (a differentiable trial update on the noisy batch), *meta* (the outer loss on the clean batch after
it, differentiated by the meta-parameters), *actual* (an ordinary update with the new meta-parameters).
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from meta_noise.core import predict as predictions
from meta_noise.core.descend import move
from meta_noise.core.meta_gradient import mixed_mode
from meta_noise.core.passes import further_passes, on_outputs, parts, spaced, train_pass
from meta_noise.core.problem import Problem
from meta_noise.core.rows import describe
from meta_noise.core.scheduling import after
from meta_noise.core.virtual import VirtualRule, live
from meta_noise.types import (
    Batch,
    Between,
    Info,
    Inner,
    Learner,
    Meta,
    MetaGradient,
    Method,
    Network,
    Outer,
    Pass,
    Refreshed,
    State,
)


class _Begun(NamedTuple):
    """What all parts of a step share: prepared batches, passes of the network, keys, meta-parameters."""

    batches: tuple[Batch, ...]
    clean: Batch
    forward: Callable[..., Any]
    forward_clean: Callable[..., Any]
    key_model: Any
    key_engine: Any
    meta_params: Any


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
    interval: int = 1,
    virtual_rows: int = 0,
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
        interval: meta steps are taken in the first of so many steps; in between the classifier alone moves, with the
            meta-parameters as they are.
        virtual_rows: rows of the batch, evenly spaced, that the virtual step is taken with; 0: all of them.

    Raises:
        ValueError: choices that exclude each other; the message says why.
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
    if reuse_virtual and virtual_rows:
        raise ValueError(f"reuse_virtual would leave out rows with virtual_rows={virtual_rows}; use one of the two")
    for name, value in (("steps", steps), ("interval", interval), ("virtual_rows", virtual_rows + 1)):
        if value > 1 and problem.fresh:
            raise ValueError(f"{name} must be left alone: this method's meta-parameters are made anew in every batch")
    if steps > 1 and interval > 1:
        raise ValueError(f"steps is {steps} and interval {interval}; one of the two must be 1")
    if steps > 1 and network.copies > 1:
        raise ValueError(f"steps is {steps}, but a pair of networks takes one virtual step at a time; use 1")
    if network.copies != problem.copies:
        raise ValueError(f"this method trains {problem.copies} networks at a time, got {network.copies}")

    def init(key, batch: Batch) -> State:
        key_network, key_meta, key_engine, key_memory = jax.random.split(key, 4)
        batch = parts(batch, steps)[0]
        params, batch_stats = network.init(key_network, batch.inputs)
        outputs, _ = jax.eval_shape(train_pass(network, key_network, problem.with_views), params, batch_stats, batch)
        meta_params = problem.init_meta(key_meta, batch, outputs)
        engine = meta_gradient.init(key_engine, params, meta_params)
        kept = () if problem.fresh else meta_params
        meta = Meta(kept, meta_tx.init(kept), engine)
        step = jnp.zeros((), jnp.int32)
        return State(step, Learner(params, batch_stats, tx.init(params)), meta, problem.init_memory(key_memory, batch))

    def begin(key, state: State, batch: Batch, clean: Batch) -> _Begun:
        key_prepare, key_model, key_meta, key_engine, key_forward, key_clean = jax.random.split(key, 6)
        learner = state.learner
        model = further_passes(network, learner, learner.params, key_model)
        prepared = [problem.prepare(key_prepare, model, state.memory, part, clean) for part in parts(batch, steps)]
        batches, clean = tuple(part for part, _ in prepared), prepared[0][1]
        # One key for virtual, tangent and actual pass: they must see the same dropout.
        forward, meta_params = train_pass(network, key_forward, problem.with_views), state.meta.params
        if problem.fresh:
            shapes, _ = jax.eval_shape(forward, learner.params, learner.batch_stats, batches[0])
            meta_params = problem.init_meta(key_meta, batches[0], shapes)
        return _Begun(batches, clean, forward, train_pass(network, key_clean), key_model, key_engine, meta_params)

    def look_ahead(begun: _Begun, state: State) -> Outer:
        """Returns what the virtual and the meta part of a step give."""

        def outer_loss(params, batch_stats):
            value = problem.outer_loss(begun.forward_clean(params, batch_stats, begun.clean)[0], begun.clean)
            return value if problem.outer_penalty is None else value + problem.outer_penalty(params)

        def inner_loss(outputs, meta_params, batch):
            return problem.inner_loss(outputs, meta_params, batch)[0]

        inner = Inner(begun.forward, inner_loss, virtual(tx, state.step), problem.still, remat)
        batches = tuple(spaced(batch, virtual_rows) for batch in begun.batches) if virtual_rows else begun.batches
        engine_state, meta_params = state.meta.engine, begun.meta_params
        return meta_gradient.value_and_grad(
            begun.key_engine, engine_state, inner, outer_loss, state.learner, batches, meta_params
        )

    def step(key, state: State, batch: Batch, clean: Batch) -> tuple[State, Info]:
        begun = begin(key, state, batch, clean)
        outer = look_ahead(begun, state)
        meta_params, meta_opt_state = move_meta(outer, state.meta, begun.meta_params)
        if reuse_virtual:
            pairs = zip(outer.outputs, begun.batches, strict=True)
            reports = [described(outputs, begun.meta_params, batch) for outputs, batch in pairs]
            learner, moved = outer.virtual, list(zip(*reports, strict=True))
        else:
            learner = state.learner
            if remat or steps > 1:
                learner = learner._replace(params=after(learner.params, meta_params))
            learner, moved = actual(learner, begun, meta_params, None if virtual_rows else outer.passed)
        meta = Meta(() if problem.fresh else meta_params, meta_opt_state, outer.engine_state)
        info = summed(*moved)._replace(outer_loss=outer.value / network.copies, metrics=outer.metrics)
        return State(state.step + steps, learner, meta, state.memory), info

    def step_between(key, state: State, batch: Batch, clean: Batch) -> tuple[State, Info]:
        begun = begin(key, state, batch, clean)
        learner, moved = actual(state.learner, begun, begun.meta_params)
        return state._replace(step=state.step + 1, learner=learner), summed(*moved)

    def move_meta(outer: Outer, meta: Meta, meta_params):
        """Returns (meta-parameters, optimiser state) after the meta step, unmoved while the engine is not ready."""
        updates, opt_state = meta_tx.update(outer.grads, meta.opt_state, meta_params)
        moved, still = (optax.apply_updates(meta_params, updates), opt_state), (meta_params, meta.opt_state)
        if outer.ready is True:
            return moved
        return jax.tree.map(lambda new, old: jnp.where(outer.ready, new, old), moved, still)

    def described(outputs, meta_params, batch: Batch):
        """Returns (loss, rows) of the inner loss."""
        loss, rows = problem.inner_loss(outputs, meta_params, batch)
        return loss, describe(rows, outputs, batch)

    def actual(learner: Learner, begun: _Begun, meta_params, passed: Pass | None = None):
        """Returns (learner, (losses, rows)) after the actual step on every batch; `passed` is the pass of the first."""
        losses, rows = [], []
        for batch in begun.batches:
            if passed is None:
                forward = functools.partial(begun.forward, batch_stats=learner.batch_stats, batch=batch)
                outputs, pullback, batch_stats = jax.vjp(forward, learner.params, has_aux=True)
            else:
                outputs, pullback, batch_stats = passed.outputs, passed.pullback, passed.batch_stats

            def loss_of(outputs, params, learner=learner, batch=batch):
                if problem.actual_loss is None:
                    return described(outputs, meta_params, batch)
                model = further_passes(network, learner, params, begun.key_model)
                loss, row = problem.actual_loss(outputs, model, meta_params, batch, begun.clean)
                return loss, describe(row, outputs, batch)

            (loss, row), slopes = jax.value_and_grad(loss_of, argnums=(0, 1), has_aux=True)(outputs, learner.params)
            grads = jax.tree.map(jnp.add, pullback(slopes[0])[0], slopes[1])
            learner = move(tx, learner, grads, batch_stats)
            losses.append(loss)
            rows.append(row)
        return learner, (losses, rows)

    def summed(losses, rows) -> Info:
        rows = predictions.flat_rows(network, jax.tree.map(lambda *x: jnp.concatenate(x), *rows))
        return Info(jnp.mean(jnp.stack(losses)) / network.copies, None, rows)

    def predict(state: State, inputs):
        return predictions.logits(network, state.learner, inputs)

    def refresh(key, state: State, sweep, epoch) -> Refreshed:
        def sweep_outputs(fn):
            values = sweep(on_outputs(network, fn))
            return values if network.copies == 1 else jax.tree.map(lambda x: x.swapaxes(0, 1), values)

        assert problem.refresh is not None
        return problem.refresh(key, state.memory, sweep_outputs, epoch)

    def learned(state: State):
        return {} if problem.fresh else problem.learned(state.meta.params)

    def meta_grads(key, state: State, batch: Batch, clean: Batch):
        return look_ahead(begin(key, state, batch, clean), state).grads

    return Method(
        init,
        step,
        predict,
        refresh=None if problem.refresh is None else refresh,
        between=None if interval == 1 else Between(step_between, interval),
        learned=learned,
        meta_grads=meta_grads,
        copies=network.copies,
    )
