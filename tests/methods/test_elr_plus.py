"""ELR+: two steps of both networks in NumPy (Liu et al., NeurIPS 2020)."""

import jax
import numpy as np
import pytest

from meta_noise.losses.beta import symmetric_beta
from meta_noise.methods.elr_plus import elr_plus
from tests import presets
from tests.methods import plain
from tests.methods.test_pairs import one_each

DECAY, STRENGTH, EDGE = 0.7, 3.0, 1e-4
MEMORY = presets.MEMORIES["elr_plus"]


def kept(z):
    return np.clip(plain.softmax(z), EDGE, 1 - EDGE)


def mixing(key):
    """Returns partners and factor of one network: of `m ~ Beta(1, 1)` and 1 - m the larger."""
    key_partner, key_factor = jax.random.split(key)
    factor = float(symmetric_beta(key_factor, 1.0))
    return np.asarray(jax.random.permutation(key_partner, 8)), max(factor, 1 - factor)


def averaged(learner, old, count):
    """Returns averaged parameters after step `count`, counted from 0: the decay is min(0.997, (1 + t) / (10 + t))."""
    rate = np.float32(min(0.997, (1 + count) / (10 + count)))  # the library counts in single precision
    rest = float(np.float32(1) - rate)
    return {name: float(rate) * old[name] + rest * value for name, value in learner.params.items()}


@pytest.mark.usefixtures("float64")
def test_two_steps_equal_numpy():
    step, state = presets.step_of("elr_plus"), presets.start_of("elr_plus")
    learners, memory = plain.pair(state), MEMORY.copy()
    averages = [learner.params for learner in learners]
    for number in (1, 2):
        batch = one_each(presets.batches_of("elr_plus", number)[0])
        state, info = step(presets.key_of(number), state, batch, batch)
        inputs, given, index = np.asarray(batch.inputs), plain.one_hot(batch.labels), np.asarray(batch.index)
        keys = jax.random.split(plain.key_of_prepare(presets.key_of(number)))
        said = [kept(plain.network(averages[c], inputs, learners[c].running)[0]) for c in range(2)]
        moved, total, targets = [], 0.0, []
        for copy in range(2):
            other = said[1 - copy] / said[1 - copy].sum(-1, keepdims=True)
            target = DECAY * memory[copy, index] + (1 - DECAY) * other
            partners, factor = mixing(keys[copy])
            x, y, t = (factor * v + (1 - factor) * v[partners] for v in (inputs, given, target))

            def rows(z, y=y, t=t):
                p = plain.softmax(z)
                left = 1 - (t * kept(z)).sum(-1)
                held = plain.through_softmax(p, -t / left[:, None])  # nothing is at an edge
                values = plain.CROSS_ENTROPY.values(z, y) + STRENGTH * np.log(left)
                return values.mean(), (plain.CROSS_ENTROPY.slopes(z, y) + STRENGTH * held) / len(z)

            learner, loss = plain.step_of_rows(learners[copy], x, rows)
            averages[copy] = averaged(learner, averages[copy], number - 1)
            moved.append(learner)
            targets.append(target)
            total += loss
        learners = moved
        memory[:, index] = targets
        plain.assert_same([info.loss], [total / 2])
        plain.assert_same_pair(state.learner, learners)
        np.testing.assert_allclose(state.memory, memory, rtol=1e-9)


def test_settings_out_of_range():
    with pytest.raises(ValueError, match=r"need decay in \[0, 1\)"):
        elr_plus(decay=1.0)
