"""Derivatives of the lower level along a direction, from which the engines of `meta_gradient` are made."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from meta_noise.core.loops import apart, one_by_one
from meta_noise.core.scheduling import after
from meta_noise.types import Batch, Inner, Learner, Pass, PyTree


def of_kept(update, kept):
    """Returns the virtual step `update` in which only the leaves at the positions `kept` move."""

    def only(grads, carry):
        before, treedef = jax.tree.flatten(carry[0])
        zeroed = [g if p in kept else jnp.zeros_like(g) for p, g in enumerate(jax.tree.leaves(grads))]
        params, opt_state = update(jax.tree.unflatten(treedef, zeroed), carry)
        moved = [leaf if p in kept else before[p] for p, leaf in enumerate(jax.tree.leaves(params))]
        return jax.tree.unflatten(treedef, moved), opt_state

    return only


def linearised(inner: Inner, params, stats, batch: Batch, kept):
    """Returns the pass of a batch, and `(direction) -> tangent of the outputs` along its leaves at positions `kept`.

    Forward and reverse mode are taken from one trace. From traces of their own the compiler would have to find out that
    they share the forward pass, and where forward mode leaves out the first layers it does not.
    """

    def of_params(params):
        def of_kept(values):
            return inner.forward(_replaced(params, kept, values), stats, batch)

        leaves = jax.tree.leaves(params)
        outputs, along, new_stats = jax.linearize(of_kept, [leaves[p] for p in kept], has_aux=True)
        return outputs, (along, new_stats)

    outputs, pull, (along, new_stats) = jax.vjp(of_params, params, has_aux=True)

    def tangent(direction):
        leaves = jax.tree.leaves(direction, is_leaf=lambda x: x is None)
        like = jax.tree.leaves(params)
        return along([jnp.zeros_like(like[p]) if leaves[p] is None else leaves[p] for p in kept])

    return Pass(outputs, new_stats, pull), tangent


def zeros_like(tree):
    """Returns zeros in the shape of `tree`."""
    return jax.tree.map(jnp.zeros_like, tree)


def inner_grads(inner: Inner, params, stats, batch: Batch, meta_params):
    """Returns the gradient of the inner loss by the parameters, and (outputs, new batch statistics)."""

    def loss(params):
        outputs, new_stats = inner.forward(params, stats, batch)
        return inner.loss(outputs, meta_params, batch), (outputs, new_stats)

    return jax.grad(loss, has_aux=True)(params)


def moved(inner: Inner, grads, start: Learner):
    """Returns (params, opt_state) after a virtual step along `grads`, and how to go back through it.

    `(of params, of opt_state) -> (of grads, (of params, of opt_state))` takes the cotangents of what the step gave to
    those of what it was given. Those of an optimiser's state are a list, of its leaves with real numbers alone.
    """
    real = _real(start.opt_state)

    def update(grads, before):
        params, opt_state = inner.update(grads, (before[0], _replaced(start.opt_state, real, before[1])))
        return (params, list(_real(opt_state).values())), opt_state

    (params, _), back, opt_state = jax.vjp(update, grads, (start.params, list(real.values())), has_aux=True)
    return (params, opt_state), back


def _real(tree):
    """Returns the leaves with real numbers by their positions."""
    leaves = enumerate(jax.tree.leaves(tree))
    return {position: leaf for position, leaf in leaves if jnp.issubdtype(jnp.result_type(leaf), jnp.inexact)}


def at_end(outer_grads, opt_state):
    """Returns the cotangents after the last virtual step, on whose optimiser's state the outer loss does not depend."""
    return outer_grads, [jnp.zeros_like(leaf) for leaf in _real(opt_state).values()]


class Taken(NamedTuple):
    """What a virtual step was, to go back through it; of several steps, with a leading axis.

    Attributes:
        params: before the step.
        batch_stats: likewise.
        batch: of the step.
        grads: gradient of the inner loss.
        back: from the cotangents after the step to those before it, see `moved`.
    """

    params: PyTree
    batch_stats: PyTree
    batch: Batch
    grads: PyTree
    back: Any


