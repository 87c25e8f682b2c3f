"""The command line: one sentence and exit code 2 for what is wrong, and a run that survives kill -9."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from meta_noise import main

ROOT = Path(__file__).parents[1]
CONFIG = str(ROOT / "configs/digits.py")
SHORT = ["--config.train.epochs=2", "--config.model.hidden=(16,)", "--config.train.devices=1"]


def call(*arguments):
    return main.run(["meta_noise.main", *map(str, arguments)])


def test_a_run_and_its_repetition(tmp_path, capsys):
    command = (f"--config={CONFIG}:l2r,uniform=0.2,clean=30,seed=1", f"--workdir={tmp_path / 'run'}", *SHORT)
    assert call(*command) == 0
    printed = capsys.readouterr()
    assert "Estimate: 28 steps" in printed.out and "Accuracy on test rows" in printed.out
    assert "report.html" in printed.out and not printed.err
    results = json.loads((tmp_path / "run/results.json").read_text())
    assert (results["method"], results["seed"], results["clean_set"]["size"]) == ("l2r", 1, 30)
    assert results["noise"]["rate"] == 0.2
    assert call(*command) == 0
    assert "finished already, with step 28" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--config and --workdir"),
        (["--config=nowhere.py"], "nowhere.py"),
        ([f"--config={CONFIG}:mw_nett"], "Did you mean 'mw_net'"),
        ([f"--config={CONFIG}:uniform=x"], "needs a number"),
        ([f"--config={CONFIG}:uniforn=0.3"], "Did you mean 'uniform'"),
        ([f"--config={CONFIG}", "--config.trian.epochs=2"], "Did you mean 'train'"),
        ([f"--config={CONFIG}", "--config.train.epoch=2"], "Did you mean 'epochs'"),
        ([f"--config={CONFIG}", "--config.train.epochs=two"], "two"),
        ([f"--config={CONFIG}", "--config.method.hidden=many"], "must be int"),
        ([f"--config={CONFIG}", "--config.method.hiden=3"], "Did you mean 'hidden'"),
        ([f"--config={CONFIG}", "--config.clean.size=5"], "cannot cover 10 classes"),
        ([f"--config={CONFIG}", "--config.noise.rate=40"], "between 0 and 1"),
        ([f"--config={CONFIG}", "--config.model.pretrained=x.safetensors"], "not for model 'mlp'"),
        (
            [f"--config={CONFIG}:open_set=0.4", "--config.noise.sources=('mnist','digits')"],
            "2 data sets (mnist, digits) and 1 paths",
        ),
        ([f"--config={CONFIG}", "--workdri=x"], "workdir"),
        ([f"--config={CONFIG}", "more"], "Unexpected argument 'more'"),
        ([f"--config={ROOT / 'configs/mnist.py'}"], "meta_noise.data.download mnist"),
    ],
)
def test_wrong_input_is_one_sentence(tmp_path, capsys, arguments, words):
    others = [f"--workdir={tmp_path / 'run'}", "--config.train.devices=1"] if arguments else []
    assert call(*arguments, *others) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and words in error and error.count("\n") == 1 and "Traceback" not in error


def test_a_config_file_that_fails_is_named(tmp_path, capsys):
    (tmp_path / "mine.py").write_text("def get_config(arg):\n    return 1 / 0\n")
    assert call(f"--config={tmp_path / 'mine.py'}", f"--workdir={tmp_path / 'run'}") == 2
    assert "mine.py fails with ZeroDivisionError" in capsys.readouterr().err


def test_help(capsys):
    with pytest.raises(SystemExit) as caught:
        call("--help")
    assert caught.value.code == 0 and "--workdir" in capsys.readouterr().out


@pytest.mark.slow
def test_kill_and_the_same_command_again(tmp_path):
    """A process is killed with SIGKILL in the middle of training; the second one ends with the bits of a whole run."""

    def command(folder):
        overrides = ["--config.train.epochs=150", "--config.train.devices=1", "--config.train.checkpoint_seconds=0.3"]
        return [sys.executable, "-m", "meta_noise.main", f"--config={CONFIG}", f"--workdir={folder}", *overrides]

    environment = {**os.environ, "JAX_PLATFORMS": "cpu"}
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    process = subprocess.Popen(command(cut), cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    begin = time.monotonic()
    while not any(path.name.isdigit() for path in (cut / "checkpoints").glob("*")):
        assert process.poll() is None and time.monotonic() - begin < 120
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (cut / "results.json").exists()
    for folder in (whole, cut):
        done = subprocess.run(command(folder), cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert "Resumed at step" in done.stdout
    for name in ("metrics.jsonl", "labels.csv", "labels.parquet", "noise.npz", "splits.npz"):
        assert (whole / name).read_bytes() == (cut / name).read_bytes(), name
