"""Per-row memory and the sums of an epoch, against plain NumPy."""

import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.train import tally
from meta_noise.train.rows import no_memory, remember
from meta_noise.types import Info, Rows


def rows_of(index, probability, weights=None, targets=None, prediction=None, margin=None):
    index = jnp.asarray(index, jnp.int32)
    prediction = jnp.zeros_like(index) if prediction is None else jnp.asarray(prediction, jnp.int32)
    weights = None if weights is None else jnp.asarray(weights, jnp.float32)
    targets = None if targets is None else jnp.asarray(targets, jnp.float32)
    probability = jnp.asarray(probability, jnp.float32)
    margin = jnp.zeros_like(probability) if margin is None else jnp.asarray(margin, jnp.float32)
    return Rows(weights, targets, index, probability, prediction, margin)


def test_averages_run_over_the_last_visits():
    memory, step = no_memory(4), jax.jit(remember, static_argnums=2)
    seen = [0.1, 0.5, 0.9, 0.3]
    expected = 0.0
    for visit, value in enumerate(seen, start=1):
        memory = step(memory, rows_of([2], [value], weights=[2 * value], margin=[value - 1]), 3)
        expected += (value - expected) / min(visit, 3)
    np.testing.assert_allclose(memory.probability, [0, 0, expected, 0], rtol=1e-6)
    np.testing.assert_allclose(memory.weight_last, [1, 1, 0.6, 1], rtol=1e-6)
    np.testing.assert_allclose(memory.margin, [0, 0, np.mean(seen) - 1, 0], rtol=1e-6)
    np.testing.assert_array_equal(memory.visits, [0, 0, 4, 0])


def test_rows_outside_the_training_set_leave_no_trace():
    memory = remember(no_memory(3), rows_of([-1, 1], [0.7, 0.2], targets=[[0.9, 0.1], [0.4, 0.6]]), 5)
    np.testing.assert_array_equal(memory.visits, [0, 1, 0])
    np.testing.assert_allclose(memory.probability, [0, 0.2, 0], rtol=1e-6)
    np.testing.assert_array_equal(memory.target, [-1, 1, -1])
    np.testing.assert_allclose(memory.target_probability, [0, 0.6, 0], rtol=1e-6)


def test_tally_against_counting():
    labels, truth = jnp.array([0, 1, 1, 0]), jnp.array([0, 1, 0, 0])
    rows = rows_of([0, 1, 2, -1], [0.5] * 4, weights=[1.0, 0.5, 0.25, 9.0], prediction=[0, 0, 1, 0])
    names = tally.metric_names(True, Info(jnp.float32(0), jnp.float32(0), rows))
    sums = tally.no_tally(names)
    for step, loss in enumerate((1.0, 3.0)):
        sums = tally.add(sums, Info(jnp.float32(loss), jnp.float32(0.5), rows), jnp.int32(step), labels, truth)
    values = tally.means(sums, names)
    expected = {
        "loss": 2.0,
        "outer_loss": 0.5,
        "given_accuracy": 2 / 3,
        "true_accuracy": 1 / 3,
        "learned": 0.5,
        "memorised": 1.0,
        "recovered": 0.0,
        "weight_right": 0.75,
        "weight_wrong": 0.25,
        "zero_weights": 0.0,
    }
    assert values.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(values[name], value, rtol=1e-6)
    assert int(sums.bad_step) == -1


def test_tally_without_truth_weights_and_meta_level():
    rows, labels = rows_of([0, 1], [0.5, 0.5]), jnp.zeros(2, jnp.int32)
    info = Info(jnp.float32(1), None, rows, {"open_gates": jnp.float32(4)})
    names = tally.metric_names(False, info)
    assert set(names) == {"loss", "given_accuracy", "open_gates"}
    sums = tally.add(tally.no_tally(names), info, jnp.int32(0), labels, None)
    assert tally.means(sums, names) == {"loss": 1.0, "given_accuracy": 1.0, "open_gates": 4.0}


def test_first_bad_step_is_kept():
    rows = rows_of([0], [0.5])
    names = tally.metric_names(False, Info(jnp.float32(0), jnp.float32(0), rows))
    sums, labels = tally.no_tally(names), jnp.zeros(1, jnp.int32)
    for step, (loss, outer) in enumerate([(1, 1), (1, jnp.nan), (jnp.inf, 1)]):
        sums = tally.add(sums, Info(jnp.float32(loss), jnp.float32(outer), rows), jnp.int32(step), labels, None)
    assert int(sums.bad_step) == 1 and bool(sums.bad_outer)


def test_weights_are_told_apart_by_the_prediction_where_the_truth_is_unknown():
    rows = rows_of([0, 1, 2, -1], [0.5] * 4, weights=[1.0, 0.5, 0.25, 9.0], prediction=[0, 0, 1, 0])
    info, labels = Info(jnp.float32(1), None, rows), jnp.array([0, 1, 1])
    names = tally.metric_names(False, info)
    sums = tally.add(tally.no_tally(names), info, jnp.int32(0), labels, None)
    values = tally.means(sums, names)
    assert (values["weight_agree"], values["weight_differ"]) == (0.625, 0.5)
