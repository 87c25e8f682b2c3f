"""Implicit differentiation: the virtual steps are taken to have arrived, and a Neumann series stands for their past.

Lorraine, Vicol, Duvenaud, "Optimizing Millions of Hyperparameters by Implicit Differentiation", AISTATS 2020. With
`Phi(theta, a)` the last virtual step, at a fixed point `theta = Phi(theta, a)` the derivative of theta by a is
`(I - dPhi/dtheta)^-1 dPhi/da`, and with J terms of the series of the inverse

    dL_v/da = (dPhi/da)^T p,    p = sum_{j < J} A^j v,    A = (dPhi/dtheta)^T,    v = grad L_v(theta_k)

For plain descent `A = I - rate H` and `dPhi/da = -rate d/da grad L`: the series of the paper, with the rate of the
virtual step. For any other optimiser `Phi` moves its state too, and `p` has a part for that. The paper takes the
derivatives at `theta_k`; this differs: they are those of the step that led there, so that with one term the result is
the exact meta-gradient of one virtual step.

It equals the exact meta-gradient in the limit of many steps and terms, where the virtual steps converge and all see the
same batch. A term more costs 9 passes (3 is a plain step), whatever the number of virtual steps.
"""

import jax

from meta_noise.core.tangents import at_end, backwards, kept_step, taken_steps, to_the_first, zeros_like
from meta_noise.types import Inner, Learner, MetaGradient, Outer


def neumann(terms: int) -> MetaGradient:
    """Returns the engine of implicit differentiation.

    Args:
        terms: of the series, J, at least 1.

    Raises:
        ValueError: `terms` is below 1.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import Batch, bilevel, mixed_mode, neumann
    >>> from meta_noise.methods.mw_net import mw_net
    >>> from meta_noise.models import from_functions
    >>> network = from_functions(lambda key, x: jnp.zeros((4, 3)), lambda params, x, train, key: x @ params)
    >>> batch = Batch(jnp.eye(4), jnp.array([0, 1, 2, 0]), jnp.arange(4))
    >>> found = []
    >>> for engine in (mixed_mode(), neumann(1)):
    ...     method = bilevel(mw_net(), network, optax.sgd(0.1), optax.adam(1e-3), engine)
    ...     state = method.init(jax.random.key(0), batch)
    ...     found.append(method.meta_grads(jax.random.key(1), state, batch, batch))
    ...
    >>> bool(jax.tree.all(jax.tree.map(lambda a, b: jnp.allclose(a, b, atol=1e-6), *found)))
    True
    """
    if terms < 1:
        raise ValueError(f"a Neumann series has at least 1 term, got {terms}")

    def init(key, params, meta_params):
        del key, params, meta_params
        return ()

    def value_and_grad(key, engine_state, inner: Inner, outer_loss, start: Learner, batches, meta_params) -> Outer:
        del key
        start, outputs = taken_steps(inner, start, batches[:-1], meta_params)
        virtual, (last, output) = kept_step(inner, start, batches[-1], meta_params)
        value, outer_grads = jax.value_and_grad(outer_loss)(virtual.params, virtual.batch_stats)

        def everything(direction, grads, state):
            del grads
            return direction, state, {}

        back = backwards(inner, meta_params, everything)
        carry = at_end(outer_grads, virtual.opt_state), zeros_like(meta_params), ()
        direction, _ = last.back(carry[0])
        if terms > 1:
            carry, _ = jax.lax.scan(lambda carry, _: back(carry, last), carry, length=terms - 1)
        _, meta_grads, _, _ = to_the_first(inner, carry, last, meta_params, everything)
        return Outer(value, meta_grads, virtual, engine_state, outer_grads, direction, (*outputs, output))

    return MetaGradient(init, value_and_grad)
