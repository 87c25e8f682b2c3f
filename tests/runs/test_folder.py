"""The run folder: whose it is, who is in it, and what is said of files that were changed."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from meta_noise import InputError, main
from meta_noise.cli.run import run as command
from meta_noise.disk.limits import limit
from meta_noise.disk.owned import MARKER
from meta_noise.disk.sealed import read_json, write_json
from meta_noise.runs import run as runs
from meta_noise.runs.folder import open_config
from tests.disk.test_owned import state
from tests.train.whole import SMALL

ROOT = Path(__file__).parents[2]
TINY = {**SMALL, "train": {**SMALL["train"], "epochs": 1}}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run that tests copy or leave as it is."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    runs.run(TINY, folder)
    return folder


@pytest.mark.parametrize("names", [("config.json",), ("config.json", "checkpoints"), ("package.json", "report.html")])
def test_folders_of_others_stay_as_they_are(tmp_path, world, capsys, monkeypatch, names):
    for name in (*names, "labels.csv", "results.json"):
        (tmp_path / name).write_text("{}")
    before = state(tmp_path)
    monkeypatch.chdir(tmp_path)
    for words in (
        ["clean", str(world.data), "--out", "."],
        ["queue", str(world.run), "--out", "."],
        ["export", str(world.run), "--out", "."],
        ["ingest", str(world.run), str(world.answers(tmp_path.parent / "a.csv", world.rows[:9])), "--out", "."],
    ):
        assert command(words) == 2
        error = capsys.readouterr().err
        assert "was not made by meta_noise" in error and error.count("\n") == 1
        assert state(tmp_path) == before
    with pytest.raises(InputError, match="was not made by meta_noise"):
        runs.run(TINY, tmp_path)
    assert state(tmp_path) == before


def copied(folder, target):
    import shutil

    return shutil.copytree(folder, target)


def test_an_edited_config_is_told_by_its_key(finished, tmp_path):
    folder = copied(finished, tmp_path / "run")
    stored = json.loads((folder / "config.json").read_text())
    stored["train"]["epochs"] = 9
    (folder / "config.json").write_text(json.dumps(stored))
    before = state(folder)
    with pytest.raises(
        InputError, match=r"changed since the run wrote it: 'train'.*config\.train\.epochs \(9 there, 1"
    ):
        runs.run(TINY, folder)
    (folder / "config.json").unlink()
    with pytest.raises(InputError, match=r"config\.json is missing"):
        runs.run(TINY, folder)
    assert {**state(folder), "config.json": before["config.json"]} == before


FILES = ("labels.parquet", "results.json", "metrics.jsonl", "report.html", "rows.npz")
DAMAGES = [(name, how) for name in FILES for how in ("gone", "cut", "flipped")]
QUICK = {
    *((name, "flipped") for name in FILES),
    ("results.json", "gone"),
    ("metrics.jsonl", "cut"),
    ("rows.npz", "cut"),
}


@pytest.mark.parametrize(
    ("name", "how"), [pytest.param(*one, marks=[pytest.mark.slow] * (one not in QUICK)) for one in DAMAGES]
)
def test_the_same_command_mends_what_was_damaged(finished, tmp_path, name, how):
    folder, path = copied(finished, tmp_path / "run"), tmp_path / "run" / name
    before = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        changed = bytearray(before[: len(before) // 2] if how == "cut" else before)
        changed[len(changed) // 2] ^= 4
        path.write_bytes(changed)
    runs.run(TINY, folder)
    assert path.read_bytes() == before or name in ("results.json", "report.html")
    if name == "results.json":
        assert read_json(path)["accuracy"] == read_json(finished / name)["accuracy"]


@pytest.mark.parametrize("name", ["noise.npz", "splits.npz", MARKER])
def test_what_cannot_be_made_anew_is_told(finished, tmp_path, name):
    folder, path = copied(finished, tmp_path / "run"), tmp_path / "run" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    with pytest.raises(InputError, match=name):
        runs.run(TINY, folder)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"noise": {"name": "../../x"}}, "it is no dotted path of names"),
        ({"noise": {"name": "uniform", "rate": {0.1}}}, "rate must be"),
        ({"model": {"name": "mlp", "hidden": {3}}}, "config.model.hidden must be a number, a word"),
        ({"report": {"examples": object()}}, "examples must be"),
    ],
)
def test_settings_that_are_no_plain_values(tmp_path, changes, sentence):
    with pytest.raises(InputError, match=sentence):
        runs.run({**TINY, **changes}, tmp_path / "run")


def test_a_mesh_that_does_not_fit_leaves_nothing(tmp_path):
    wrong = {**TINY, "train": {**TINY["train"], "mesh": {"data": 50, "model": 30}}}
    with pytest.raises(InputError, match="needs 50 x 30 = 1500 devices"):
        runs.run(wrong, tmp_path / "run")
    assert not any(tmp_path.iterdir())


def test_a_mesh_of_a_run_that_has_not_begun_can_be_changed(tmp_path):
    for model in (2, 1):
        open_config(tmp_path, {"train": {"mesh": {"model": model}}})
        assert read_json(tmp_path / "config.json")["train"]["mesh"] == {"model": model}
    (tmp_path / "metrics.jsonl").touch()
    open_config(tmp_path, {"train": {"mesh": {"model": 4}}})
    assert read_json(tmp_path / "config.json")["train"]["mesh"] == {"model": 1}  # where the run began


@pytest.mark.slow
def test_two_processes_in_one_folder(tmp_path):
    """The second one is told who is there, and the first one ends as if it had been alone."""
    words = ["--config=configs/digits.py", f"--workdir={tmp_path / 'run'}", "--config.train.devices=1"]
    first = [sys.executable, "-m", "meta_noise.main", *words]
    environment = {**os.environ, "JAX_PLATFORMS": "cpu", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(first, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    begin = time.monotonic()
    while not (tmp_path / "run/config.json").exists():
        assert process.poll() is None and time.monotonic() - begin < 120
        time.sleep(0.01)
    second = subprocess.run(first, cwd=ROOT, env=environment, capture_output=True, text=True)
    if process.poll() is None:
        assert second.returncode == 2 and second.stderr.count("\n") == 1
        assert f"is in use by process {process.pid} on " in second.stderr
    assert process.wait() == 0 and process.stderr.read() == b""
    process.stderr.close()


def test_errors_of_memory_and_device_are_one_sentence(capsys):
    def of(error):
        def fail():
            raise error

        return fail

    class JaxRuntimeError(RuntimeError):
        pass

    for error, words in (
        (MemoryError("Unable to allocate 60 TiB for an array"), "Memory ran out (Unable to allocate 60 TiB"),
        (JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 5 bytes.\n  more"), "device ran out"),
        (OSError(28, "No space left on device", "a.csv"), "No space left on device (a.csv): free some space"),
        (OSError(5, "Input/output error"), "the disk reports an error"),
        (OSError("odd"), "odd. Put that right"),
    ):
        assert main.guarded(of(error)) == 2
        said = capsys.readouterr().err
        assert words in said and said.count("\n") == 1
    assert limit(JaxRuntimeError("INTERNAL: a fault of ours")) is None


def test_a_forged_origin_or_config_is_refused(world, tmp_path, capsys):
    import shutil

    answers = world.answers(tmp_path / "answers.csv", world.rows[:9])
    for name, change, sentence in (
        ("origin.json", {"asked": {"method": "pydoc.pipepager"}}, "what a file names is not run"),
        ("origin.json", {"asked": {"method": 3}}, "asked.method"),
        ("origin.json", {"asked": {"seed": -1}}, "asked.seed"),
        ("origin.json", {"settings": {"max_rows": "many"}}, "max_rows"),
        ("origin.json", {"settings": {"hook": "os.system"}}, "unknown setting"),
        ("origin.json", {"answers": [{"id": 3}]}, "answers"),
        ("config.json", {"model": {"name": "pydoc.pipepager"}}, "as model.json says"),
        ("config.json", {"clean": {"auto": "yes"}}, "clean.auto"),
        ("config.json", {"data": 3}, "data: expected"),
        ("model.json", {"model": {"name": "pydoc.pipepager", "cmd": "x"}}, "what a file names is not run"),
    ):
        run = shutil.copytree(world.run, tmp_path / "run", dirs_exist_ok=True)
        write_json(run / name, {**read_json(run / name), **change})
        assert command(["ingest", str(run), str(answers), "--out", str(tmp_path / "next")]) == 2
        said = capsys.readouterr().err
        assert sentence.lower() in said.lower() and said.count("\n") == 1, said
        assert not (tmp_path / "next").exists()
        shutil.rmtree(run)
