"""Two ways to the same number: how the outer loss after virtual steps depends on the meta-parameters.

With `theta_{t+1} = U(theta_t, g_t)`, `g_t = grad_theta L_t(theta_t, a)`, the meta-gradient is `d L_v(theta_k) / d a`.

`unrolled` lets reverse mode run through the optimiser's updates: it needs no mathematics and is the reference.

`mixed_mode` uses that, for a vector `u` held constant, `d/da <g(a), u> = d/da (D L(theta, a)[u])`: with
`u = (dU/dg)^T grad L_v(theta')` one forward-mode pass along `u` gives the exact result, and since every loss reads the
network's outputs only, one tangent of the outputs serves all meta-parameters. No second derivative of the network is
ever formed for one virtual step; for k steps the adjoint recursion adds one Hessian-vector product per earlier step.
A filter on `u` drops, gates or changes parts of it: parts that it drops cost nothing.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.core.cotangents import keep_all
from meta_noise.core.scheduling import after
from meta_noise.types import Batch, CotangentFilter, Inner, Learner, MetaGradient, Outer, Pass


def unrolled() -> MetaGradient:
    """Returns the reference engine: `jax.grad` through the unrolled optimiser updates."""

    def init(key, params, meta_params):
        del key, params, meta_params
        return ()

    def value_and_grad(key, engine_state, inner: Inner, outer_loss, start: Learner, batches, meta_params) -> Outer:
        del key
        zeros = _zeros(start.params)

        def outer_of(meta_params, shift_grads, shift_virtual):
            # The two shifts are zero: their derivatives are `direction` and `outer_grads`.
            carry, stats, outputs = (start.params, start.opt_state), start.batch_stats, []
            for position, batch in enumerate(batches):
                grads, (output, stats) = _inner_grads(inner, carry[0], stats, batch, meta_params)
                outputs.append(output)
                if position == 0:
                    grads = jax.tree.map(jnp.add, grads, shift_grads)
                carry = inner.update(grads, carry)
            carry = (jax.tree.map(jnp.add, carry[0], shift_virtual), carry[1])
            return outer_loss(carry[0], stats), (Learner(carry[0], stats, carry[1]), tuple(outputs))

        differentiate = jax.value_and_grad(outer_of, argnums=(0, 1, 2), has_aux=True)
        (value, (virtual, outputs)), (grads, direction, outer_grads) = differentiate(meta_params, zeros, zeros)
        return Outer(value, grads, virtual, engine_state, outer_grads, direction, outputs)

    return MetaGradient(init, value_and_grad)


def mixed_mode(cotangents: CotangentFilter | None = None, kept_only: bool = False) -> MetaGradient:
    """Returns the default engine: reverse mode for the outer loss, forward mode for the inner one.

    Args:
        cotangents: parts of the inner gradient that the meta-gradient goes through, all of it unless given. With
            several virtual steps it is asked for each of them, last one first, with the same key.
        kept_only: the virtual step moves those parts only, so that nothing is differentiated below them but the actual
            step. FaMUS differs: its virtual step is whole.

    Raises:
        ValueError: `kept_only` with a filter that drops nothing.
    """
    cotangents = keep_all() if cotangents is None else cotangents
    if kept_only and cotangents.kept is None:
        raise ValueError("a virtual step of the kept layers needs a filter that drops some, such as layer_sampler")

    def init(key, params, meta_params):
        del meta_params
        return cotangents.init(key, params)

    def value_and_grad(key, engine_state, inner: Inner, outer_loss, start: Learner, batches, meta_params) -> Outer:
        if cotangents.one_step and len(batches) > 1:
            raise ValueError(
                "this filter reads one inner gradient per meta step and learns from it (layer_sampler trains its gates "
                f"so), got {len(batches)} virtual steps; use one virtual step, or a filter such as keep_last"
            )
        everywhere = range(len(jax.tree.leaves(start.params)))
        kept = everywhere if cotangents.kept is None else sorted(cotangents.kept(start.params))
        if kept_only:
            inner = inner._replace(update=_of_kept(inner.update, kept))
        if len(batches) == 1 and not inner.remat:
            return one_step(key, engine_state, inner, outer_loss, start, batches[0], meta_params, kept)
        return chain(key, engine_state, inner, outer_loss, start, batches, meta_params)

    def one_step(key, state, inner: Inner, outer_loss, start: Learner, batch: Batch, meta_params, kept) -> Outer:
        passed, tangent_along = _linearised(inner, start.params, start.batch_stats, batch, kept)
        outputs = passed.outputs
        if inner.still:
            grads = _zeros(start.params)
        else:
            (grads,) = passed.pullback(jax.grad(lambda z: inner.loss(z, meta_params, batch))(outputs))
        carry, transpose = jax.vjp(inner.update, grads, (start.params, start.opt_state))
        value, outer_grads = jax.value_and_grad(outer_loss)(carry[0], passed.batch_stats)
        direction, _ = transpose((outer_grads, _zero_cotangents(carry[1])))
        chosen, state, metrics = cotangents.update(key, direction, state, grads, outer_grads)
        meta_grads = _slope(inner, outputs, tangent_along(chosen), batch, meta_params)
        virtual = Learner(carry[0], passed.batch_stats, carry[1])
        return Outer(value, meta_grads, virtual, state, outer_grads, direction, (outputs,), True, metrics, passed)

    def chain(key, engine_state, inner: Inner, outer_loss, start: Learner, batches, meta_params) -> Outer:
        carry, stats = (start.params, start.opt_state), start.batch_stats
        tape, outputs = [], []
        for batch in batches:
            grads, (output, next_stats) = _inner_grads(inner, carry[0], stats, batch, meta_params)
            outputs.append(output)
            next_carry, transpose = jax.vjp(inner.update, grads, carry)
            tape.append((carry[0], stats, batch, grads, transpose))
            carry, stats = next_carry, next_stats

        value, outer_grads = jax.value_and_grad(outer_loss)(carry[0], stats)
        virtual = Learner(carry[0], stats, carry[1])

        def choose(direction, grads, state):
            return cotangents.update(key, direction, state, grads, outer_grads)

        cotangent = (outer_grads, _zero_cotangents(carry[1]))
        direction, meta_grads, state, metrics = _adjoint(inner, tape, cotangent, meta_params, choose, engine_state)
        return Outer(value, meta_grads, virtual, state, outer_grads, direction, outputs=tuple(outputs), metrics=metrics)

    return MetaGradient(init, value_and_grad)


def _of_kept(update, kept):
    """Returns the virtual step `update` in which only the leaves at the positions `kept` move."""

    def only(grads, carry):
        before, treedef = jax.tree.flatten(carry[0])
        zeroed = [g if p in kept else jnp.zeros_like(g) for p, g in enumerate(jax.tree.leaves(grads))]
        params, opt_state = update(jax.tree.unflatten(treedef, zeroed), carry)
        moved = [leaf if p in kept else before[p] for p, leaf in enumerate(jax.tree.leaves(params))]
        return jax.tree.unflatten(treedef, moved), opt_state

    return only


def _linearised(inner: Inner, params, stats, batch: Batch, kept):
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


def _zeros(tree):
    return jax.tree.map(jnp.zeros_like, tree)


def _inner_grads(inner: Inner, params, stats, batch: Batch, meta_params):
    """Returns the gradient of the inner loss by the parameters, and (outputs, new batch statistics)."""

    def loss(params):
        outputs, new_stats = inner.forward(params, stats, batch)
        return inner.loss(outputs, meta_params, batch), (outputs, new_stats)

    return jax.grad(loss, has_aux=True)(params)


def _adjoint(inner: Inner, tape, cotangent, meta_params, choose, state):
    """Returns (cotangent of the first inner gradient, meta-gradient, filter state, metrics), by the recursion above.

    `choose(direction, grads, state) -> (direction, state, metrics)` is the filter.
    """
    total = _zeros(meta_params)
    for position in reversed(range(len(tape))):
        params, stats, batch, grads, transpose = tape[position]
        direction, cotangent = transpose(cotangent)
        chosen, state, metrics = choose(direction, grads, state)
        params = after(params, chosen)  # else the forward pass of every virtual step would be kept until here
        if position == 0:
            outputs, tangent = _jvp(lambda p, s=stats, b=batch: inner.forward(p, s, b)[0], params, chosen)
            total = jax.tree.map(jnp.add, total, _slope(inner, outputs, tangent, batch, meta_params))
            break

        def along(params, meta_params, stats=stats, batch=batch, chosen=chosen):
            def loss(params):
                return inner.loss(inner.forward(params, stats, batch)[0], meta_params, batch)

            return _jvp(loss, params, chosen)[1]

        curvature, meta_grads = jax.grad(along, argnums=(0, 1))(params, meta_params)
        cotangent = (jax.tree.map(jnp.add, cotangent[0], curvature), cotangent[1])
        total = jax.tree.map(jnp.add, total, meta_grads)
    return direction, total, state, metrics


def _slope(inner: Inner, outputs, tangent, batch: Batch, meta_params):
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


def _zero_cotangents(tree: Any) -> Any:
    """Returns zeros fit as cotangents of `tree`, also for its integer leaves (step counts)."""

    def zero(x):
        x = jnp.asarray(x)
        return jnp.zeros_like(x) if jnp.issubdtype(x.dtype, jnp.inexact) else np.zeros(x.shape, jax.dtypes.float0)

    return jax.tree.map(zero, tree)
