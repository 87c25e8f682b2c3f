"""MixMatch and MixMatch-KL: two steps in NumPy (Berthelot et al., NeurIPS 2019)."""

import jax
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.losses.beta import symmetric_beta
from meta_noise.methods.mixmatch import mixmatch
from tests import presets
from tests.methods import plain
from tests.train.whole import follow

FACTOR = 75.0 * 5.5 / 16  # epoch 5.5 of a ramp over 16


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(("case", "consistency"), [("mixmatch", 0.0), ("mixmatch kl", 20.0)])
def test_two_steps_equal_numpy(case, consistency):
    step, state = presets.step_of(case), presets.start_of(case)
    learner = plain.fresh(state.learner.params)
    for number in (1, 2):
        batch, clean = presets.batches_of(case, number)
        state, info = step(presets.key_of(number), state, batch, clean)
        views = [np.asarray(batch.inputs), np.asarray(batch.views[0])]
        said = [plain.softmax(plain.network(learner.params, x)[0]) for x in views]
        guess = plain.sharpen((said[0] + said[1]) / 2)
        pool = np.concatenate([*views, np.asarray(clean.inputs)])
        targets = np.concatenate([guess, guess, plain.one_hot(clean.labels)])
        key_partner, key_factor = jax.random.split(plain.key_of_prepare(presets.key_of(number)))
        partners = np.asarray(jax.random.permutation(key_partner, 24))
        drawn = np.asarray(symmetric_beta(key_factor, 0.75, (24,)))
        factors = np.maximum(drawn, 1 - drawn)[:, None]
        x, mixed = (factors * v + (1 - factors) * v[partners] for v in (pool, targets))

        def rows(z, mixed=mixed):
            total, slopes = 0.0, np.zeros_like(z)
            if consistency:
                p, q = plain.softmax(z[:8]), plain.softmax(z[8:16])
                total += consistency * (p * np.log(p / q)).sum(-1).mean()
                slopes[8:16] = consistency * (q - p) / 8  # the first argument is a constant
            p = plain.softmax(z[-24:])
            total += plain.CROSS_ENTROPY.values(z[-8:], mixed[16:]).mean()
            total += FACTOR * ((p[:16] - mixed[:16]) ** 2).mean()
            slopes[-8:] = (p[16:] - mixed[16:]) / 8
            slopes[-24:-8] = FACTOR * plain.through_softmax(p[:16], 2 * (p[:16] - mixed[:16]) / 48)
            return total, slopes

        learner, loss = plain.step_of_rows(learner, np.concatenate([*views, x]) if consistency else x, rows)
        plain.assert_same([info.loss], [loss])
        plain.assert_same(info.rows.targets, guess)
        plain.assert_same_learner(state.learner, learner)


def test_it_needs_trusted_rows(tmp_path):
    with pytest.raises(InputError, match=r"Method 'mixmatch'.*needs clean rows, and there are none"):
        follow(tmp_path / "none", clean={"size": 0}, method={"name": "mixmatch"})
    with pytest.raises(ValueError, match="need ramp_epochs"):
        mixmatch(alpha=0.0)
