"""A command that was killed at any of its file operations ends, given again, as one that was not."""

import os

import pytest

from experiments.faults.layer import left, put_back, recorded, sample
from meta_noise import main
from meta_noise.cli.run import run as command
from tests import images
from tests.own_runs import write_rows

CONFIG = """
def get_config(arg):
    return {
        "data": {"name": "digits", "limit": 60}, "clean": {"size": 10}, "model": {"name": "mlp", "hidden": [4]},
        "method": {"name": "mw_net"}, "report": {"examples": 2},
        "train": {"epochs": 3, "batch_size": 32, "clean_batch_size": 8, "devices": 1, "checkpoint_seconds": 0.0},
    }
"""


def sweep(root, store, run, count, may_refuse=False):
    """Runs a command, then again from what it had written at `count` of its moments (0: at all of them).

    `may_refuse` says that it refuses, with exit code 2, where all it writes is there.
    """
    with recorded(root, store) as recorder:
        assert run() == 0
    expected = left(root)
    assert len(recorder.moments) > 3
    for moment in recorder.moments if not count else sample(recorder.moments, count):
        put_back(moment, root)
        code = run()
        assert code == 0 or (may_refuse and code == 2), moment
        assert left(root) == expected, moment
    return recorder


def training(tmp_path):
    (tmp_path / "config.py").write_text(CONFIG)
    root = tmp_path / "at"
    return root, lambda: main.run(["main", f"--config={tmp_path / 'config.py'}", f"--workdir={root / 'run'}"])


def test_training(tmp_path, capsys):
    root, run = training(tmp_path)
    recorder = sweep(root, tmp_path / "moments", run, 7)
    assert recorder.operations.total() > 150
    assert recorder.operations.keys() >= {"open", "write", "rest of a write", "fsync", "replace", "mkdir", "unlink"}


@pytest.mark.slow
def test_training_at_every_operation(tmp_path, capsys):
    root, run = training(tmp_path)
    sweep(root, tmp_path / "moments", run, 0)


def cleaning(world, tmp_path):
    trusted = write_rows(
        tmp_path / "trusted.csv", [{"id": row["id"], "label": world.truth[row["id"]]} for row in world.rows[:24]]
    )
    root = tmp_path / "at"
    options = ["--method", "l2r", "--model", "mlp", "--epochs", "1", "--out"]
    return root, lambda: command(["clean", str(world.data), "--trusted", str(trusted), *options, str(root / "run")])


@pytest.mark.slow
def test_cleaning(world, tmp_path, capsys):
    root, run = cleaning(world, tmp_path)
    recorder = sweep(root, tmp_path / "moments", run, 4)
    assert any("tournament.npz" in moment.path for moment in recorder.moments)


@pytest.mark.slow
def test_cleaning_at_every_operation(world, tmp_path, capsys):
    root, run = cleaning(world, tmp_path)
    sweep(root, tmp_path / "moments", run, 0)


def test_queue(world, tmp_path, capsys):
    root = tmp_path / "at"
    sweep(root, tmp_path / "moments", lambda: command(["queue", str(world.run), "--n", "8", "--out", str(root)]), 0)


def test_predictions(world, tmp_path, capsys):
    root = tmp_path / "at"
    words = ["predict", str(world.run), str(world.data), "--out", str(root / "found.csv")]
    sweep(root, tmp_path / "moments", lambda: command(words), 8, may_refuse=True)


def test_exported_function(world, tmp_path, capsys):
    root = tmp_path / "at"
    words = ["export", str(world.run), "--out", str(root)]
    sweep(root, tmp_path / "moments", lambda: command(words), 8, may_refuse=True)


def test_prepared_images(tmp_path, capsys):
    for part in ("training", "testing"):
        for number in range(10):
            images.put(tmp_path / f"tree/{part}/{number}_{number}.jpg", number, width=12, height=10)
    root = tmp_path / "at"
    words = ["prepare", "animal10n", "--from", str(tmp_path / "tree"), "--to", str(root), "--partial"]
    recorder = sweep(root, tmp_path / "moments", lambda: command(words), 0, may_refuse=True)
    assert len(recorder.moments) > 50


def ingesting(world, tmp_path):
    answers = world.answers(tmp_path / "answers.csv", world.rows[:20], wrong=("row7",))
    root = tmp_path / "at"
    options = ["--method", "mw_net", "--epochs", "1", "--out", str(root / "next")]
    return root, lambda: command(["ingest", str(world.run), str(answers), *options])


@pytest.mark.slow
def test_next_round(world, tmp_path, capsys):
    root, run = ingesting(world, tmp_path)
    sweep(root, tmp_path / "moments", run, 4)


@pytest.mark.slow
def test_next_round_at_every_operation(world, tmp_path, capsys):
    root, run = ingesting(world, tmp_path)
    sweep(root, tmp_path / "moments", run, 0)


def test_links_stay_links(world, tmp_path, capsys):
    """A link in place of a file to write is replaced; what it leads to stays as it is."""
    (tmp_path / "mine").write_text("mine")
    out = tmp_path / "found.csv"
    os.symlink(tmp_path / "nowhere", out)
    assert command(["predict", str(world.run), str(world.data), "--out", str(out)]) == 0
    assert not out.is_symlink() and not (tmp_path / "nowhere").exists()
