"""Two and four processes train what one does, to the last bit; they stop, end and resume together."""

import json

import pytest

from meta_noise import main
from tests.hosts.processes import config_in, trained

SAME = ("metrics.jsonl", "labels.csv", "labels.parquet", "noise.npz", "splits.npz", "rows.npz", "model.npz")


def same(one, other):
    for name in SAME:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def test_two_processes_are_one_with_two_devices(tmp_path, capsys):
    config = config_in(tmp_path)
    found = trained(2, f"--config={config}", f"--workdir={tmp_path / 'two'}")
    assert [one.code for one in found] == [0, 0], found
    assert "Report:" in found[0].out and "Report:" not in found[1].out
    words = ["main", f"--config={config}", f"--workdir={tmp_path / 'one'}", "--config.train.devices=2"]
    assert main.run(words) == 0
    same(tmp_path / "one", tmp_path / "two")
    assert json.loads((tmp_path / "two/results.json").read_text())["steps"] == 16


@pytest.mark.slow
@pytest.mark.parametrize(("count", "devices"), [(2, 2), (4, 1)])
def test_many_processes_are_one_with_as_many_devices(tmp_path, count, devices):
    """The one sums by Gloo, too, and so in the same order."""
    config = f"--config={config_in(tmp_path)}"
    many = trained(count, config, f"--workdir={tmp_path / 'many'}", devices=devices)
    one = trained(1, config, f"--workdir={tmp_path / 'one'}", devices=count * devices)
    assert [found.code for found in (*many, *one)] == [0] * (count + 1), many
    same(tmp_path / "one", tmp_path / "many")
