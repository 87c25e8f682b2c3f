"""EMLC: two steps in NumPy (Taraday, Baskin, ICCV 2023)."""

import jax
import numpy as np
import pytest

from meta_noise.methods.emlc import emlc
from tests import presets
from tests.methods import plain

REPLACED = 0.5


def taught(phi, inputs, labels):
    """Returns (logits [B, C], gate [B]) of the teacher: a network and, on its features and the label, the gate."""
    z, tape = plain.network(part(phi, "network"), inputs)
    gate = part(phi, "gate")
    x = np.concatenate([tape.features, plain.one_hot(labels) @ gate["embedding/embedding"]], -1)
    x = x @ gate["hidden/kernel"] + gate["hidden/bias"]
    x = np.where(x.real > 0, x, 0) @ gate["output/kernel"] + gate["output/bias"]
    return z, 1 / (1 + np.exp(-x[:, 0]))


def part(phi, name):
    return {path.removeprefix(f"{name}/"): value for path, value in phi.items() if path.startswith(f"{name}/")}


def corrected(phi, batch):
    z, gate = taught(phi, batch.inputs, batch.labels)
    return gate[:, None] * plain.softmax(z) + (1 - gate[:, None]) * plain.one_hot(batch.labels)


def walk(learner, phi, batch):
    z, tape = plain.network(learner.params, batch.inputs)
    targets = corrected(phi, batch)
    slopes = plain.CROSS_ENTROPY.slopes(z, targets) / len(z)
    loss = plain.CROSS_ENTROPY.values(z, targets).mean()
    return plain.descend(learner, plain.gradient(learner.params, tape, slopes), tape), loss, targets


def own_loss(phi, clean, shown):
    """Returns the clean cross-entropy of the teacher, and that of its gate for which labels were replaced."""
    z, gate = taught(phi, clean.inputs, shown)
    wrong = shown != np.asarray(clean.labels)
    of_gate = -np.where(wrong, np.log(gate), np.log(1 - gate)).mean()
    return plain.CROSS_ENTROPY.values(z, plain.one_hot(clean.labels)).mean() + of_gate


def shown_of(key, labels):
    """Returns the clean labels as the gate sees them."""
    _, _, which, other = jax.random.split(jax.random.split(key, 6)[0], 4)
    wrong = np.asarray(jax.random.bernoulli(which, REPLACED, labels.shape))
    away = np.asarray(jax.random.randint(other, labels.shape, 1, 3, labels.dtype))
    assert 0 < wrong.sum() < len(labels)
    return np.where(wrong, (np.asarray(labels) + away) % 3, labels)


@pytest.mark.usefixtures("float64")
def test_two_steps_equal_numpy():
    step, state = presets.step_of("emlc"), presets.start_of("emlc")
    learner, phi = plain.fresh(state.learner.params), plain.flat(state.meta.params)
    move = plain.Adam(1e-3).step
    for number in (1, 2):
        batch, clean = presets.batches_of("emlc", number)
        state, info = step(presets.key_of(number), state, batch, clean)
        shown, before = shown_of(presets.key_of(number), clean.labels), phi

        def total(phi, learner=learner, batch=batch, clean=clean, shown=shown):
            return plain.clean_loss(walk(learner, phi, batch)[0].params, clean) + own_loss(phi, clean, shown)

        grads = plain.derivative(total, phi)
        learner, loss, targets = walk(learner, phi, batch)
        phi = move(phi, grads)
        plain.assert_same(info.rows.targets, targets)
        plain.assert_same([info.loss, info.outer_loss], [loss, plain.clean_loss(learner.params, clean)])
        plain.assert_same_change(state.meta.params, phi, before)
        plain.assert_same_learner(state.learner, learner)


def test_a_share_that_is_none_is_refused():
    with pytest.raises(ValueError, match="replaced must be between 0 and 1, got 1"):
        emlc(replaced=1)
