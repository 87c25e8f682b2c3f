"""The variance of the meta-gradient over clean batches, against NumPy over separate meta-gradients."""

import jax
import numpy as np
import pytest

from meta_noise.train.refresh import drawer
from meta_noise.train.steps import batches_of
from meta_noise.train.variance import make_variance
from tests.train.whole import GUESSED, guessed


def flat(grads):
    return np.concatenate([np.ravel(x) for x in jax.tree.leaves(grads)])


@pytest.mark.slow
def test_variance_of_the_last_epoch():
    """At the state and noisy batch of the next step, over the clean batches of that step and the two after it."""
    run = guessed()
    job, kept, total = run.job, run.finished.kept, run.fitted.results["steps"]
    draws = drawer(job, run.where, kept.split, total - 1)(total, 3)
    grads = []
    for number in range(3):
        draw = jax.tree.map(lambda x: x[0], draws)._replace(clean=draws.clean[number])
        key, state, batch, clean = batches_of(job.settings, kept.carry.state, job.store, draw)
        np.testing.assert_array_equal(batch.index, draws.train[0])
        np.testing.assert_array_equal(clean.index, draws.clean[number])  # guessed rows are training rows
        np.testing.assert_array_equal(clean.labels, np.asarray(job.store.labels)[np.asarray(draws.clean[number])])
        grads.append(flat(jax.jit(job.method.meta_grads)(key, state, batch, clean)))
    mean = sum(grads) / 3
    expected = np.mean(sum((g - mean) ** 2 for g in grads) / 3)
    found = run.finished.history[-1]["meta_gradient_variance"]
    assert found > 0
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_it_is_measured_in_every_epoch_with_a_meta_level():
    measured = ["meta_gradient_variance" in line for line in guessed().fitted.history]
    assert measured == [epoch >= GUESSED["train"]["warmup_epochs"] for epoch in range(5)]


def test_one_clean_batch_has_no_variance():
    run = guessed()
    draw = drawer(run.job, run.where, run.finished.kept.split, 24)
    assert make_variance(run.job._replace(variance_batches=1))(run.finished.kept.carry.state, draw, 24) == 0


def test_a_method_without_a_meta_level_is_refused():
    job = guessed().job
    with pytest.raises(ValueError, match="no meta-gradient"):
        make_variance(job._replace(method=job.method._replace(meta_grads=None)))
