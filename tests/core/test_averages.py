"""Averaged parameters: the formula, their place in the optimiser's state, and that evaluation uses them."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.core.averages import average, for_evaluation, is_averaged
from meta_noise.core.bilevel import bilevel
from meta_noise.core.meta_gradient import mixed_mode, unrolled
from meta_noise.core.pair import each_tx, stack, twin
from meta_noise.core.predict import evaluate
from meta_noise.core.single import Objective, single
from meta_noise.core.virtual import live
from meta_noise.methods.mw_net import mw_net
from meta_noise.types import Learner, Rows
from tests.presets import QUICK
from tests.toy import toy_batch, toy_network
from tests.train.whole import follow


def descent(momentum=0.9, decay=0.99):
    return optax.chain(optax.sgd(0.3, momentum), average(decay))


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("decay", [0.0, 0.15, 0.99])
def test_formula(decay):
    """Against a loop; 0.15 caps (1 + t) / (10 + t) from the second step on, 0.99 never does."""
    rng = np.random.default_rng(0)
    params = ema = rng.normal(size=(2, 3))
    tx = optax.chain(optax.sgd(0.5, momentum=0.9), average(decay))
    state, buffer = tx.init(jnp.asarray(params)), np.zeros((2, 3))
    for t in range(6):
        grads = rng.normal(size=(2, 3))
        updates, state = tx.update(jnp.asarray(grads), state, jnp.asarray(params))
        buffer = 0.9 * buffer + grads
        np.testing.assert_allclose(updates, -0.5 * buffer, rtol=1e-12)
        params = params - 0.5 * buffer
        rate = min(decay, (1 + t) / (10 + t))
        ema = rate * ema + (1 - rate) * params
        np.testing.assert_allclose(state[1].ema, ema, rtol=1e-6)  # the rate itself is in single precision
    assert int(state[1].count) == 6 and state[1].ema.dtype == jnp.float64


@pytest.mark.parametrize("decay", [-0.1, 1.0, 1.5, float("nan")])
def test_a_bad_decay_is_refused(decay):
    with pytest.raises(ValueError, match="at least 0 and below 1"):
        average(decay)


def test_evaluation_takes_averages_and_leaves_the_optimiser():
    params = {"w": jnp.ones(2)}
    for wrap in (lambda tx: tx, lambda tx: optax.chain(optax.clip(1.0), tx)):
        tx = wrap(descent())
        updates, state = tx.update({"w": jnp.array([1.0, -1.0])}, tx.init(params), params)
        learner = Learner(optax.apply_updates(params, updates), "statistics", state)
        found = for_evaluation(learner)
        assert is_averaged(learner) and not is_averaged(found)
        assert (found.batch_stats, found.opt_state) == ("statistics", ())
        np.testing.assert_allclose(found.params["w"], [0.1 + 0.9 * 0.7, 0.1 + 0.9 * 1.3], rtol=1e-6)
    plain = optax.sgd(0.1, 0.9)
    learner = Learner(params, "statistics", plain.init(params))
    assert not is_averaged(learner)
    assert for_evaluation(learner) == Learner(params, "statistics", ())


@pytest.mark.parametrize("copies", [1, 2])
def test_a_learner_predicts_with_its_averages(copies):
    network, tx = (toy_network(), descent()) if copies == 1 else (twin(toy_network()), each_tx(descent()))
    batch = toy_batch(0) if copies == 1 else stack(toy_batch(0), toy_batch(1))

    def loss(outputs, batch):
        losses = optax.softmax_cross_entropy_with_integer_labels(outputs.logits, batch.labels)
        return jnp.sum(jnp.mean(losses, axis=-1)), Rows()

    method = single(Objective(loss), network, tx)

    @functools.partial(jax.jit, compiler_options=QUICK)
    def train(key):
        return method.step(key, method.init(key, batch), batch, batch)[0]

    state, inputs = train(jax.random.key(0)), toy_batch(2).inputs
    learner = state.learner
    ema = optax.tree.get(learner.opt_state, "ema")
    repeated = inputs if copies == 1 else jnp.stack([inputs] * 2)
    expected = network.apply((ema, learner.batch_stats), repeated, False)[0].logits
    np.testing.assert_allclose(evaluate(network, learner, inputs).logits, expected, rtol=1e-6)
    mean = expected if copies == 1 else expected.mean(0)
    np.testing.assert_allclose(method.predict(state, inputs), mean, rtol=1e-5, atol=1e-6)
    raw = network.apply((learner.params, learner.batch_stats), repeated, False)[0].logits
    assert np.abs(expected - raw).max() > 1e-3


@pytest.mark.usefixtures("float64")
def test_engines_agree_with_averages_in_the_virtual_step():
    """The live virtual step runs through the averaging link, which must not change a meta-gradient."""

    def used(state):
        """Returns the state with a momentum buffer and averages that are apart from the parameters."""
        learner = state.learner
        opt_state = optax.tree.set(learner.opt_state, trace=jax.tree.map(jnp.sin, learner.params))
        if is_averaged(learner):
            opt_state = optax.tree.set(opt_state, ema=jax.tree.map(jnp.cos, learner.params), count=jnp.int32(7))
        return state._replace(learner=learner._replace(opt_state=opt_state))

    def init_meta(*args):
        return jax.tree.map(lambda x: x.astype(jnp.float64), mw_net(hidden=4).init_meta(*args))

    problem, found = mw_net(hidden=4)._replace(init_meta=init_meta), []
    for engine, tx in ((unrolled, descent()), (mixed_mode, descent()), (mixed_mode, optax.sgd(0.3, 0.9))):
        method = bilevel(problem, toy_network(), tx, optax.adam(1e-2), engine(), live())
        meta_grads = jax.jit(method.meta_grads, compiler_options=QUICK)
        state = used(jax.jit(method.init, compiler_options=QUICK)(jax.random.key(0), toy_batch(0)))
        found.append(meta_grads(jax.random.key(5), state, toy_batch(1), toy_batch(11)))
    assert optax.tree.norm(found[0]) > 1e-6
    for other in found[1:]:
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-13), found[0], other)


def test_a_run_of_ieg_is_evaluated_with_averages(tmp_path):
    run = follow(tmp_path / "run", quick=True, method={"name": "ieg"}, optimizer={"lr": 0.1})
    carry, job, last = run.finished.kept.carry, run.job, run.finished.history[-1]
    learner, test = carry.state.learner, job.evaluations["test"]
    ema = optax.tree.get(learner.opt_state, "ema")
    accuracies = []
    for params in (ema, learner.params):
        state = carry.state._replace(learner=Learner(params, learner.batch_stats, ()))
        probabilities = job.predict(state, test.store, test.rows)
        accuracies.append(np.mean(np.argmax(probabilities, -1) == test.labels))
        apart = np.abs(probabilities - run.fitted.predict_proba(np.asarray(test.store.inputs))).max()
        assert apart < 1e-6 if params is ema else apart > 1e-3
    assert [last["test_accuracy"], last["test_raw_accuracy"]] == accuracies
    assert accuracies[0] != accuracies[1]
    assert run.fitted.results["accuracy"]["last"] == last["test_accuracy"]
