"""Random weights: two steps in NumPy (Ren et al., ICML 2018, section 4.1)."""

import jax
import numpy as np
import pytest

from meta_noise.methods.random_weights import random_weights
from meta_noise.types import Batch
from tests import presets
from tests.methods import plain


@pytest.mark.usefixtures("float64")
def test_two_steps_equal_numpy():
    step, state = presets.step_of("random_weights"), presets.start_of("random_weights")
    learner = plain.fresh(state.learner.params)
    for number in (1, 2):
        batch, clean = presets.batches_of("random_weights", number)
        state, info = step(presets.key_of(number), state, batch, clean)
        drawn = np.asarray(jax.random.normal(plain.key_of_prepare(presets.key_of(number)), (8,)))
        weights = np.where(drawn > 0, drawn, 0) / drawn[drawn > 0].sum()
        given = plain.one_hot(batch.labels)

        def rows(z, weights=weights, given=given):
            slopes = weights[:, None] * plain.CROSS_ENTROPY.slopes(z, given)
            return (weights * plain.CROSS_ENTROPY.values(z, given)).sum(), slopes

        learner, loss = plain.step_of_rows(learner, batch.inputs, rows)
        plain.assert_same(info.rows.weights, 8 * weights)
        plain.assert_same(info.loss, loss)
        plain.assert_same_learner(state.learner, learner)


def test_a_batch_in_which_no_weight_is_above_zero_is_not_learned(monkeypatch):
    monkeypatch.setattr(jax.random, "normal", lambda key, shape: -np.ones(shape, np.float32))
    batch = Batch(np.zeros((3, 2)), np.zeros(3, np.int32), np.arange(3))
    prepared, _ = random_weights().prepare(jax.random.key(0), None, (), batch, batch)
    assert np.asarray(prepared.prepared).tolist() == [0, 0, 0]
