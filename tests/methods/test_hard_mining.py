"""Hard mining: two steps in NumPy (Ren et al., ICML 2018, section 4.1)."""

import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.methods.hard_mining import hard_mining
from meta_noise.types import Batch, Outputs
from tests import presets
from tests.methods import plain

RAREST = int(np.argmin(presets.FACTS.class_counts))


def kept_of(losses, labels):
    """Returns [B] bool, class by class: the rarest one whole, of the others as many rows, those of highest loss."""
    labels, kept = np.asarray(labels), np.zeros(len(labels), bool)
    count = max(int((labels == RAREST).sum()), 1)
    for klass in range(3):
        rows = np.flatnonzero(labels == klass)
        kept[rows if klass == RAREST else rows[np.argsort(-losses[rows], kind="stable")[:count]]] = True
    return kept


@pytest.mark.usefixtures("float64")
def test_two_steps_equal_numpy():
    step, state = presets.step_of("hard_mining"), presets.start_of("hard_mining")
    learner = plain.fresh(state.learner.params)
    for number in (1, 2):
        batch, clean = presets.batches_of("hard_mining", number)
        state, info = step(presets.key_of(number), state, batch, clean)
        given = plain.one_hot(batch.labels)
        losses = plain.CROSS_ENTROPY.values(plain.network(learner.params, batch.inputs)[0], given)
        kept = kept_of(losses, batch.labels)
        assert 0 < kept.sum() < 8

        def rows(z, kept=kept, given=given):
            slopes = kept[:, None] * plain.CROSS_ENTROPY.slopes(z, given) / kept.sum()
            return (kept * plain.CROSS_ENTROPY.values(z, given)).sum() / kept.sum(), slopes

        learner, loss = plain.step_of_rows(learner, batch.inputs, rows)
        plain.assert_same(info.rows.weights, kept.astype(float))
        plain.assert_same(info.loss, loss)
        plain.assert_same_learner(state.learner, learner)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([0, 0, 0, 1], [0, 0, 1, 1]),  # the row of class 0 that has the highest loss, and all of class 1
        ([0, 0, 0, 0], [0, 0, 1, 0]),  # none of class 1: one row all the same
        ([1, 1, 1, 0], [1, 1, 1, 1]),
    ],
)
def test_which_rows_are_learned(labels, expected):
    labels = jnp.asarray(labels)
    scores = jnp.asarray([3.0, 2.0, 0.0, 0.0])  # of the observed class over the other one; equal losses: the first
    logits = scores[:, None] * (jnp.arange(2) == labels[:, None])
    outputs, batch = Outputs(logits, logits), Batch(logits, labels, jnp.arange(4))
    assert np.asarray(hard_mining(class_counts=[20, 5]).loss(outputs, batch)[1].weights).tolist() == expected
