"""MLC-LCN's approximate meta-gradient over several steps: a window of one-step gradients, discounted.

Zheng, Awadallah, Dumais, "Meta Label Correction for Noisy Label Learning", AAAI 2021, section 3.3. Over `k` steps with
the same meta-parameters, the chain rule `v^T (I - alpha H) dtheta_t/da + G_t` is approximated by `H = I` and by the
projection of `v = grad L_v(theta_{t+1})` on `g = grad L_v(theta_t)`, both on the same clean batch:

    gamma_t = <(1 - alpha) v, g> / |g|^2,    A_t = G_t + gamma_t A_{t-1}

and the meta optimiser moves with `A_t` at the end of the window only. The exact gradient over `k` steps differs; it is
that of `live()._replace(steps=k)`. The released code neither clips `gamma` nor guards the denominator; 1e-12 is added
here.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from meta_noise.types import MetaGradient


class Window(NamedTuple):
    """State of `discounted`.

    Attributes:
        engine: state of the engine inside.
        total: the accumulated meta-gradient A, zero at the start of a window.
        position: () int32 steps taken in this window.
    """

    engine: Any
    total: Any
    position: jax.Array


def discounted(engine: MetaGradient, every: int) -> MetaGradient:
    """Returns an engine that accumulates one-step meta-gradients over a window of `every` steps.

    Args:
        engine: gives the one-step gradients.
        every: length of the window, k in the paper; with 1 it is `engine` itself.

    Raises:
        ValueError: `every` is below 1, or the engine is asked for several virtual steps at once.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import Batch, bilevel, discounted, mixed_mode
    >>> from meta_noise.methods.mw_net import mw_net
    >>> from meta_noise.models import from_functions
    >>> network = from_functions(lambda key, x: jnp.zeros((4, 3)), lambda params, x, train, key: x @ params)
    >>> batch = Batch(jnp.eye(4), jnp.array([0, 1, 2, 0]), jnp.arange(4))
    >>> method = bilevel(mw_net(), network, optax.sgd(0.1), optax.adam(1e-3), discounted(mixed_mode(), 5))
    >>> state = method.init(jax.random.key(0), batch)
    >>> state, info = jax.jit(method.step)(jax.random.key(1), state, batch, batch)
    >>> f"{info.outer_loss:.2f}"
    '1.08'
    """
    if every < 1:
        raise ValueError(f"every must be at least 1, got {every}")
    if every == 1:
        return engine

    def init(key, params, meta_params):
        zeros = jax.tree.map(jnp.zeros_like, meta_params)
        return Window(engine.init(key, params, meta_params), zeros, jnp.zeros((), jnp.int32))

    def value_and_grad(key, state: Window, inner, outer_loss, start, batches, meta_params):
        if len(batches) > 1:
            raise ValueError(f"a discounted window takes one virtual step at a time, got {len(batches)}; use steps=1")
        outer = engine.value_and_grad(key, state.engine, inner, outer_loss, start, batches, meta_params)
        before = jax.grad(outer_loss)(start.params, start.batch_stats)
        after = jax.tree.map(jnp.add, outer.outer_grads, outer.direction)  # (1 - alpha) v, whatever the optimiser
        gamma = optax.tree.vdot(after, before) / (optax.tree.vdot(before, before) + 1e-12)
        total = jax.tree.map(lambda g, a: g + gamma * a, outer.grads, state.total)
        ready = (state.position + 1) % every == 0
        kept = jax.tree.map(lambda a: jnp.where(ready, jnp.zeros_like(a), a), total)
        window = Window(outer.engine_state, kept, jnp.where(ready, 0, state.position + 1))
        return outer._replace(grads=total, engine_state=window, ready=ready)

    return MetaGradient(init, value_and_grad)
