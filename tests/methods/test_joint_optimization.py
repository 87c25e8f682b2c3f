"""Joint optimisation: two steps in NumPy, and how labels are replaced (Tanaka et al., CVPR 2018)."""

import numpy as np
import pytest

from meta_noise.methods.joint_optimization import joint_optimization
from tests import presets
from tests.methods import plain
from tests.methods.test_famus import prior

COUNTS, ROWS = presets.FACTS[:2]
TARGETS = presets.MEMORIES["joint_optimization"]["targets"]


@pytest.mark.usefixtures("float64")
def test_two_steps_equal_numpy():
    step, state = presets.step_of("joint_optimization"), presets.start_of("joint_optimization")
    learner = plain.fresh(state.learner.params)
    for number in (1, 2):
        batch, clean = presets.batches_of("joint_optimization", number)
        state, info = step(presets.key_of(number), state, batch, clean)
        index, given = np.asarray(batch.index), plain.one_hot(batch.labels)
        replaced = index % 4 > 0
        targets = np.where(replaced[:, None], TARGETS[index], given)
        said = plain.softmax(plain.network(learner.params, batch.inputs)[0])

        def rows(z, targets=targets):
            p = plain.softmax(z)
            penalty, by_p = prior(p)
            entropy = -(p * np.log(p)).sum(-1).mean()
            by_p = by_p - 0.5 * (np.log(p) + 1) / len(p)
            values = plain.CROSS_ENTROPY.values(z, targets).mean()
            slopes = plain.CROSS_ENTROPY.slopes(z, targets) / len(z) + plain.through_softmax(p, by_p)
            return values + penalty + 0.5 * entropy, slopes

        learner, loss = plain.step_of_rows(learner, batch.inputs, rows)
        plain.assert_same([info.loss], [loss])
        plain.assert_same_learner(state.learner, learner)
        np.testing.assert_allclose(state.memory["said"][5, index], said, rtol=1e-6)  # epoch 5.5 of a window of ten


def test_labels_become_the_mean_of_the_last_epochs_and_training_begins_anew():
    objective = joint_optimization(COUNTS, ROWS, first=2, window=2, again=4)
    memory = {name: np.asarray(value) for name, value in objective.init_memory(None, None).items()}
    said = np.random.default_rng(0).dirichlet(np.ones(3), (2, ROWS))
    said[1, 7] = 0  # not drawn in one of the epochs
    memory["said"] = said
    early = objective.refresh(None, memory, None, 1)
    assert early.memory is memory and early.split is None and not early.restart
    found = objective.refresh(None, memory, None, 2)
    assert not found.restart and not found.memory["fixed"]
    np.testing.assert_allclose(found.memory["targets"][6], said[:, 6].mean(0))
    np.testing.assert_allclose(found.memory["targets"][7], said[0, 7])
    last = objective.refresh(None, found.memory, None, 4)
    assert last.restart and last.memory["fixed"]
    assert objective.refresh(None, last.memory, None, 5).memory is last.memory
    with pytest.raises(ValueError, match="again after first"):
        joint_optimization(first=10, again=10)
