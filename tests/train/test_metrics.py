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


@pytest.mark.parametrize(("step", "left"), [(-1, 0), (0, 0), (10, 1), (29, 2), (30, 3), (99, 3)])
def test_rewind_drops_later_lines(path, step, left):
    lines = path.read_bytes().splitlines(keepends=True)
    MetricsFile(path).rewind(step)
    assert path.read_bytes() == b"".join(lines[:left])
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("torn", [b'{"step": 20, "ep', b'{"step": 20, "epoch": 2}', b"{", b"\xff\x00"])
def test_a_line_that_was_cut_short_is_dropped(path, torn):
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    MetricsFile(path).rewind(30)
    assert path.read_bytes() == whole


def test_a_resumed_run_writes_the_same_bytes(path):
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    metrics = MetricsFile(path)
    metrics.rewind(15)
    for epoch in (2, 3):
        metrics.write(10 * epoch, epoch, {"loss": 1 / epoch, "accuracy": np.float32(0.5)})
    assert path.read_bytes() == whole


def test_rewind_without_a_file_is_nothing(tmp_path):
    MetricsFile(tmp_path / "none").rewind(3)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("line", ["oops", "[1]", "{}", "3"])
def test_other_damage_names_the_line(path, line):
    path.write_text(f"{path.read_text()}{line}\n{path.read_text()}")
    with pytest.raises(InputError, match=r"Line 4 of .*metrics\.jsonl is not a line of metrics"):
        MetricsFile(path).rewind(10)


def test_a_file_that_cannot_be_written(tmp_path):
    with pytest.raises(InputError, match="Cannot write metrics to"):
        MetricsFile(tmp_path).write(1, 1, {})
