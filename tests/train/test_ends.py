"""Runs that begin anew after a first training, and runs that end with a fine-tuning on trusted rows."""

import functools
import tempfile
from pathlib import Path

import numpy as np
import optax
import pytest

from meta_noise.errors import InputError, StoppedError
from tests.train.whole import assert_same_bits, follow

_FOLDER = tempfile.TemporaryDirectory()
GLC = {
    "method": {"name": "glc"},
    "optimizer": {"lr": 0.1},
    "schedule": {"name": "cosine"},
    "train": {"epochs": 2, "finetune_epochs": 2, "checkpoint_seconds": 0.0},
}


@functools.cache
def whole():
    """Returns a run of GLC: 190 rows in batches of 32, two epochs of 5 steps, two more anew, two on 20 trusted rows."""
    return follow(Path(_FOLDER.name) / "whole", quick=True, **GLC)


def test_each_training_counts_its_own_steps():
    run = whole()
    calendar, state = run.job.settings.calendar, run.finished.kept.carry.state
    assert (calendar.warm, calendar.steps, calendar.tune, calendar.tune_epoch) == (10, 22, 2, 1)
    assert int(state.step) == int(optax.tree.get(state.learner.opt_state, "count")) == 12
    assert [line["epoch"] for line in run.fitted.history] == [1, 2, 3, 4, 5, 6]


def test_the_matrix_is_estimated_between_the_trainings():
    memory = whole().finished.kept.carry.state.memory
    matrix = np.asarray(memory["transition"])
    assert memory["estimated"] and abs(matrix - np.eye(10)).max() > 0.1
    np.testing.assert_allclose(matrix.sum(1), 1, rtol=1e-5)


def test_a_stopped_run_ends_with_the_same_bits(tmp_path):
    with pytest.raises(StoppedError):
        follow(tmp_path / "cut", quick=True, stops_at=13, **GLC)
    run = follow(tmp_path / "cut", quick=True, **GLC)
    assert_same_bits(run.finished.kept.carry, whole().finished.kept.carry)


def test_the_fine_tuning_learns_trusted_rows_only(tmp_path):
    run = follow(
        tmp_path / "tuned", quick=True, method={"name": "supervised"}, train={"epochs": 1, "finetune_epochs": 3}
    )
    visits = np.asarray(run.finished.kept.carry.memory.visits)
    trusted = run.job.clean_rows
    assert visits[trusted].sum() == 3 * 32 and visits[np.setdiff1d(run.job.train_rows, trusted)].sum() == 5 * 32
    assert "loss" in run.fitted.history[-1] and len(run.fitted.history) == 4


def test_it_needs_trusted_rows(tmp_path):
    with pytest.raises(InputError, match="finetune_epochs=1 trains on trusted rows, and there are none"):
        follow(
            tmp_path / "none",
            quick=True,
            clean={"size": 0},
            method={"name": "supervised"},
            train={"finetune_epochs": 1},
        )
