"""Derivatives of the lower level along a direction, from which the engines of `meta_gradient` are made."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.core.scheduling import after
from meta_noise.types import Batch, Inner, Learner, Pass


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


def taken_step(inner: Inner, start: Learner, batch: Batch, meta_params):
    """Returns (Learner after a virtual step, outputs of its pass)."""
    grads, (outputs, stats) = inner_grads(inner, start.params, start.batch_stats, batch, meta_params)
    params, opt_state = inner.update(grads, (start.params, start.opt_state))
    return Learner(params, stats, opt_state), outputs


def adjoint(inner: Inner, tape, cotangent, meta_params, choose, state):
    """Returns (cotangent of the first inner gradient, meta-gradient, filter state, metrics).

    The recursion is that of `meta_gradient`; the filter is `choose(direction, grads, state) -> (direction, state,
    metrics)`.
    """
    total = zeros_like(meta_params)
    for position in reversed(range(len(tape))):
        params, stats, batch, grads, transpose = tape[position]
        direction, cotangent = transpose(cotangent)
        chosen, state, metrics = choose(direction, grads, state)
        params = after(params, chosen)  # else the forward pass of every virtual step would be kept until here
        if position == 0:
            outputs, tangent = _jvp(lambda p, s=stats, b=batch: inner.forward(p, s, b)[0], params, chosen)
            total = jax.tree.map(jnp.add, total, slope(inner, outputs, tangent, batch, meta_params))
            break

        def along(params, meta_params, stats=stats, batch=batch, chosen=chosen):
            def loss(params):
                return inner.loss(inner.forward(params, stats, batch)[0], meta_params, batch)

            return _jvp(loss, params, chosen)[1]

        curvature, meta_grads = jax.grad(along, argnums=(0, 1))(params, meta_params)
        cotangent = (jax.tree.map(jnp.add, cotangent[0], curvature), cotangent[1])
        total = jax.tree.map(jnp.add, total, meta_grads)
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


def zero_cotangents(tree: Any) -> Any:
    """Returns zeros fit as cotangents of `tree`, also for its integer leaves (step counts)."""

    def zero(x):
        x = jnp.asarray(x)
        return jnp.zeros_like(x) if jnp.issubdtype(x.dtype, jnp.inexact) else np.zeros(x.shape, jax.dtypes.float0)

    return jax.tree.map(zero, tree)
