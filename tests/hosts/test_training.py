"""Two and four processes train what one does, to the last bit; they stop, end and resume together."""

import json

import pytest

from meta_noise import main
from tests.hosts.processes import CONFIG, config_in, ended, started, trained, until_saved

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


DIVIDED = ["--config.train.mesh.model=2", "--config.train.mesh.least_bytes=1"]


@pytest.mark.slow
def test_each_process_writes_its_shards(tmp_path, capsys):
    """Divided parameters are saved by who holds them, and read by one process with another mesh, which says so."""
    config, folder = f"--config={config_in(tmp_path)}", tmp_path / "two"
    found = trained(2, config, f"--workdir={folder}", *DIVIDED)
    assert [one.code for one in found] == [0, 0], found
    leaves = json.loads(next((folder / "checkpoints/16/info").rglob("metadata")).read_text())["leaves"]
    divided = {name: about for name, about in leaves.items() if "parts" in about}
    assert divided and all(len(about["parts"]) == 2 for about in divided.values())
    assert {path.name for path in (folder / "checkpoints/16/tree").glob("ocdbt.process_*")} == {
        "ocdbt.process_0",
        "ocdbt.process_1",
    }
    words = ["main", config, f"--workdir={tmp_path / 'one'}", "--config.train.devices=2", *DIVIDED]
    assert main.run(words) == 0
    same(tmp_path / "one", folder)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["mw_net", "mlc_lcn", "mlc_t", "ieg", "famus", "supervised", "ldam_drw"])
def test_every_method(tmp_path, method, capsys):
    config = config_in(tmp_path, CONFIG.replace('"l2r"', repr(method)))
    found = trained(2, f"--config={config}", f"--workdir={tmp_path / 'two'}")
    assert [one.code for one in found] == [0, 0], found
    assert main.run(["main", f"--config={config}", f"--workdir={tmp_path / 'one'}", "--config.train.devices=2"]) == 0
    for name in SAME[:-2]:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


@pytest.mark.slow
def test_another_number_of_processes_is_said(tmp_path):
    """A run of two processes that was stopped goes on in one with three devices, but for the order of sums."""
    config = f"--config={config_in(tmp_path)}"
    with started(2, config, f"--workdir={tmp_path / 'run'}") as processes:
        until_saved(tmp_path / "run", processes)
        processes[0].terminate()
        assert [one.code for one in ended(processes)] == [143, 143]
    (found,) = trained(1, config, f"--workdir={tmp_path / 'run'}", devices=3)
    assert found.code == 0, found
    said = (
        "Before it ran on 2 processes and a mesh of data 2 x model 1, now on 1 process and a mesh of data 3 x model 1"
    )
    assert said in found.out
