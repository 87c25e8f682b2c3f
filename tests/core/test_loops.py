"""Steps in loops: a step is compiled once for all."""

import functools

import jax
import jax.numpy as jnp
import optax

from meta_noise.core.bilevel import bilevel
from meta_noise.core.loops import apart, one_by_one
from meta_noise.core.virtual import live
from meta_noise.methods.mw_net import mw_net
from tests.core.test_windows import joined
from tests.toy import toy_batch, toy_network


def test_steps_one_by_one():
    def step(total, batch):
        return total + batch["x"], {"before": total}

    batches = [{"x": jnp.float32(x)} for x in (1.0, 2.0, 4.0)]
    for count in (1, 3):
        total, beside = one_by_one(step, jnp.float32(0.0), batches[:count])
        assert float(total) == (1.0 if count == 1 else 7.0)
        assert [float(one["before"]) for one in apart(beside, count)] == [0.0, 1.0, 3.0][:count]


def test_a_program_does_not_grow_with_its_virtual_steps():
    @functools.cache
    def lines(steps):
        method = bilevel(
            mw_net(hidden=4), toy_network(), optax.adam(0.1), optax.sgd(0.1), virtual=live()._replace(steps=steps)
        )
        batch = joined(*[toy_batch(seed) for seed in range(steps)])
        state = jax.eval_shape(method.init, jax.random.key(0), batch)
        return len(jax.jit(method.step).lower(jax.random.key(0), state, batch, toy_batch(9)).as_text().splitlines())

    further = (lines(6) - lines(3)) / 3
    assert further < 0.05 * lines(3)  # slices of the batches and of what the steps gave
