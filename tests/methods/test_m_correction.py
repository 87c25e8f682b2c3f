"""M-correction: two steps in NumPy, and its mixture of two beta distributions (Arazo et al., ICML 2019)."""

import jax
import numpy as np
import pytest
from scipy.stats import beta

from meta_noise.losses.beta import symmetric_beta
from meta_noise.methods.m_correction import m_correction
from meta_noise.models.meta.beta_mixture import fit
from tests import presets
from tests.methods import plain
from tests.methods.test_famus import prior

TABLE, (LOW, HIGH) = presets.MEMORIES["m_correction"].values()


@pytest.mark.usefixtures("float64")
def test_two_steps_equal_numpy():
    step, state = presets.step_of("m_correction"), presets.start_of("m_correction")
    learner = plain.fresh(state.learner.params)
    for number in (1, 2):
        batch, clean = presets.batches_of("m_correction", number)
        state, info = step(presets.key_of(number), state, batch, clean)
        inputs, given = np.asarray(batch.inputs), plain.one_hot(batch.labels)
        z, _ = plain.network(learner.params, inputs)
        place = np.clip((plain.CROSS_ENTROPY.values(z, given) - LOW) / (HIGH - LOW), 0, 1)
        wrong = TABLE[np.floor(99 * place).astype(int)][:, None]
        believed = (1 - wrong) * given + wrong * plain.one_hot(z.argmax(-1))
        key_partner, key_factor = jax.random.split(plain.key_of_prepare(presets.key_of(number)))
        partners = np.asarray(jax.random.permutation(key_partner, 8))
        factor = float(symmetric_beta(key_factor, 32.0))
        x, targets = (factor * v + (1 - factor) * v[partners] for v in (inputs, believed))

        def rows(z, targets=targets):
            loss, slopes = plain.mixed_loss(targets)(z)
            penalty, by_p = prior(plain.softmax(z))
            return loss + penalty, slopes + plain.through_softmax(plain.softmax(z), by_p)

        learner, loss = plain.step_of_rows(learner, x, rows)
        plain.assert_same([info.loss], [loss])
        plain.assert_same(info.rows.targets, believed)
        plain.assert_same_learner(state.learner, learner)


def expected_fit(losses):
    """Returns the table after ten steps of expectation and maximisation, one value after the other."""
    low, high = np.percentile(losses, [5, 95])
    x = [min(max((v - low) / (high - low), 1e-3), 1 - 1e-3) for v in losses if low <= v <= high]
    shape = [(1.0, 2.0), (2.0, 1.0)]
    share = [0.5, 0.5]
    for _ in range(10):
        joint = np.array([[share[k] * beta.pdf(v, *shape[k]) for v in x] for k in range(2)])
        posterior = joint / joint.sum(0)
        for k in range(2):
            mean = np.average(x, weights=posterior[k])
            var = np.average((x - mean) ** 2, weights=posterior[k])
            first = mean * (mean * (1 - mean) / var - 1)
            shape[k] = (first, first * (1 - mean) / mean)
            share[k] = posterior[k].mean()
    values = [[share[k] * beta.pdf(v, *shape[k]) for v in np.linspace(1e-3, 1 - 1e-3, 100)] for k in range(2)]
    table = np.array(values[1]) / np.sum(values, axis=0)
    return np.where(np.arange(100) >= table.argmax(), table.max(), table)


def test_the_mixture_equals_a_plain_one():
    rng = np.random.default_rng(0)
    losses = 3 * np.concatenate([rng.beta(2, 9, 120), rng.beta(9, 2, 80)])
    table, bounds = fit(losses)
    np.testing.assert_allclose(table, expected_fit(losses), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(bounds, np.percentile(losses, [5, 95]), rtol=1e-6)
    assert table[10] < 0.1 and table[-1] > 0.9 and (np.diff(table[50:]) >= 0).all()


def test_losses_that_are_the_same_tell_nothing():
    table, bounds = fit(np.full(50, 0.3))
    assert (table == 0.5).all() and bounds[1] > bounds[0]


def test_all_rows_are_looked_at_before_an_epoch():
    losses = np.append(np.random.default_rng(1).beta(2, 9, 200), np.nan)
    found = m_correction().refresh(None, None, lambda fn: losses, 3)
    table, bounds = fit(losses[:-1])
    np.testing.assert_array_equal(found.memory["table"], table)
    np.testing.assert_array_equal(found.memory["range"], bounds)
    assert found.split is None and not found.restart
