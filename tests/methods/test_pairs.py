"""Co-teaching, JoCoR and decoupling: two steps of both networks in NumPy, each on the same rows."""

import jax
import numpy as np
import pytest

from meta_noise.methods.co_teaching import co_teaching
from meta_noise.methods.jocor import jocor
from tests import presets
from tests.methods import plain

KEPT = int(8 * (1 - 0.2 * 5 / 10))  # epoch 5.5, forget 0.2 over ten epochs
ROWS = np.arange(8)


def one_each(batch):
    """Returns the batch of one network, which both get."""
    return jax.tree.map(lambda x: x[0] if np.ndim(x) else x, batch)


def lowest(losses):
    kept = np.zeros(8)
    kept[np.argsort(losses)[:KEPT]] = 1
    return kept


def co_teaching_rows(logits, given):
    """Returns weights [2, B], loss and slopes of each: every network learns what the other one finds easy."""
    losses = [plain.CROSS_ENTROPY.values(z, given) for z in logits]
    weights = np.stack([lowest(losses[1]), lowest(losses[0])])
    slopes = [w[:, None] * plain.CROSS_ENTROPY.slopes(z, given) / KEPT for w, z in zip(weights, logits, strict=True)]
    return weights, sum(w @ x / KEPT for w, x in zip(weights, losses, strict=True)), slopes


def jocor_rows(logits, given):
    """Returns the same: `0.9 (CE_1 + CE_2) + 0.1 (KL(p||q) + KL(q||p))`, on the rows where it is lowest."""
    p, q = map(plain.softmax, logits)
    apart = ((p - q) * (np.log(p) - np.log(q))).sum(-1)
    joint = 0.9 * sum(plain.CROSS_ENTROPY.values(z, given) for z in logits) + 0.1 * apart
    kept, slopes = lowest(joint), []
    for own, other, z in ((p, q, logits[0]), (q, p, logits[1])):
        by_p = np.log(own) - np.log(other) + (own - other) / own  # of both divergences
        slope = 0.9 * plain.CROSS_ENTROPY.slopes(z, given) + 0.1 * plain.through_softmax(own, by_p)
        slopes.append(kept[:, None] * slope / KEPT)
    return np.stack([kept, kept]), kept @ joint / KEPT, slopes


def decoupling_rows(logits, given):
    apart = (logits[0].argmax(-1) != logits[1].argmax(-1)).astype(float)
    assert 0 < apart.sum() < 8
    losses = sum(plain.CROSS_ENTROPY.values(z, given) for z in logits)
    slopes = [apart[:, None] * plain.CROSS_ENTROPY.slopes(z, given) / apart.sum() for z in logits]
    return np.stack([apart, apart]), apart @ losses / apart.sum(), slopes


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(
    ("case", "rows_of"),
    [("co_teaching", co_teaching_rows), ("jocor", jocor_rows), ("decoupling", decoupling_rows)],
)
def test_two_steps_equal_numpy(case, rows_of):
    step, state = presets.step_of(case), presets.start_of(case)
    learners = plain.pair(state)
    for number in (1, 2):
        batch = one_each(presets.batches_of(case, number)[0])
        state, info = step(presets.key_of(number), state, batch, batch)
        passes = [plain.network(learner.params, batch.inputs) for learner in learners]
        weights, loss, slopes = rows_of([z for z, _ in passes], plain.one_hot(batch.labels))
        learners = [
            plain.descend(learner, plain.gradient(learner.params, tape, slope), tape)
            for learner, (_, tape), slope in zip(learners, passes, slopes, strict=True)
        ]
        plain.assert_same(info.rows.weights, weights.ravel())
        plain.assert_same([info.loss], [loss / 2])
        plain.assert_same_pair(state.learner, learners)


def test_settings_out_of_range():
    with pytest.raises(ValueError, match=r"need forget in \[0, 1\)"):
        co_teaching(forget=1.0)
    with pytest.raises(ValueError, match=r"agreement must be in \[0, 1\]"):
        jocor(agreement=2.0)
