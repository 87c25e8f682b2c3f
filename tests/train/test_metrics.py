import math

import numpy as np
import pytest

from meta_noise.errors import InputError, NotFiniteError
from meta_noise.report.files import read_metrics as read
from meta_noise.train.metrics import MetricsFile


@pytest.fixture
def path(tmp_path):
    """A file of three lines."""
    path = tmp_path / "metrics.jsonl"
    metrics = MetricsFile(path)
    for epoch in (1, 2, 3):
        metrics.write(10 * epoch, epoch, {"loss": 1 / epoch, "accuracy": np.float32(0.5)})
    return path


def test_one_line_per_call(path):
    lines = path.read_text().splitlines()
    assert lines[0] == '{"step": 10, "epoch": 1, "loss": 1.0, "accuracy": 0.5}'
    assert len(lines) == 3
    assert read(path)[2] == {"step": 30, "epoch": 3, "loss": 1 / 3, "accuracy": 0.5}


@pytest.mark.parametrize("number", [math.nan, math.inf, np.float32("-inf")])
def test_refuses_what_is_not_finite(path, number):
    before = path.read_bytes()
    with pytest.raises(NotFiniteError, match=r"accuracy is .* at step 40"):
        MetricsFile(path).write(40, 4, {"loss": 1.0, "accuracy": number})
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["step", "epoch"])
def test_refuses_its_own_names(path, name):
    with pytest.raises(ValueError, match=f"cannot be called {name}"):
        MetricsFile(path).write(40, 4, {name: 1.0})


HISTORY = [{"step": 10 * epoch, "epoch": epoch, "loss": 1 / epoch, "accuracy": 0.5} for epoch in (1, 2, 3)]


@pytest.mark.parametrize("left", range(4))
def test_the_lines_of_a_checkpoint_are_restored(path, left):
    lines = path.read_bytes().splitlines(keepends=True)
    MetricsFile(path).restore(HISTORY[:left])
    assert path.read_bytes() == b"".join(lines[:left])
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("change", ["cut", "gone", "more", "flipped", "other", "empty"])
def test_whatever_became_of_the_file(path, change):
    whole = path.read_bytes()
    changed = {"cut": whole[:-5], "more": whole + b'{"step": 20, "ep', "other": b"oops\n" + whole, "empty": b""}
    path.unlink()
    if change != "gone":
        path.write_bytes(changed.get(change, whole.replace(b"0.5", b"0.4", 1)))
    MetricsFile(path).restore(HISTORY)
    assert path.read_bytes() == whole


def test_a_resumed_run_writes_the_same_bytes(path):
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    metrics = MetricsFile(path)
    metrics.restore(HISTORY[:1])
    for epoch in (2, 3):
        metrics.write(10 * epoch, epoch, {"loss": 1 / epoch, "accuracy": np.float32(0.5)})
    assert path.read_bytes() == whole


def test_nothing_to_restore_makes_no_file(tmp_path):
    MetricsFile(tmp_path / "none").restore([])
    assert not (tmp_path / "none").exists()


def test_a_link_is_not_written_through(tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "metrics.jsonl").symlink_to(tmp_path / "mine")
    with pytest.raises(InputError, match="Cannot write metrics to"):
        MetricsFile(tmp_path / "metrics.jsonl").write(1, 1, {})
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_file_that_cannot_be_written(tmp_path):
    with pytest.raises(InputError, match="Cannot write metrics to"):
        MetricsFile(tmp_path).write(1, 1, {})
