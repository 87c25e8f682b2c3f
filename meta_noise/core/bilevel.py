"""From a bi-level problem to a training method.

One step: *virtual* (a differentiable trial update on the noisy batch), *meta* (the outer loss on the clean batch after
it, differentiated by the meta-parameters), *actual* (an ordinary update with the new meta-parameters).
"""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import optax

from meta_noise.core import predict as predictions
from meta_noise.core.actual import act, described, info_of
from meta_noise.core.begin import Begun, begin, strong
from meta_noise.core.meta_gradient import mixed_mode
from meta_noise.core.passes import parts, refreshing, spaced, train_pass
from meta_noise.core.problem import Problem
from meta_noise.core.scheduling import after
from meta_noise.core.virtual import Virtual, is_live, live
from meta_noise.types import (
    Batch,
    Info,
    Inner,
    Learner,
    Meta,
    MetaGradient,
    Method,
    Network,
    Outer,
    PyTree,
    State,
)


def bilevel(
    problem: Problem,
    network: Network,
    tx: optax.GradientTransformation,
    meta_tx: optax.GradientTransformation,
    meta_gradient: MetaGradient | None = None,
    virtual: Virtual | None = None,
    remat: bool = False,
) -> Method:
    """Returns the training method that solves `problem` with `network`.

    Args:
        problem: losses and meta-parameters.
        network: the classifier.
        tx: its optimiser.
        meta_tx: how the meta-parameters move; stateless where they are fresh in every batch.
        meta_gradient: engine, `mixed_mode()` unless given.
        virtual: the virtual step or steps, `live()` unless given.
        remat: the parts of a step share no forward pass, so that none has to be kept: less memory, more time. Several
            virtual steps never share any.

    Raises:
        ValueError: choices that exclude each other; the message says why.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import Batch, bilevel, live
    >>> from meta_noise.methods.l2r import l2r
    >>> from meta_noise.methods.mw_net import mw_net
    >>> from meta_noise.models import from_functions
    >>> network = from_functions(lambda key, x: jnp.zeros((4, 3)), lambda params, x, train, key: x @ params)
    >>> batch = Batch(jnp.eye(4), jnp.array([0, 1, 2, 0]), jnp.arange(4))
    >>> method = bilevel(mw_net(), network, optax.sgd(0.1), optax.adam(1e-3))
    >>> state = method.init(jax.random.key(0), batch)
    >>> state, info = jax.jit(method.step)(jax.random.key(1), state, batch, batch)
    >>> f"{info.loss:.3f}", info.rows.weights.shape
    ('1.099', (4,))
    """
    meta_gradient = mixed_mode() if meta_gradient is None else meta_gradient
    virtual = live() if virtual is None else virtual
    _check(problem, network, virtual)
    begun_by = functools.partial(begin, problem, network, virtual.steps)
    ahead = _looking_ahead(problem, network, tx, meta_gradient, virtual, remat)
    acting = functools.partial(act, problem, network, tx)

    def step(key, state: State, batch: Batch, clean: Batch) -> tuple[State, Info]:
        begun = begun_by(key, state, batch, clean)
        outer = ahead(begun, state)
        meta_params, meta_opt_state = _moved(meta_tx, outer, state.meta, begun.meta_params)
        if virtual.reuse:
            pairs = zip(outer.outputs, begun.batches, strict=True)
            reports = tuple(described(problem, outputs, begun.meta_params, batch) for outputs, batch in pairs)
            learner = outer.virtual
        else:
            learner = state.learner
            if remat:  # several steps are taken in loops, which share nothing
                learner = learner._replace(params=after(learner.params, meta_params))
            learner, reports = acting(learner, begun, meta_params, None if virtual.rows else outer.passed)
        meta = Meta(() if problem.fresh else meta_params, meta_opt_state, outer.engine_state)
        info = info_of(network, reports)._replace(outer_loss=outer.value / network.copies, metrics=outer.metrics)
        return State(state.step + virtual.steps, learner, meta, state.memory), info

    def plain(key, state: State, batch: Batch, clean: Batch) -> tuple[State, Info]:
        begun = begun_by(key, state, batch, clean)
        learner, reports = acting(state.learner, begun, begun.meta_params)
        return state._replace(step=state.step + 1, learner=learner), info_of(network, reports)

    def meta_grads(key, state: State, batch: Batch, clean: Batch) -> PyTree:
        return ahead(begun_by(key, state, batch, clean), state).grads

    return Method(
        _starting(problem, network, tx, meta_tx, meta_gradient, virtual.steps),
        step,
        predict=lambda state, inputs: predictions.logits(network, state.learner, inputs),
        refresh=None if problem.refresh is None else refreshing(problem.refresh, network),
        plain=None if problem.fresh or virtual.steps > 1 else plain,
        learned=lambda state: {} if problem.fresh else problem.learned(state.meta.params),
        meta_grads=meta_grads,
        copies=network.copies,
    )


