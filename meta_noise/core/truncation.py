"""Truncated meta-gradients: the last `last` of k virtual steps are differentiated, those before them only taken.

Shaban, Cheng, Hatch, Boots, "Truncated Back-propagation for Bilevel Optimization", AISTATS 2019. The exact
meta-gradient is a sum over the virtual steps t = 1, ..., k in which the meta-parameters act,

    dL_v/da = sum_t (d theta_t / da, at theta_{t-1} held constant)^T v_t,    v_k = grad L_v(theta_k),
    v_{t-1} = (d theta_t / d theta_{t-1})^T v_t

and the truncated one is that of its last terms. What is left out shrinks with the factors `I - rate H` by which `v`
goes back, where the loss curves upwards. Each term left out saves 9 of the 15 passes of a further virtual step.
"""

from meta_noise.core.tangents import taken_steps
from meta_noise.types import Inner, Learner, MetaGradient, Outer


def truncated(engine: MetaGradient, last: int) -> MetaGradient:
    """Returns an engine that differentiates the last virtual steps only.

    Args:
        engine: differentiates these, exactly or not.
        last: number of virtual steps that are differentiated, at least 1; with all of them it is `engine` itself.

    Raises:
        ValueError: `last` is below 1, or (when tracing) above the number of virtual steps.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import Batch, bilevel, live, mixed_mode, truncated
    >>> from meta_noise.methods.mw_net import mw_net
    >>> from meta_noise.models import from_functions
    >>> network = from_functions(lambda key, x: jnp.zeros((4, 3)), lambda params, x, train, key: x @ params)
    >>> batch = Batch(jnp.eye(4), jnp.array([0, 1, 2, 0]), jnp.arange(4))
    >>> two = Batch(jnp.tile(batch.inputs, (2, 1)), jnp.tile(batch.labels, 2), jnp.arange(8))
    >>> engine, virtual = truncated(mixed_mode(), 1), live()._replace(steps=2)
    >>> method = bilevel(mw_net(), network, optax.sgd(0.1), optax.adam(1e-3), engine, virtual)
    >>> state = method.init(jax.random.key(0), two)
    >>> state, info = jax.jit(method.step)(jax.random.key(1), state, two, batch)
    >>> int(state.step), f"{info.outer_loss:.2f}"
    (2, '1.07')
    """
    if last < 1:
        raise ValueError(f"a truncated meta-gradient goes through at least 1 virtual step, got {last}")

    def value_and_grad(key, engine_state, inner: Inner, outer_loss, start: Learner, batches, meta_params) -> Outer:
        if last > len(batches):
            raise ValueError(f"the meta-gradient cannot go through the last {last} of {len(batches)} virtual steps")
        taken = len(batches) - last
        start, outputs = taken_steps(inner, start, batches[:taken], meta_params)
        outer = engine.value_and_grad(key, engine_state, inner, outer_loss, start, batches[taken:], meta_params)
        passed = None if taken else outer.passed  # which is the pass of the first batch at the first parameters
        return outer._replace(outputs=(*outputs, *outer.outputs), passed=passed)

    return MetaGradient(engine.init, value_and_grad)
