"""Distillation: two steps in NumPy; the first network learns the clean batch."""

import numpy as np
import pytest

from meta_noise.methods.distillation import distillation
from tests import presets
from tests.methods import plain

COUNTS, ROWS, TRUSTED = presets.FACTS[:3]
GUESS = presets.MEMORIES["distillation"]["guess"]


@pytest.mark.usefixtures("float64")
def test_two_steps_equal_numpy():
    step, state = presets.step_of("distillation"), presets.start_of("distillation")
    learner = plain.fresh(state.learner.params)
    for number in (1, 2):
        batch, clean = presets.batches_of("distillation", number)
        state, info = step(presets.key_of(number), state, batch, clean)
        index, given = np.asarray(batch.index), plain.one_hot(batch.labels)
        targets = np.where(np.isin(index, TRUSTED)[:, None], given, 0.5 * given + 0.5 * GUESS[index])

        def rows(z, targets=targets):
            slopes = plain.CROSS_ENTROPY.slopes(z, targets) / len(z)
            return plain.CROSS_ENTROPY.values(z, targets).mean(), slopes

        learner, loss = plain.step_of_rows(learner, batch.inputs, rows)
        plain.assert_same([info.loss], [loss])
        plain.assert_same(info.rows.targets, targets)
        plain.assert_same_learner(state.learner, learner)


def test_the_first_network_learns_the_clean_batch_and_is_asked_once():
    objective = distillation(COUNTS, ROWS, TRUSTED)
    batch, clean = presets.batches_of("distillation", 1)
    assert objective.warmup.prepare(None, None, None, batch, clean)[0] is clean
    said = GUESS.copy()
    said[3] = np.nan  # a row that is held out
    found = objective.refresh(None, {"guess": None, "taught": False}, lambda fn: said, 1)
    assert found.restart and found.split is None
    np.testing.assert_array_equal(found.memory["guess"][3], 1 / 3)
    again = objective.refresh(None, found.memory, None, 2)
    assert not again.restart and again.memory is found.memory
    with pytest.raises(ValueError, match="share must be in"):
        distillation(share=1.5)
