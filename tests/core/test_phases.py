"""A warm-up is plain training on the labels; afterwards the method takes over, at the right step."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.build.defaults import resolved
from meta_noise.config.parse import parse
from meta_noise.core.bilevel import bilevel
from meta_noise.core.pair import each, each_tx, part, stack, twin
from meta_noise.core.phases import warmed_up
from meta_noise.core.single import Objective, single
from meta_noise.errors import InputError
from meta_noise.losses.cross_entropy import mean_cross_entropy
from meta_noise.methods.mw_net import mw_net
from meta_noise.types import Rows
from tests.presets import QUICK
from tests.toy import toy_batch, toy_network
from tests.train.whole import GUESSED, assert_same_bits, follow, guessed

ONLY_THE_METHOD = {"outer_loss", "weight_right", "weight_wrong", "zero_weights", "clean_rows", "clean_precision"}
jit = functools.partial(jax.jit, compiler_options=QUICK)


def plain():
    """Returns mean cross-entropy of the labels, for one network."""
    return single(Objective(lambda o, b: (mean_cross_entropy(o, b), Rows())), toy_network(), optax.sgd(0.3, 0.9))


def train(step, state, batches, clean):
    for seed, batch in enumerate(batches):
        state, info = step(jax.random.key(seed), state, batch, clean)
    return state, info


def test_warm_up_of_a_method_equals_single():
    network, tx = toy_network(), optax.sgd(0.3, 0.9)
    base = bilevel(mw_net(hidden=4), network, tx, optax.adam(1e-2))
    method = warmed_up(base, network, tx, 3)
    assert method.warmup is not None and method.warmup.steps == 3
    assert (method.step, method.init, method.predict) == (base.step, base.init, base.predict)
    state, batches = jit(method.init)(jax.random.key(0), toy_batch(0)), [toy_batch(seed) for seed in range(2)]
    after, info = train(jit(method.warmup.step), state, batches, toy_batch(9))
    expected, expected_info = train(jit(plain().step), state, batches, toy_batch(9))
    jax.tree.map(functools.partial(np.testing.assert_allclose, rtol=1e-5, atol=1e-7), after, expected)
    np.testing.assert_allclose(info.loss, expected_info.loss, rtol=1e-5)
    assert_same_bits(after.meta, state.meta)
    assert int(after.step) == 2 and info.outer_loss is None and info.rows.weights is None and not info.metrics


def test_warm_up_of_a_pair_is_that_of_two_networks():
    network, tx = twin(toy_network()), each_tx(optax.sgd(0.3, 0.9))
    method = warmed_up(bilevel(each(mw_net(hidden=4)), network, tx, each_tx(optax.adam(1e-2))), network, tx, 1)
    assert method.warmup is not None
    batches = [stack(toy_batch(seed), toy_batch(seed + 50)) for seed in range(2)]
    state = jit(method.init)(jax.random.key(0), batches[0])
    after, info = train(jit(method.warmup.step), state, batches, batches[0])
    step, losses = jit(plain().step), []
    for copy in range(2):
        one = part(state, copy)._replace(meta=state.meta)
        own, own_info = train(step, one, [part(batch, copy) for batch in batches], batches[0])
        learner = part(after.learner, copy)
        jax.tree.map(functools.partial(np.testing.assert_allclose, rtol=1e-5, atol=1e-6), learner, own.learner)
        losses.append(own_info.loss)
        np.testing.assert_allclose(info.rows.probability[8 * copy : 8 * copy + 8], own_info.rows.probability, rtol=1e-4)
    np.testing.assert_allclose(info.loss, jnp.mean(jnp.stack(losses)), rtol=1e-5)


def test_without_steps_nothing_is_added():
    method = plain()
    assert warmed_up(method, toy_network(), optax.sgd(0.3), 0) is method


def test_the_method_takes_over_after_the_warm_up():
    """The meta optimiser counts the steps of the method, the classifier's schedule counts all of them."""
    run = guessed()
    per_epoch, epochs, warm = run.job.settings.calendar.epoch, 5, GUESSED["train"]["warmup_epochs"]
    state = run.finished.kept.carry.state
    assert int(optax.tree.get(state.meta.opt_state, "count")) == (epochs - warm) * per_epoch
    assert int(optax.tree.get(state.learner.opt_state, "count")) == int(state.step) == epochs * per_epoch


def test_epochs_of_the_warm_up_report_nothing_of_the_method():
    history = guessed().fitted.history
    assert [line["epoch"] for line in history] == [1, 2, 3, 4, 5]
    for line in history:
        assert {"loss", "given_accuracy", "true_accuracy", "test_accuracy"} <= line.keys()
        found = ONLY_THE_METHOD & line.keys()
        assert found == (set() if line["epoch"] <= 2 else ONLY_THE_METHOD)


def test_nothing_compiles_after_the_first_epoch_of_each_phase():
    after = guessed().compilations  # until the end of each of five epochs, two of them warm-up
    assert after[0] > 0 and after[1] == after[0]
    assert after[2] > after[1]  # the look at all rows, which is not needed before
    assert after[2] == after[3] == after[4]


def test_a_warm_up_in_steps_comes_before_the_epochs_and_may_end_within_one(tmp_path):
    """190 rows in batches of 32 are 5 steps; 7 steps of warm-up, then two epochs, then drops of the rate from there."""
    run = follow(
        tmp_path / "run",
        quick=True,
        clean={"size": 20},
        optimizer={"lr": 0.5},
        schedule={"name": "piecewise", "at_steps": [0, 6], "factor": 0.1},
        train={"epochs": 2, "warmup_steps": 7},
    )
    assert run.finished.kept.carry.state.step == run.fitted.results["steps"] == 7 + 10
    assert [(line["step"], line["epoch"]) for line in run.finished.history] == [(5, 1), (7, 2), (12, 3), (17, 4)]
    assert ["outer_loss" in line for line in run.finished.history] == [False, False, True, True]


def test_a_run_in_steps_ends_within_an_epoch(tmp_path):
    train = {"steps": 8, "epoch_steps": 3}
    run = follow(tmp_path / "run", quick=True, train=train)
    assert [(line["step"], line["epoch"]) for line in run.finished.history] == [(3, 1), (6, 2), (8, 3)]
    assert run.fitted.results["steps"] == 8


def test_two_lengths_of_a_warm_up_are_refused():
    with pytest.raises(InputError, match=r"warmup_steps=7 and .*warmup_epochs=2 both say"):
        parse({"train": {"warmup_epochs": 2, "warmup_steps": 7}})


def test_the_warm_up_of_a_method_is_its_own():
    """FaMUS a tenth of what follows; MLC-T as released 30,000 steps, with a matrix that is kept none."""
    lengths = {
        ("famus", 40, 0): (4, 0),
        ("famus", 40, 500): (0, 50),
        ("mlc_t", 40, 0): (0, 0),
        ("mw_net", 40, 0): (0, 0),
    }
    for (name, epochs, steps), expected in lengths.items():
        train = resolved(parse({"method": {"name": name}, "train": {"epochs": epochs, "steps": steps}})).train
        assert (train.warmup_epochs, train.warmup_steps) == expected
    released = {"name": "mlc_t", "mode": "logits_reset"}
    for given, expected in (({}, (0, 30_000)), ({"warmup_epochs": 0}, (0, 0)), ({"warmup_steps": 5}, (0, 5))):
        train = resolved(parse({"method": released, "train": given})).train
        assert (train.warmup_epochs, train.warmup_steps) == expected
