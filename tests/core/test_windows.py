"""Several virtual steps in one method, and the discounted window, in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.core.bilevel import bilevel
from meta_noise.core.meta_gradient import mixed_mode, unrolled
from meta_noise.core.virtual import live
from meta_noise.core.windows import discounted
from meta_noise.methods.l2r import l2r
from meta_noise.methods.mlc_lcn import mlc_lcn
from meta_noise.methods.mw_net import mw_net
from meta_noise.types import Batch
from tests.core.test_meta_gradient import OPTIMISERS, PROBLEMS, _error, _flat, _setting
from tests.toy import toy_batch, toy_network

pytestmark = pytest.mark.usefixtures("float64")


def joined(*batches: Batch) -> Batch:
    rows = [batch._replace(epoch=()) for batch in batches]
    return jax.tree.map(lambda *x: jnp.concatenate(x), *rows)._replace(epoch=jnp.zeros(()))


def make(problem, engine=None, remat=False, **virtual):
    tx = optax.chain(optax.add_decayed_weights(5e-3), optax.sgd(0.3, momentum=0.9))
    return bilevel(problem, toy_network(), tx, optax.sgd(0.5), engine, live()._replace(**virtual), remat)


@pytest.mark.slow
@pytest.mark.parametrize("reuse", [True, False])
def test_two_steps_at_once_are_two_batches(reuse):
    """The classifier moves twice, as by two plain steps on the corrected labels; both engines agree."""
    problem, batch, clean = (
        mlc_lcn(embedding=3, hidden=4, join_clean=False),
        joined(toy_batch(0), toy_batch(1)),
        toy_batch(9),
    )
    states = []
    for engine in (mixed_mode(), unrolled()):
        method = make(problem, engine, steps=2, reuse=reuse)
        start = method.init(jax.random.key(0), batch)
        state, info = jax.jit(method.step)(jax.random.key(1), start, batch, clean)
        states.append(state)
        assert int(state.step) == 2 and info.rows.targets.shape == (16, 3)
    assert _error(states[0], states[1]) < 1e-10
    assert _error(states[0].meta.params, start.meta.params) > 1e-8
    single = make(problem, reuse=True)
    phi = start.meta if reuse else states[0].meta
    state = start._replace(meta=phi)
    for part in (toy_batch(0), toy_batch(1)):
        state, _ = single.step(jax.random.key(1), state._replace(meta=phi), part, clean)
    assert _error(states[0].learner, state.learner) < 1e-10


@pytest.mark.slow
def test_a_window_accumulates_and_moves_at_its_end():
    """Seven steps with a window of three against the recursion written out."""
    problem = mlc_lcn(embedding=3, hidden=4, join_clean=False)
    method = make(problem, discounted(mixed_mode(), 3), reuse=True)
    state = method.init(jax.random.key(0), toy_batch(0))
    state = state._replace(meta=jax.tree.map(_in_double, state.meta))
    total, phi, step = 0.0, _flat(state.meta.params), jax.jit(method.step)
    for position in range(7):
        batch, clean = toy_batch(position), toy_batch(50 + position)
        one, value = _one_step_gradient(problem, state, batch, clean)
        before, after = (_clean_gradient(learner, clean) for learner in (state.learner, value))
        gamma = np.sum((1 - 0.3) * after * before) / np.sum(before * before)
        total = one + gamma * total
        state, _ = step(jax.random.key(1), state, batch, clean)
        if (position + 1) % 3 == 0:
            phi, total = phi - 0.5 * total, 0.0
        np.testing.assert_allclose(_flat(state.meta.params), phi, rtol=1e-9, atol=1e-12)


def _in_double(x):
    return x.astype(jnp.float64) if jnp.issubdtype(x.dtype, jnp.floating) else x


def _one_step_gradient(problem, state, batch, clean):
    """Returns the meta-gradient of one step by reverse over reverse, and the learner after it."""
    network, learner = toy_network(), state.learner
    tx = optax.chain(optax.add_decayed_weights(5e-3), optax.sgd(0.3, momentum=0.9))

    def after(phi):
        def loss(params):
            outputs, _ = network.apply((params, learner.batch_stats), batch.inputs, True)
            return problem.inner_loss(outputs, phi, batch)[0]

        updates, opt_state = tx.update(jax.grad(loss)(learner.params), learner.opt_state, learner.params)
        return learner._replace(params=optax.apply_updates(learner.params, updates), opt_state=opt_state)

    def outer(phi):
        outputs, _ = network.apply((after(phi).params, learner.batch_stats), clean.inputs, True)
        return problem.outer_loss(outputs, clean)

    return _flat(jax.grad(outer)(state.meta.params)), after(state.meta.params)


def _clean_gradient(learner, clean):
    def loss(params):
        outputs, _ = toy_network().apply((params, learner.batch_stats), clean.inputs, True)
        return mlc_lcn().outer_loss(outputs, clean)

    return _flat(jax.grad(loss)(learner.params))


def test_a_window_of_one_is_the_engine():
    engine = mixed_mode()
    assert discounted(engine, 1) is engine
    first = _setting(PROBLEMS["mlc_lcn"](), OPTIMISERS["nesterov"]())
    window = discounted(engine, 2)
    start, meta_params = first[2], first[4]
    key = jax.random.key(0)
    solve, plain_solve = (jax.jit(one.value_and_grad, static_argnums=(2, 3)) for one in (window, engine))
    outer = solve(key, jax.jit(window.init)(key, start.params, meta_params), *first[:4], meta_params)
    plain = plain_solve(key, (), *first[:4], meta_params)
    assert _error(outer.grads, plain.grads) < 1e-12 and not bool(outer.ready)


def test_what_cannot_be_combined():
    with pytest.raises(ValueError, match="anew in every batch"):
        make(l2r(), steps=2)
    with pytest.raises(ValueError, match="at least 1"):
        discounted(mixed_mode(), 0)
    method = make(mw_net(hidden=4), discounted(mixed_mode(), 2), steps=2)
    batch = joined(toy_batch(0), toy_batch(1))
    state = jax.eval_shape(method.init, jax.random.key(0), batch)
    with pytest.raises(ValueError, match="one virtual step at a time"):
        jax.eval_shape(method.step, jax.random.key(0), state, batch, toy_batch(2))
