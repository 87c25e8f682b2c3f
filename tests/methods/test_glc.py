"""GLC and forward correction: two steps in NumPy, and their matrices from what a first network says."""

import numpy as np
import pytest

from meta_noise.build.method import make_method
from meta_noise.build.optimizer import Lengths
from meta_noise.errors import InputError
from meta_noise.methods.forward import forward
from meta_noise.methods.glc import glc
from tests import presets
from tests.methods import plain
from tests.toy import toy_network

KNOWN = np.array(presets.TRUTH)
COUNTS, ROWS, TRUSTED = presets.FACTS[:3]


def corrected(z, batch):
    """Returns (loss, slopes): CE of trusted rows, `-log sum_c p_c T[c, k]` of others, mean over all."""
    p, labels, index = plain.softmax(z), np.asarray(batch.labels), np.asarray(batch.index)
    trusted = np.isin(index, TRUSTED)
    assert 0 < trusted.sum() < len(z)
    joint = p * KNOWN.T[labels]  # p_c T[c, k_i]
    observed = joint.sum(-1)
    smallest = 1e-7
    losses = np.where(trusted, -np.log(p[np.arange(len(p)), labels]), -np.log((observed + smallest) / (1 + smallest)))
    others = plain.through_softmax(p, -KNOWN.T[labels] / (observed + smallest)[:, None])
    slopes = np.where(trusted[:, None], p - plain.one_hot(labels), others)
    return losses.mean(), slopes / len(z)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("case", ["glc", "forward"])
def test_two_steps_equal_numpy(case):
    step, state = presets.step_of(case), presets.start_of(case)
    learner = plain.fresh(state.learner.params)
    for number in (1, 2):
        batch, clean = presets.batches_of(case, number)
        state, info = step(presets.key_of(number), state, batch, clean)
        learner, loss = plain.step_of_rows(learner, batch.inputs, lambda z, batch=batch: corrected(z, batch))
        plain.assert_same(info.loss, loss)
        plain.assert_same_learner(state.learner, learner)


@pytest.mark.usefixtures("float64")
def test_the_first_training_leaves_trusted_rows_out():
    config = presets.config_of("glc")
    method = make_method(config, toy_network(), Lengths(10, 10, warmup=4), presets.FACTS)
    state = presets.start_of("glc")
    batch, clean = presets.batches_of("glc", 1)
    after, info = method.warmup.step(presets.key_of(1), state, batch, clean)
    others = ~np.isin(np.asarray(batch.index), TRUSTED)

    def rows(z):
        targets = plain.one_hot(batch.labels)
        losses, slopes = plain.CROSS_ENTROPY.values(z, targets), plain.CROSS_ENTROPY.slopes(z, targets)
        return losses[others].mean(), slopes * others[:, None] / others.sum()

    learner, loss = plain.step_of_rows(plain.fresh(state.learner.params), batch.inputs, rows)
    plain.assert_same(info.loss, loss)
    plain.assert_same_learner(after.learner, learner)


def swept(said, labels):
    return lambda fn: np.concatenate([said, labels[:, None]], axis=1)


def refreshed(objective, sweep, memory):
    return objective.refresh(None, memory, sweep, 3)


def test_matrix_of_glc():
    rng = np.random.default_rng(0)
    said, labels = rng.dirichlet(np.ones(3), ROWS), rng.integers(0, 2, ROWS)  # no row of class 2
    said[5] = np.nan  # a row that is held out
    memory = {"transition": np.eye(3), "estimated": False}
    found = refreshed(glc(COUNTS, ROWS, TRUSTED), swept(said, labels), memory)
    assert found.restart and found.split is None and found.memory["estimated"]
    trusted = [row for row in TRUSTED if row != 5]
    expected = [[said[row] for row in trusted if labels[row] == klass] for klass in range(2)]
    np.testing.assert_allclose(found.memory["transition"][:2], [np.mean(rows, 0) for rows in expected], rtol=1e-6)
    np.testing.assert_allclose(found.memory["transition"][2], 1 / 3)
    again = refreshed(glc(COUNTS, ROWS, TRUSTED), None, found.memory)  # it does not look twice
    assert not again.restart and again.memory is found.memory
    named = refreshed(glc(COUNTS, ROWS, TRUSTED, "classes"), swept(said, labels), memory).memory["transition"]
    share = np.mean([np.argmax(row) == 0 for row in expected[0]])
    np.testing.assert_allclose(named[0, 0], 0.99 * share + 0.01 / 3, rtol=1e-6)


def test_matrix_of_forward_correction():
    said = np.random.default_rng(1).dirichlet(np.ones(3), ROWS)
    labels = np.zeros(ROWS)
    memory = {"transition": np.eye(3), "estimated": False}
    untrusted = np.setdiff1d(np.arange(ROWS), TRUSTED)
    for percentile in (100, 90):
        objective = forward(COUNTS, ROWS, TRUSTED, percentile=percentile)
        matrix = refreshed(objective, swept(said, labels), memory).memory["transition"]
        for klass in range(3):
            left_out = 0 if percentile == 100 else 3  # of 27 rows those at or above the 90th percentile
            anchor = untrusted[np.argsort(said[untrusted, klass])[-1 - left_out]]
            np.testing.assert_allclose(matrix[klass], said[anchor], rtol=1e-6)


def test_gold_needs_no_first_training_but_the_truth():
    objective = forward(COUNTS, ROWS, TRUSTED, presets.TRUTH, estimate="truth")
    memory = objective.init_memory(None, None)
    assert memory["estimated"]
    np.testing.assert_allclose(memory["transition"], KNOWN, rtol=1e-6)
    assert (
        presets.resolved(presets.parse({"method": {"name": "forward", "estimate": "truth"}})).train.warmup_epochs == 0
    )
    with pytest.raises(ValueError, match="use 'anchors'"):
        forward(COUNTS, ROWS, estimate="truth")
    config = presets.resolved(presets.parse({"method": {"name": "glc", "estimate": "classy"}}))
    with pytest.raises(InputError, match="classy"):
        make_method(config, toy_network(), Lengths(10, 10), presets.FACTS)
