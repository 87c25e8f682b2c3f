"""L2R: two steps against its algorithm in NumPy (Ren et al., ICML 2018, algorithm 1)."""

import jax.numpy as jnp
import numpy as np
import pytest

from tests import presets
from tests.methods import plain

FORMS = {
    "l2r": dict(rate=1.0, decay=0.0, epsilon=None),
    "l2r in the code of ieg": dict(rate=0.1, decay=5e-3, epsilon=1e-5),
}


def l2r_step(learner, batch, clean, rate, decay, epsilon, loss=plain.CROSS_ENTROPY):
    """Returns (learner, weights, loss, outer loss) after one step.

    `theta'(e) = theta - rate (grad sum_i e_i l_i + decay theta)` at e = 0; `wt_i = max(0, -dL_v/de_i)`; w = wt / sum.
    """
    targets = plain.one_hot(batch.labels)
    z, tape = plain.network(learner.params, batch.inputs)
    slopes = loss.slopes(z, targets)

    def outer(at):
        grads = plain.gradient(learner.params, tape, at["e"][:, None] * slopes)
        virtual = {name: value - rate * (grads[name] + decay * value) for name, value in learner.params.items()}
        return plain.clean_loss(virtual, clean)

    nothing = {"e": np.zeros(len(z))}
    weights = np.maximum(0, -plain.derivative(outer, nothing)["e"])
    total = weights.sum()
    weights = weights / ((total or 1) if epsilon is None else total + epsilon)
    grads = plain.gradient(learner.params, tape, weights[:, None] * slopes)
    return plain.descend(learner, grads, tape), weights, weights @ loss.values(z, targets), outer(nothing)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("case", FORMS)
def test_two_steps_equal_numpy(case):
    step, state = presets.step_of(case), presets.start_of(case)
    learner = plain.fresh(state.learner.params)
    for number in (1, 2):
        batch, clean = presets.batches_of(case, number)
        state, info = step(presets.key_of(number), state, batch, clean)
        learner, weights, loss, outer = l2r_step(learner, batch, clean, **FORMS[case])
        assert 0 < (weights > 0).sum() < len(weights)
        plain.assert_same(info.rows.weights, len(weights) * weights)
        plain.assert_same([info.loss, info.outer_loss], [loss, outer])
        plain.assert_same_learner(state.learner, learner)


@pytest.mark.usefixtures("float64")
def test_where_no_row_helps_only_weight_decay_acts():
    """All rows have the same inputs and say class 0, the clean rows say class 1."""
    step, state = presets.step_of("l2r"), presets.start_of("l2r")
    batch, clean = presets.batches_of("l2r", 1)
    inputs = jnp.tile(batch.inputs[:1], (8, 1))
    batch = batch._replace(inputs=inputs, labels=jnp.zeros(8, jnp.int32))
    clean = clean._replace(inputs=inputs, labels=jnp.ones(8, jnp.int32))
    after, info = step(presets.key_of(1), state, batch, clean)
    assert not info.rows.weights.any()
    decayed = {name: (1 - 0.1 * 5e-3) * value for name, value in plain.flat(state.learner.params).items()}
    plain.assert_same(after.learner.params, decayed, 1e-12)
