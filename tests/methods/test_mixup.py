"""Mixup: two steps in NumPy (Zhang et al., ICLR 2018)."""

import jax
import numpy as np
import pytest

from meta_noise.losses.beta import symmetric_beta
from meta_noise.methods.mixup import mixup
from tests import presets
from tests.methods import plain


@pytest.mark.usefixtures("float64")
def test_two_steps_equal_numpy():
    step, state = presets.step_of("mixup"), presets.start_of("mixup")
    learner = plain.fresh(state.learner.params)
    for number in (1, 2):
        batch, clean = presets.batches_of("mixup", number)
        state, info = step(presets.key_of(number), state, batch, clean)
        key_partner, key_factor = jax.random.split(plain.key_of_prepare(presets.key_of(number)))
        partners = np.asarray(jax.random.permutation(key_partner, 8))
        factor = float(symmetric_beta(key_factor, 1.0))
        inputs, given = np.asarray(batch.inputs), plain.one_hot(batch.labels)
        targets = factor * given + (1 - factor) * given[partners]

        def rows(z, targets=targets):
            slopes = plain.CROSS_ENTROPY.slopes(z, targets) / len(z)
            return plain.CROSS_ENTROPY.values(z, targets).mean(), slopes

        learner, loss = plain.step_of_rows(learner, factor * inputs + (1 - factor) * inputs[partners], rows)
        plain.assert_same([info.loss], [loss])
        plain.assert_same_learner(state.learner, learner)
    with pytest.raises(ValueError, match="alpha must be positive"):
        mixup(0.0)
