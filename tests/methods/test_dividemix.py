"""DivideMix: two steps of both networks in NumPy, and its warm-up (Li, Socher, Hoi, ICLR 2020, algorithm 1)."""

import jax
import numpy as np
import pytest

from meta_noise.build.defaults import resolved
from meta_noise.build.method import make_method
from meta_noise.build.optimizer import Lengths
from meta_noise.config.parse import parse
from tests import presets
from tests.methods import plain
from tests.methods.test_famus import CLASSES, UNLABELLED, known_of, mix, part, prior
from tests.toy import toy_network

RAMP = (5.5 - 2) / 16  # epoch 5.5 of a run whose warm-up ended with epoch 2
SURE = presets.MEMORIES["dividemix"]["clean"]


@pytest.mark.usefixtures("float64")
def test_two_steps_equal_numpy():
    step, state = presets.step_of("dividemix"), presets.start_of("dividemix")
    learners = plain.pair(state)
    for number in (1, 2):
        batch, clean = presets.batches_of("dividemix", number)
        state, info = step(presets.key_of(number), state, batch, clean)
        keys = jax.random.split(plain.key_of_prepare(presets.key_of(number)))
        moved, total, targets_of = [], 0.0, []
        for copy in range(2):
            own = part(batch, copy)
            inputs, view = own.inputs, own.views[0]
            sure = SURE[copy][own.index]
            first, last = slice(4), slice(4, None)
            refined, _ = known_of(learners, copy, sure[first], inputs[first], view[first], own.labels[first])
            _, guess = known_of(learners, copy, sure[last], inputs[last], view[last], own.labels[last])
            targets = np.concatenate([refined, refined, guess, guess])
            pool = np.concatenate([inputs[first], view[first], inputs[last], view[last]])
            x, mixed = mix(keys[copy], pool, targets)

            def rows(z, mixed=mixed):
                p, trusted = plain.softmax(z), np.arange(16)[:, None] < 8
                penalty, by_p = prior(p)
                apart = ((p - mixed) ** 2)[8:].mean()
                loss = plain.CROSS_ENTROPY.values(z, mixed)[:8].mean() + UNLABELLED * RAMP * apart + penalty
                others = plain.through_softmax(p, UNLABELLED * RAMP * 2 * (p - mixed) / CLASSES / 8)
                slopes = np.where(trusted, (p - mixed) / 8, others) + plain.through_softmax(p, by_p)
                return loss, slopes

            learner, loss = plain.step_of_rows(learners[copy], x, rows)
            moved.append(learner)
            total += loss
            targets_of.append(targets)
        learners = moved
        plain.assert_same([info.loss], [total / 2])
        plain.assert_same(info.rows.targets, np.concatenate(targets_of))
        plain.assert_same_pair(state.learner, learners)


@pytest.mark.usefixtures("float64")
def test_the_warm_up_may_penalise_confidence():
    config = resolved(parse({**presets.CASES["dividemix"], "method": {"name": "dividemix", "penalty": 1.0}}))
    method = make_method(config, toy_network(), Lengths(10, 10, warmup=4), presets.FACTS)
    state, (batch, clean) = presets.start_of("dividemix"), presets.batches_of("dividemix", 1)
    after, info = jax.jit(method.warmup.step, compiler_options=presets.QUICK)(presets.key_of(1), state, batch, clean)
    moved, total = [], 0.0
    for copy, learner in enumerate(plain.pair(state)):
        own = part(batch, copy)

        def rows(z, own=own):
            p, given = plain.softmax(z), plain.one_hot(own.labels)
            values = plain.CROSS_ENTROPY.values(z, given) + (p * np.log(p)).sum(-1)
            slopes = p - given + plain.through_softmax(p, np.log(p) + 1)
            return values.mean(), slopes / len(z)

        one, loss = plain.step_of_rows(learner, own.inputs, rows)
        moved.append(one)
        total += loss
    plain.assert_same([info.loss], [total / 2])
    plain.assert_same_pair(after.learner, moved)
