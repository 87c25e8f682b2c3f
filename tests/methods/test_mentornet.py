"""MentorNet's predefined curriculum and MentorMix: two steps in NumPy (Jiang et al., ICML 2018 and 2020)."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.losses.beta import symmetric_beta
from meta_noise.methods.mentormix import mentormix
from meta_noise.methods.mentornet import mentornet
from meta_noise.types import Batch, Outputs
from tests import presets
from tests.methods import plain


def limit_of(old, losses, percentile):
    return (old + np.quantile(losses, percentile)) / 2


@pytest.mark.usefixtures("float64")
def test_two_steps_equal_numpy():
    step, state = presets.step_of("mentornet"), presets.start_of("mentornet")
    learner, old = plain.fresh(state.learner.params), 0.9
    for number in (1, 2):
        batch, clean = presets.batches_of("mentornet", number)  # epoch 5.5 of 10
        state, info = step(presets.key_of(number), state, batch, clean)
        given = plain.one_hot(batch.labels)
        losses = plain.CROSS_ENTROPY.values(plain.network(learner.params, batch.inputs)[0], given)
        old = limit_of(old, losses, 0.7)
        weights = (losses <= old).astype(float)
        assert 0 < weights.sum() < 8

        def rows(z, weights=weights, given=given):
            slopes = weights[:, None] * plain.CROSS_ENTROPY.slopes(z, given) / len(z)
            return (weights * plain.CROSS_ENTROPY.values(z, given)).mean(), slopes

        learner, loss = plain.step_of_rows(learner, batch.inputs, rows)
        plain.assert_same(info.rows.weights, weights)
        plain.assert_same([info.loss, state.memory], [loss, old])
        plain.assert_same_learner(state.learner, learner)


def test_the_curriculum():
    """All rows early, those below the limit later, at last others as far as they are not too far above it."""
    objective = mentornet(epochs=10, percentile=0.5)
    logits = jnp.asarray([[3.0, 0, 0], [1, 0, 0], [0, 0, 0], [0, 0.5, 0], [0, 1.5, 0]])
    losses = -np.log(np.asarray(jax.nn.softmax(logits))[:, 0])
    outputs, labels = Outputs(logits, logits), jnp.zeros(5, jnp.int32)

    def weights(epoch):
        batch = Batch(logits, labels, jnp.arange(5), epoch=epoch, prepared=jnp.float32(jnp.nan))
        return np.asarray(objective.loss(outputs, batch)[1].weights)

    assert weights(1.0).tolist() == [1] * 5
    assert weights(5.0).tolist() == [1, 1, 1, 0, 0]
    np.testing.assert_allclose(weights(9.5), np.clip(1 - (losses - losses[2]), 0, 1), rtol=1e-5)
    with pytest.raises(ValueError, match=r"need percentile in \(0, 1\)"):
        mentornet(percentile=1.0)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(("case", "second"), [("mentormix", False), ("mentormix second", True)])
def test_two_steps_of_mentormix_equal_numpy(case, second):
    step, state = presets.step_of(case), presets.start_of(case)
    learner, alone, among = plain.fresh(state.learner.params), 0.9, 1.1
    for number in (1, 2):
        batch, clean = presets.batches_of(case, number)
        state, info = step(presets.key_of(number), state, batch, clean)
        inputs, given = np.asarray(batch.inputs), plain.one_hot(batch.labels)
        losses = plain.CROSS_ENTROPY.values(plain.network(learner.params, inputs)[0], given)
        alone = limit_of(alone, losses, 0.6)
        weights = (losses <= alone).astype(float)
        key_partner, key_factor = jax.random.split(plain.key_of_prepare(presets.key_of(number)))
        partners = np.asarray(jax.random.categorical(key_partner, jnp.asarray(weights), shape=(8,)))
        drawn = np.asarray(symmetric_beta(key_factor, 8.0, (8,)))
        large = np.maximum(drawn, 1 - drawn)
        factors = np.where(weights >= 0.5, large, 1 - large)[:, None]
        x, targets = (factors * v + (1 - factors) * v[partners] for v in (inputs, given))
        mixed = plain.CROSS_ENTROPY.values(plain.network(learner.params, x)[0], targets)
        among = limit_of(among, mixed, 0.6)
        again = mixed <= among if second else np.ones(8)

        def rows(z, again=again, targets=targets):
            slopes = again[:, None] * plain.CROSS_ENTROPY.slopes(z, targets) / len(z)
            return (again * plain.CROSS_ENTROPY.values(z, targets)).mean(), slopes

        learner, loss = plain.step_of_rows(learner, x, rows)
        plain.assert_same(info.rows.weights, weights)
        plain.assert_same([info.loss, state.memory["alone"], state.memory["mixed"]], [loss, alone, among])
        plain.assert_same_learner(state.learner, learner)
    with pytest.raises(ValueError, match="alpha > 0"):
        mentormix(alpha=0.0)