def kept_step(inner: Inner, start: Learner, batch: Batch, meta_params):
    """Returns (Learner after a virtual step, (`Taken`, outputs of its pass))."""
    grads, (outputs, stats) = inner_grads(inner, start.params, start.batch_stats, batch, meta_params)
    (params, opt_state), back = moved(inner, grads, start)
    return Learner(params, stats, opt_state), (Taken(start.params, start.batch_stats, batch, grads, back), outputs)


def taken_steps(inner: Inner, start: Learner, batches, meta_params):
    """Returns (Learner after virtual steps, or none, that nothing goes back through, outputs of their passes)."""

    def step(learner, batch):
        learner, (_, outputs) = kept_step(inner, learner, batch, meta_params)
        return learner, outputs

    if not batches:
        return start, ()
    learner, outputs = one_by_one(step, start, batches)
    return learner, apart(outputs, len(batches))


def backwards(inner: Inner, meta_params, choose):
    """Returns `(carry, Taken) -> (carry, None)`, which goes back through a virtual step that is not the first.

    A carry is (cotangents after the step, the meta-gradient of the steps after it, filter state); the filter is
    `choose(direction, grads, state) -> (direction, state, metrics)`. The recursion is that of `meta_gradient`.
    """

    def back(carry, taken: Taken):
        cotangents, total, state = carry
        direction, (of_params, of_opt_state) = taken.back(cotangents)
        chosen, state, _ = choose(direction, taken.grads, state)

        def along(params, meta_params):
            def loss(params):
                return inner.loss(inner.forward(params, taken.batch_stats, taken.batch)[0], meta_params, taken.batch)

            return _jvp(loss, params, chosen)[1]

        curvature, meta_grads = jax.grad(along, argnums=(0, 1))(taken.params, meta_params)
        cotangents = jax.tree.map(jnp.add, of_params, curvature), of_opt_state
        return (cotangents, jax.tree.map(jnp.add, total, meta_grads), state), None

    return back


def to_the_first(inner: Inner, carry, first: Taken, meta_params, choose):
    """Returns (cotangent of the first inner gradient, meta-gradient, filter state, metrics) after `backwards`."""
    cotangents, total, state = carry
    direction, _ = first.back(cotangents)
    chosen, state, metrics = choose(direction, first.grads, state)
    params = after(first.params, chosen)  # else the forward pass of a virtual step would be kept until here
    outputs, tangent = _jvp(lambda p: inner.forward(p, first.batch_stats, first.batch)[0], params, chosen)
    total = jax.tree.map(jnp.add, total, slope(inner, outputs, tangent, first.batch, meta_params))
    return direction, total, state, metrics


def slope(inner: Inner, outputs, tangent, batch: Batch, meta_params):
    """Returns `d/da D L(theta, a)` along the direction in which `tangent` is the change of the outputs."""

    def along(meta_params):
        return jax.jvp(lambda z: inner.loss(z, meta_params, batch), (outputs,), (tangent,))[1]

    return jax.grad(along)(meta_params)


def _jvp(function, params, direction):
    """Returns `jax.jvp` of `function` along `direction`; where that is None the parameter is a constant."""
    leaves = jax.tree.leaves(params)
    tangents = jax.tree.leaves(direction, is_leaf=lambda x: x is None)
    moving = [p for p, (_, tangent) in enumerate(zip(leaves, tangents, strict=True)) if tangent is not None]

    def of_moving(values):
        return function(_replaced(params, moving, values))

    return jax.jvp(of_moving, ([leaves[p] for p in moving],), ([tangents[p] for p in moving],))


def _replaced(tree, positions, values):
    """Returns the tree with `values` in place of its leaves at `positions`."""
    leaves, treedef = jax.tree.flatten(tree)
    replaced = dict(zip(positions, values, strict=True))
    return jax.tree.unflatten(treedef, [replaced.get(p, leaf) for p, leaf in enumerate(leaves)])
