"""L2B: two steps in NumPy (Zhou et al., CVPR 2024)."""

import numpy as np
import pytest

from tests import presets
from tests.methods import plain


@pytest.mark.usefixtures("float64")
def test_two_steps_equal_numpy():
    step, state = presets.step_of("l2b"), presets.start_of("l2b")
    learner = plain.fresh(state.learner.params)
    for number in (1, 2):
        batch, clean = presets.batches_of("l2b", number)
        state, info = step(presets.key_of(number), state, batch, clean)
        z, tape = plain.network(learner.params, batch.inputs)
        labels = [plain.one_hot(batch.labels), plain.one_hot(z.argmax(-1))]
        slopes = np.stack([plain.CROSS_ENTROPY.slopes(z, one) for one in labels])

        def outer(at, learner=learner, tape=tape, slopes=slopes, clean=clean):
            """Returns the clean loss after a virtual step of size 1 with weights [2, B]."""
            grads = plain.gradient(learner.params, tape, (at["w"][:, :, None] * slopes).sum(0))
            virtual = {name: value - grads[name] for name, value in learner.params.items()}
            return plain.clean_loss(virtual, clean)

        nothing = {"w": np.zeros((2, len(z)))}
        weights = np.maximum(0, -plain.derivative(outer, nothing)["w"])
        assert 0 < (weights > 0).sum() < weights.size
        weights /= weights.sum()
        losses = np.stack([plain.CROSS_ENTROPY.values(z, one) for one in labels])
        total = weights.sum(0)
        share = np.where(total > 0, weights[0] / np.where(total > 0, total, 1), 0.5)[:, None]
        grads = plain.gradient(learner.params, tape, (weights[:, :, None] * slopes).sum(0))
        learner = plain.descend(learner, grads, tape)
        plain.assert_same(info.rows.weights, len(z) * total)
        plain.assert_same(info.rows.targets, share * labels[0] + (1 - share) * labels[1])
        plain.assert_same([info.loss, info.outer_loss], [(weights * losses).sum(), outer(nothing)])
        plain.assert_same_learner(state.learner, learner)
