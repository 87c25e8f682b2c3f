"""Two ways to the same number: how the outer loss after virtual steps depends on the meta-parameters.

With `theta_{t+1} = U(theta_t, g_t)`, `g_t = grad_theta L_t(theta_t, a)`, the meta-gradient is `d L_v(theta_k) / d a`.

`unrolled` lets reverse mode run through the optimiser's updates: it needs no mathematics and is the reference.

`mixed_mode` uses that, for a vector `u` held constant, `d/da <g(a), u> = d/da (D L(theta, a)[u])`: with
`u = (dU/dg)^T grad L_v(theta')` one forward-mode pass along `u` gives the exact result, and since every loss reads the
network's outputs only, one tangent of the outputs serves all meta-parameters. No second derivative of the network is
ever formed for one virtual step; for k steps the adjoint recursion adds one Hessian-vector product per earlier step.
A filter on `u` drops, gates or changes parts of it: parts that it drops cost nothing.
"""

import jax
import jax.numpy as jnp

from meta_noise.core.cotangents import keep_all
from meta_noise.core.loops import apart, one_by_one
from meta_noise.core.tangents import (
    at_end,
    backwards,
    inner_grads,
    kept_step,
    linearised,
    moved,
    of_kept,
    slope,
    to_the_first,
    zeros_like,
)
from meta_noise.types import Batch, CotangentFilter, Inner, Learner, MetaGradient, Outer


def unrolled() -> MetaGradient:
    """Returns the reference engine: `jax.grad` through the unrolled optimiser updates.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import Batch, bilevel, unrolled
    >>> from meta_noise.methods.mw_net import mw_net
    >>> from meta_noise.models import from_functions
    >>> network = from_functions(lambda key, x: jnp.zeros((4, 3)), lambda params, x, train, key: x @ params)
    >>> batch = Batch(jnp.eye(4), jnp.array([0, 1, 2, 0]), jnp.arange(4))
    >>> method = bilevel(mw_net(), network, optax.sgd(0.1), optax.adam(1e-3), unrolled())
    >>> state = method.init(jax.random.key(0), batch)
    >>> len(jax.tree.leaves(method.meta_grads(jax.random.key(1), state, batch, batch)))
    4
    """

    def init(key, params, meta_params):
        del key, params, meta_params
        return ()

    def value_and_grad(key, engine_state, inner: Inner, outer_loss, start: Learner, batches, meta_params) -> Outer:
        del key
        zeros = zeros_like(start.params)

        def outer_of(meta_params, shift_grads, shift_virtual):
            # The two shifts are zero: their derivatives are `direction` and `outer_grads`.
            carry, stats, outputs = (start.params, start.opt_state), start.batch_stats, []
            for position, batch in enumerate(batches):
                grads, (output, stats) = inner_grads(inner, carry[0], stats, batch, meta_params)
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
        ValueError: `kept_only` with a filter that drops nothing; several virtual steps with a filter of one (when
            tracing).

    >>> import jax
    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import Batch, bilevel, mixed_mode, unrolled
    >>> from meta_noise.methods.mw_net import mw_net
    >>> from meta_noise.models import from_functions
    >>> network = from_functions(lambda key, x: jnp.zeros((4, 3)), lambda params, x, train, key: x @ params)
    >>> batch = Batch(jnp.eye(4), jnp.array([0, 1, 2, 0]), jnp.arange(4))
    >>> found = []
    >>> for engine in (mixed_mode(), unrolled()):
    ...     method = bilevel(mw_net(), network, optax.sgd(0.1), optax.adam(1e-3), engine)
    ...     state = method.init(jax.random.key(0), batch)
    ...     found.append(method.meta_grads(jax.random.key(1), state, batch, batch))
    ...
    >>> bool(jax.tree.all(jax.tree.map(lambda a, b: jnp.allclose(a, b, atol=1e-6), *found)))
    True
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
            inner = inner._replace(update=of_kept(inner.update, kept))

        def choose(direction, grads, state, outer_grads):
            return cotangents.update(key, direction, state, grads, outer_grads)

        if len(batches) == 1 and not inner.remat:
            return _one_step(choose, kept, engine_state, inner, outer_loss, start, batches[0], meta_params)
        return _chain(choose, engine_state, inner, outer_loss, start, batches, meta_params)

    return MetaGradient(init, value_and_grad)


def _one_step(choose, kept, state, inner: Inner, outer_loss, start: Learner, batch: Batch, meta_params) -> Outer:
    """Returns the answer for one virtual step, whose pass is kept; `choose` is the filter, `kept` what it may keep."""
    passed, tangent_along = linearised(inner, start.params, start.batch_stats, batch, kept)
    outputs = passed.outputs
    if inner.still:
        grads = zeros_like(start.params)
    else:
        (grads,) = passed.pullback(jax.grad(lambda z: inner.loss(z, meta_params, batch))(outputs))
    (params, opt_state), back = moved(inner, grads, start)
    value, outer_grads = jax.value_and_grad(outer_loss)(params, passed.batch_stats)
    direction, _ = back(at_end(outer_grads, opt_state))
    chosen, state, metrics = choose(direction, grads, state, outer_grads)
    meta_grads = slope(inner, outputs, tangent_along(chosen), batch, meta_params)
    virtual = Learner(params, passed.batch_stats, opt_state)
    return Outer(value, meta_grads, virtual, state, outer_grads, direction, (outputs,), True, metrics, passed)


def _chain(choose, engine_state, inner: Inner, outer_loss, start: Learner, batches, meta_params) -> Outer:
    """Returns the answer for any number of virtual steps, of which no pass is kept; `choose` is the filter."""

    def step(learner, batch):
        return kept_step(inner, learner, batch, meta_params)

    virtual, (taken, outputs) = one_by_one(step, start, batches)
    value, outer_grads = jax.value_and_grad(outer_loss)(virtual.params, virtual.batch_stats)

    def choose_of(direction, grads, state):
        return choose(direction, grads, state, outer_grads)

    carry = at_end(outer_grads, virtual.opt_state), zeros_like(meta_params), engine_state
    if len(batches) > 1:
        further = jax.tree.map(lambda x: x[1:], taken)
        carry, _ = jax.lax.scan(backwards(inner, meta_params, choose_of), carry, further, reverse=True)
    first = jax.tree.map(lambda x: x[0], taken)
    direction, meta_grads, state, metrics = to_the_first(inner, carry, first, meta_params, choose_of)
    outputs = apart(outputs, len(batches))
    return Outer(value, meta_grads, virtual, state, outer_grads, direction, outputs, metrics=metrics)
