"""CMW-Net: two steps in NumPy, and the families of classes (Shu et al., TPAMI 2023)."""

import numpy as np
import pytest

from meta_noise.methods.cmw_net import cmw_net, families_of
from tests import presets
from tests.methods import plain


def family_weights(phi, losses, family):
    """Returns the weight of every row by the function of its class's family."""
    below = losses[:, None] * phi["hidden/kernel"] + phi["hidden/bias"]
    above = (below * (below.real > 0)) @ phi["weight/kernel"] + phi["weight/bias"]
    return (1 / (1 + np.exp(-above)))[np.arange(len(losses)), family]


@pytest.mark.usefixtures("float64")
def test_two_steps_equal_numpy():
    step, state = presets.step_of("cmw_net"), presets.start_of("cmw_net")
    learner, phi = plain.fresh(state.learner.params), plain.flat(state.meta.params)
    family = np.array([2, 1, 0])  # classes of 30, 8 and 2 rows
    move = plain.Adam(1e-3, decay=1e-4).step
    for number in (1, 2):
        batch, clean = presets.batches_of("cmw_net", number)
        state, info = step(presets.key_of(number), state, batch, clean)
        given = plain.one_hot(batch.labels)
        z, tape = plain.network(learner.params, batch.inputs)
        losses, slopes = plain.CROSS_ENTROPY.values(z, given), plain.CROSS_ENTROPY.slopes(z, given)
        rows = family[np.asarray(batch.labels)]

        def gradient(phi, learner=learner, tape=tape, losses=losses, slopes=slopes, rows=rows):
            weights = family_weights(phi, losses, rows)
            return plain.gradient(learner.params, tape, (weights / weights.sum())[:, None] * slopes)

        def outer(phi, learner=learner, gradient=gradient, clean=clean):
            grads = gradient(phi)
            virtual = {name: value - 0.1 * grads[name] for name, value in learner.params.items()}
            return plain.clean_loss(virtual, clean)

        value = outer(phi)
        phi = move(phi, plain.derivative(outer, phi))
        learner = plain.descend(learner, gradient(phi), tape)
        weights = family_weights(phi, losses, rows)
        plain.assert_same(info.rows.weights, weights)
        plain.assert_same([info.loss, info.outer_loss], [weights @ losses / weights.sum(), value])
        plain.assert_same_change(state.meta.params, phi, presets.start_of("cmw_net").meta.params)
        plain.assert_same_learner(state.learner, learner)


def test_families_are_those_of_classes_of_like_size():
    assert families_of([5000, 4900, 500, 450, 60, 50, 40], 3).tolist() == [2, 2, 1, 1, 0, 0, 0]
    assert families_of([100, 100, 100], 3).tolist() == [0, 0, 0]
    assert families_of([9, 1], 3).tolist() == [1, 0]
    with pytest.raises(ValueError, match="families must be at least 1"):
        cmw_net(families=0)
