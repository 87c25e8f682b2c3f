"""Processes that stop, fail and are killed: all end, with one sentence, and the same command goes on from there."""

import re
import shutil
import signal
import time

import pytest

from meta_noise import main
from tests.hosts.processes import CONFIG, ROOT, config_in, ended, started, trained, until_saved
from tests.hosts.test_training import same
from tests.stand_ins import write_mnist

pytestmark = pytest.mark.slow
LONG = CONFIG.replace('"epochs": 2', '"epochs": 12')  # 96 steps, each of which is saved


def finished_as_one(tmp_path, config):
    """Gives the same command again, and compares the end with that of one process that nothing disturbed."""
    again = trained(2, f"--config={config}", f"--workdir={tmp_path / 'two'}")
    assert [found.code for found in again] == [0, 0], again
    assert "Resumed at step" in again[0].out
    words = ["main", f"--config={config}", f"--workdir={tmp_path / 'one'}", "--config.train.devices=2"]
    assert main.run(words) == 0
    same(tmp_path / "one", tmp_path / "two")


@pytest.mark.parametrize("number", [0, 1])
def test_sigterm_to_one_stops_all_at_one_step(tmp_path, number, capsys):
    config = config_in(tmp_path, LONG)
    with started(2, f"--config={config}", f"--workdir={tmp_path / 'two'}") as processes:
        until_saved(tmp_path / "two", processes)
        processes[number].terminate()
        found = ended(processes)
    assert [one.code for one in found] == [143, 143], found
    steps = {re.search(r"Stopped by SIGTERM at step (\d+); the same command", one.err)[1] for one in found}
    assert len(steps) == 1 and (tmp_path / "two/checkpoints" / steps.pop()).is_dir()
    finished_as_one(tmp_path, config)


@pytest.mark.parametrize("number", [0, 1])
def test_one_is_killed(tmp_path, number, capsys):
    config = config_in(tmp_path, LONG)
    with started(2, f"--config={config}", f"--workdir={tmp_path / 'two'}") as processes:
        until_saved(tmp_path / "two", processes)
        processes[number].kill()
        begin = time.monotonic()
        found = ended(processes)
        assert time.monotonic() - begin < 60
    assert found[number].code == -signal.SIGKILL
    other = found[1 - number]  # JAX aborts it where it waits for the other without a step going on
    assert other.code == 2 and other.err.count("has probably been killed") == 1, found
    finished_as_one(tmp_path, config)


def test_a_signal_before_the_first_step(tmp_path):
    config = config_in(tmp_path)
    with started(2, f"--config={config}", f"--workdir={tmp_path / 'two'}") as processes:
        while not (tmp_path / "two/splits.npz").exists():
            time.sleep(0.01)
        processes[1].terminate()
        found = ended(processes)
    assert [one.code for one in found] == [143, 143], found
    assert all("Stopped by SIGTERM" in one.err for one in found)


def test_an_error_in_one_ends_all(tmp_path):
    """Only process 1 lacks a file."""
    configs, begin = [f"--config={config_in(tmp_path)}", f"--config={tmp_path / 'nowhere.py'}"], time.monotonic()
    found = trained(2, configs, f"--workdir={tmp_path / 'two'}")
    assert time.monotonic() - begin < 60
    assert [one.code for one in found] == [2, 2], found
    sentence = found[1].err.removeprefix("error: ")
    assert "nowhere.py" in sentence and re.fullmatch(
        r"error: Process 1 \(on .+\): " + re.escape(sentence), found[0].err
    )
    assert not (tmp_path / "two").exists()


def test_another_config(tmp_path):
    config = config_in(tmp_path)
    words = ["--config.seed=1", "--config.seed=2"]
    found = trained(2, f"--config={config}", f"--workdir={tmp_path / 'two'}", words)
    assert [one.code for one in found] == [2, 2], found
    sentence = "The config here is not that of process 0: config.seed (1 there, 2 now). Start all"
    assert all(sentence in one.err for one in found), found
    assert not (tmp_path / "two").exists()


def test_other_data(tmp_path):
    """The same name, and other rows in the folder of process 1."""
    places, mnist = [tmp_path / "a", tmp_path / "b"], {"name": "mnist", "path": "mnist", "verify": False}
    config = config_in(tmp_path, CONFIG.replace('{"name": "digits", "limit": 150}', str(mnist)))
    for place in places:
        (place / "mnist").mkdir(parents=True)
        write_mnist(place / "mnist")
    with (places[1] / "mnist/train-labels-idx1-ubyte").open("r+b") as file:
        file.seek(8)
        file.write(b"\x09")  # of the first row, 0 before
    found = trained(2, f"--config={config}", f"--workdir={tmp_path / 'two'}", at=places)
    assert [one.code for one in found] == [2, 2], found
    assert all("The data set here is not that of process 0" in one.err for one in found), found
    assert not (tmp_path / "two").exists()


def test_another_code(tmp_path):
    """Process 1 runs a copy of the package with one more line."""
    shutil.copytree(ROOT / "meta_noise", tmp_path / "meta_noise")
    with (tmp_path / "meta_noise/version.py").open("a") as file:
        file.write("# changed\n")
    config = config_in(tmp_path)
    found = trained(2, f"--config={config}", f"--workdir={tmp_path / 'two'}", at=[ROOT, tmp_path])
    assert [one.code for one in found] == [2, 2], found
    assert all("The code here is not that of process 0: code.source" in one.err for one in found), found


def test_a_folder_that_is_not_shared(tmp_path):
    config = config_in(tmp_path)
    folders = [f"--workdir={tmp_path / name}" for name in ("here", "there")]
    found = trained(2, f"--config={config}", folders)
    assert [one.code for one in found] == [2, 2], found
    assert all("is not seen here" in one.err and "share" in one.err for one in found), found
    assert not (tmp_path / "there").exists() and not (tmp_path / "here/.meta_noise.hosts").exists()


def test_not_all_have_come(tmp_path):
    config = config_in(tmp_path)
    with started(2, f"--config={config}", f"--workdir={tmp_path / 'two'}", patience=8) as processes:
        processes[1].kill()
        found = ended(processes)
    assert found[0].code == 2 and "Of 2 processes not all have come" in found[0].err, found
    assert not (tmp_path / "two").exists()


@pytest.mark.parametrize(("number", "kib"), [(0, 8), (1, 1)])
def test_a_shard_that_cannot_be_written(tmp_path, number, kib):
    config = config_in(tmp_path)
    divided = ["--config.train.mesh.model=2", "--config.train.mesh.least_bytes=1"]
    found = trained(2, f"--config={config}", f"--workdir={tmp_path / 'two'}", *divided, kib={number: kib})
    assert [one.code for one in found] == [2, 2], found
    sentence = "The checkpoint of step 1 could not be written to"
    assert all(one.err.count(sentence) == 1 and "File too large" in one.err for one in found), found
    assert f"Process {number} (on " in found[1 - number].err
