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
from meta_noise.scheduling import after
from meta_noise.types import Batch, CotangentFilter, Inner, Learner, MetaGradient, Outer


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


def mixed_mode(cotangents: CotangentFilter | None = None) -> MetaGradient:
    """Returns the default engine: reverse mode for the outer loss, forward mode for the inner one.

    Args:
        cotangents: parts of the inner gradient that the meta-gradient goes through, all of it unless given. With
            several virtual steps it is asked for each of them, last one first, with the same key.
    """
    cotangents = keep_all() if cotangents is None else cotangents

    def init(key, params, meta_params):
        del meta_params
        return cotangents.init(key, params)

    def value_and_grad(key, engine_state, inner: Inner, outer_loss, start: Learner, batches, meta_params) -> Outer:
        if cotangents.one_step and len(batches) > 1:
            raise ValueError(
                "this filter reads one inner gradient per meta step and learns from it (layer_sampler trains its gates "
                f"so), got {len(batches)} virtual steps; use one virtual step, or a filter such as keep_last"
            )
        carry, stats = (start.params, start.opt_state), start.batch_stats
        tape, outputs = [], []
        for batch in batches:
            if inner.still:
                grads, (output, next_stats) = _zeros(carry[0]), inner.forward(carry[0], stats, batch)
            else:
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
        if inner.remat or len(tape) > 1:  # else the forward pass of every virtual step would be kept until here
            params = after(params, chosen)
        if position == 0:
            total = jax.tree.map(jnp.add, total, _meta_grads(inner, params, stats, batch, meta_params, chosen))
            break

        def along(params, meta_params, stats=stats, batch=batch, chosen=chosen):
            def loss(params):
                return inner.loss(inner.forward(params, stats, batch)[0], meta_params, batch)

            return _jvp(loss, params, chosen)[1]

        curvature, meta_grads = jax.grad(along, argnums=(0, 1))(params, meta_params)
        cotangent = (jax.tree.map(jnp.add, cotangent[0], curvature), cotangent[1])
        total = jax.tree.map(jnp.add, total, meta_grads)
    return direction, total, state, metrics


def _meta_grads(inner: Inner, params, stats, batch: Batch, meta_params, direction):
    """Returns `d/da D L(theta, a)[direction]` from one tangent pass of the network's outputs."""
    outputs, tangent = _jvp(lambda p: inner.forward(p, stats, batch)[0], params, direction)

    def along(meta_params):
        return jax.jvp(lambda z: inner.loss(z, meta_params, batch), (outputs,), (tangent,))[1]

    return jax.grad(along)(meta_params)


def _jvp(function, params, direction):
    """Returns `jax.jvp` of `function` along `direction`; where that is None the parameter is a constant."""
    leaves, treedef = jax.tree.flatten(params)
    tangents = jax.tree.leaves(direction, is_leaf=lambda x: x is None)
    moving = [p for p, (_, tangent) in enumerate(zip(leaves, tangents, strict=True)) if tangent is not None]

    def of_moving(values):
        replaced = dict(zip(moving, values, strict=True))
        return function(jax.tree.unflatten(treedef, [replaced.get(p, leaf) for p, leaf in enumerate(leaves)]))

    return jax.jvp(of_moving, ([leaves[p] for p in moving],), ([tangents[p] for p in moving],))


def _zero_cotangents(tree: Any) -> Any:
    """Returns zeros fit as cotangents of `tree`, also for its integer leaves (step counts)."""

    def zero(x):
        x = jnp.asarray(x)
        return jnp.zeros_like(x) if jnp.issubdtype(x.dtype, jnp.inexact) else np.zeros(x.shape, jax.dtypes.float0)

    return jax.tree.map(zero, tree)