def _check(problem: Problem, network: Network, virtual: Virtual) -> None:
    """Raises ValueError where choices exclude each other."""
    if virtual.reuse and not is_live(virtual):
        raise ValueError(
            "reuse_virtual makes the virtual step the actual one, so the virtual rule must be live(); "
            "choose live or set reuse_virtual to False"
        )
    if virtual.reuse and problem.actual_loss is not None:
        raise ValueError("reuse_virtual takes no actual step, but this method has a loss for it; set it to False")
    if virtual.reuse and virtual.rows:
        raise ValueError(f"reuse_virtual would leave out rows with virtual_rows={virtual.rows}; use one of the two")
    for name, changed in (("steps", virtual.steps > 1), ("virtual_rows", virtual.rows > 0)):
        if changed and problem.fresh:
            raise ValueError(f"{name} must be left alone: this method's meta-parameters are made anew in every batch")
    if virtual.steps > 1 and network.copies > 1:
        raise ValueError(f"steps is {virtual.steps}, but a pair of networks takes one virtual step at a time; use 1")
    if network.copies != problem.copies:
        raise ValueError(f"this method trains {problem.copies} networks at a time, got {network.copies}")


def _starting(problem: Problem, network: Network, tx, meta_tx, meta_gradient: MetaGradient, steps: int) -> Callable:
    """Returns `init` of the method."""

    def init(key, batch: Batch) -> State:
        key_network, key_meta, key_engine, key_memory = jax.random.split(key, 4)
        batch = parts(batch, steps)[0]
        params, batch_stats = strong(network.init(key_network, batch.inputs))
        outputs, _ = jax.eval_shape(train_pass(network, key_network, problem.with_views), params, batch_stats, batch)
        meta_params = strong(problem.init_meta(key_meta, batch, outputs))
        engine = meta_gradient.init(key_engine, params, meta_params)
        kept = () if problem.fresh else meta_params
        meta = Meta(kept, meta_tx.init(kept), engine)
        step = jnp.zeros((), jnp.int32)
        return State(step, Learner(params, batch_stats, tx.init(params)), meta, problem.init_memory(key_memory, batch))

    return init


def _looking_ahead(
    problem: Problem, network: Network, tx, meta_gradient: MetaGradient, virtual: Virtual, remat: bool
) -> Callable[[Begun, State], Outer]:
    """Returns the function for the virtual and the meta part of a step."""

    def inner_loss(outputs, meta_params, batch):
        return problem.inner_loss(outputs, meta_params, batch)[0]

    def look_ahead(begun: Begun, state: State) -> Outer:
        def outer_loss(params, batch_stats):
            value = problem.outer_loss(begun.forward_clean(params, batch_stats, begun.clean)[0], begun.clean)
            return value if problem.outer_penalty is None else value + problem.outer_penalty(params)

        inner = Inner(begun.forward, inner_loss, virtual.rule(tx, state.step), problem.still, remat)
        batches = tuple(spaced(batch, virtual.rows) for batch in begun.batches) if virtual.rows else begun.batches
        engine_state, meta_params = state.meta.engine, begun.meta_params
        outer = meta_gradient.value_and_grad(
            begun.key_engine, engine_state, inner, outer_loss, state.learner, batches, meta_params
        )
        if problem.meta_penalty is None:
            return outer
        further = jax.grad(problem.meta_penalty)(meta_params, begun.clean)
        return outer._replace(grads=jax.tree.map(jnp.add, outer.grads, further))

    return look_ahead


def _moved(meta_tx: optax.GradientTransformation, outer: Outer, meta: Meta, meta_params) -> tuple[PyTree, PyTree]:
    """Returns (meta-parameters, optimiser state) after the meta step, unmoved while the engine is not ready."""
    updates, opt_state = meta_tx.update(outer.grads, meta.opt_state, meta_params)
    moved, still = (optax.apply_updates(meta_params, updates), opt_state), (meta_params, meta.opt_state)
    if outer.ready is True:
        return moved
    return jax.tree.map(lambda new, old: jnp.where(outer.ready, new, old), moved, still)
