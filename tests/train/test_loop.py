"""The loop on the embedded digits: the run folder, exact resume, devices, compilations."""

import io
import json
import logging

import jax
import numpy as np
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from meta_noise.config.argument import merge
from meta_noise.errors import InputError, NotFiniteError, StoppedError
from meta_noise.runs import run as runs
from meta_noise.train import compiled
from meta_noise.train.progress import Display

TINY = {
    "data": {"name": "digits", "limit": 400},
    "clean": {"size": 20, "selection": 40},
    "model": {"name": "mlp", "hidden": [16]},
    "augment": {"name": "crop_flip", "pad": 1, "flip": False},
    "train": {"epochs": 2, "batch_size": 64, "clean_batch_size": 16, "devices": 1},
}


def run(folder, console=None, **changes):
    return runs.run(merge(TINY, changes), folder, console)


def content(folder):
    """Returns what must be the same to the last bit."""
    files = {name: (folder / name).read_bytes() for name in ("metrics.jsonl", "labels.csv", "noise.npz", "splits.npz")}
    results = json.loads((folder / "results.json").read_text())
    return files, results["accuracy"], pq.read_table(folder / "labels.parquet")


class DiedError(Exception):
    """Stands for a process that dies."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "whole"
    return folder, run(folder)


def test_run_folder(finished):
    folder, fitted = finished
    names = {path.name for path in folder.iterdir()}
    assert names >= {"config.json", "noise.npz", "splits.npz", "checkpoints", "metrics.jsonl", "results.json"}
    assert names >= {"labels.parquet", "labels.csv", "report.html", "examples.npz", "rows.npz"}
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2]
    assert {"step", "loss", "outer_loss", "test_accuracy", "selection_accuracy", "weight_right"} <= lines[0].keys()
    results = json.loads((folder / "results.json").read_text())
    assert {
        "method",
        "data",
        "model",
        "seed",
        "noise",
        "clean_set",
        "accuracy",
        "seconds",
        "versions",
    } <= results.keys()
    assert {"kind", "rate", "realised", "sha256"} <= results["noise"].keys()
    assert {"last", "best", "selected", "last10"} <= results["accuracy"].keys()
    assert results["clean_set"]["size"] == 20
    splits = np.load(folder / "splits.npz")
    assert len(fitted.labels) == len(splits["train"]) == 340
    assert set(fitted.labels.column_names) >= {"id", "given_label", "label_quality", "weight", "true_label"}
    wrong = np.array(fitted.labels["given_label"].to_pylist()) != np.array(fitted.labels["true_label"].to_pylist())
    assert abs(wrong.mean() - results["noise"]["realised"]) < 1e-9
    assert fitted.predict_proba(np.zeros((3, 8, 8, 1), np.uint8)).shape == (3, 10)


@pytest.mark.parametrize(
    ("step", "changes"),
    [
        (5, {}),
        *(
            pytest.param(*cut, marks=pytest.mark.slow)
            for cut in ((3, {}), (7, {}), (10, {}), (4, {"steps_per_call": 2}))
        ),
    ],
)
def test_a_run_that_dies_is_resumed_to_the_last_bit(finished, tmp_path, monkeypatch, step, changes):
    """With a checkpoint after every call; the run dies after `step` of 10 steps."""
    train = {**TINY["train"], "checkpoint_seconds": 0.0, **changes}
    whole = finished[0]
    if changes:
        whole = tmp_path / "whole"
        run(whole, train=train)
    original = Display.advance

    def advance(self, now):
        original(self, now)
        if now == step:
            raise DiedError

    monkeypatch.setattr(Display, "advance", advance)
    with pytest.raises(DiedError):
        run(tmp_path / "cut", train=train)
    monkeypatch.undo()
    run(tmp_path / "cut", train=train)
    one, two = content(whole), content(tmp_path / "cut")
    assert one[0] == two[0] and one[1] == two[1] and one[2].equals(two[2])


def test_a_stop_signal_saves_and_the_same_run_continues(finished, tmp_path, monkeypatch):
    def advance(self, now):
        if now == 4:
            import os
            import signal

            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(compiled, "CALL_SECONDS", 0.0)  # a step per call, as in the other run several
    monkeypatch.setattr(Display, "advance", advance)
    with pytest.raises(StoppedError, match="step 4"):
        run(tmp_path / "cut")
    monkeypatch.undo()
    run(tmp_path / "cut")
    assert content(finished[0])[0] == content(tmp_path / "cut")[0]


def test_a_finished_run_is_left_as_it_is(finished):
    folder, fitted = finished
    before = content(folder)
    again = run(folder)
    after = content(folder)
    assert before[0] == after[0] and before[1] == after[1]
    assert again.results["seconds"] >= 0 and again.history == fitted.history


@pytest.mark.slow
def test_eight_devices_give_the_numbers_of_one(tmp_path):
    """Batches of 50 rows, 7 on the first devices and 1 on the last; the rows' own arrays and the layers are divided."""
    histories, labels = [], []
    for devices, mesh in ((1, {}), (8, {}), (8, {"model": 4, "least_bytes": 0})):
        train = {**TINY["train"], "batch_size": 50, "devices": devices, "mesh": mesh, "epochs": 1}
        fitted = run(tmp_path / f"{devices} {len(mesh)}", train=train)
        histories.append(fitted.history[-1])
        labels.append(np.array(fitted.labels["label_quality"]))
    for history, label in zip(histories[1:], labels[1:], strict=True):
        assert history.keys() == histories[0].keys()
        np.testing.assert_allclose(label, labels[0], atol=2e-5)
        for name, value in histories[0].items():
            np.testing.assert_allclose(history[name], value, rtol=1e-4, err_msg=name)


@pytest.mark.slow
def test_a_run_goes_on_on_another_mesh_and_says_so(finished, tmp_path, monkeypatch):
    def advance(self, now):
        if now == 6:
            raise DiedError

    monkeypatch.setattr(Display, "advance", advance)
    with pytest.raises(DiedError):
        run(tmp_path / "cut", train={**TINY["train"], "checkpoint_seconds": 0.0})
    monkeypatch.undo()
    console = Console(file=io.StringIO(), width=1000)
    train = {**TINY["train"], "checkpoint_seconds": 0.0, "devices": 8, "mesh": {"model": 2, "least_bytes": 0}}
    fitted = run(tmp_path / "cut", console=console, train=train)
    assert "mesh of data 1 x model 1, now on 1 process and a mesh of data 4 x model 2" in console.file.getvalue()
    for one, two in zip(fitted.history, finished[1].history, strict=True):
        for name, value in two.items():
            np.testing.assert_allclose(one[name], value, rtol=1e-4, err_msg=name)


@pytest.mark.parametrize("number", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_steps_of_a_call_change_no_bit(finished, tmp_path, number):
    """The run compared with takes all five steps of an epoch in one call, of 1 step the program has no loop."""
    fitted = run(tmp_path / "run", train={**TINY["train"], "steps_per_call": number})
    assert fitted.history == finished[1].history
    assert content(tmp_path / "run")[0] == content(finished[0])[0]


def test_nothing_compiles_after_the_first_epoch(tmp_path, caplog):
    counts = []
    with jax.log_compiles(), caplog.at_level(logging.DEBUG, logger="jax"):
        for epochs in (2, 4):
            caplog.clear()
            run(tmp_path / str(epochs), train={**TINY["train"], "epochs": epochs})
            counts.append(sum("Finished XLA compilation" in record.getMessage() for record in caplog.records))
    assert counts[0] > 0 and counts[1] <= counts[0]


@pytest.mark.parametrize(
    ("method", "meta"),
    [
        pytest.param("mlc_lcn", {"steps": 2}, marks=pytest.mark.slow),
        pytest.param("mlc_lcn", {"every": 2}, marks=pytest.mark.slow),
        pytest.param("mlc_t", {}, marks=pytest.mark.slow),
        pytest.param("mw_net", {"cotangents": {"name": "layer_sampler", "top_k": 4}}, marks=pytest.mark.slow),
    ],
)
def test_variants_of_the_meta_step_run_and_resume(tmp_path, monkeypatch, method, meta):
    changes = {"method": {"name": method}, "meta": meta, "train": {**TINY["train"], "checkpoint_seconds": 0.0}}
    whole = run(tmp_path / "whole", **changes)
    updates = meta.get("steps", 1)
    assert whole.results["steps"] == 2 * (340 // (64 * updates))
    assert ("open_gates" in whole.history[-1]) == ("cotangents" in meta)

    def advance(self, now):
        if now == 3:
            raise DiedError

    monkeypatch.setattr(Display, "advance", advance)
    with pytest.raises(DiedError):
        run(tmp_path / "cut", **changes)
    monkeypatch.undo()
    run(tmp_path / "cut", **changes)
    assert content(tmp_path / "whole")[0] == content(tmp_path / "cut")[0]


@pytest.mark.slow
def test_a_long_tail_keeps_the_clean_rows_balanced(tmp_path):
    fitted = run(tmp_path / "run", data={**TINY["data"], "limit": 0, "imbalance": 10.0})
    counts = np.unique(fitted.labels["true_label"].to_pylist(), return_counts=True)[1]
    assert 9 < counts.max() / counts.min() < 11 and (np.sort(counts)[::-1] == counts).all()
    assert fitted.results["clean_set"]["size"] == 20 and fitted.results["training_rows"] == counts.sum()


def test_a_loss_that_is_not_finite_stops_the_run(tmp_path):
    changes = {"optimizer": {"name": "sgd", "lr": 1e30}, "schedule": {"name": "constant"}}
    with pytest.raises(NotFiniteError, match=r"loss .*step \d+.*checkpoint"):
        run(tmp_path / "run", **changes)


def test_a_folder_of_another_config_is_refused(finished):
    with pytest.raises(InputError, match=r"another config.*epochs"):
        run(finished[0], train={**TINY["train"], "epochs": 3})


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="was not made by meta_noise"):
        run(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.slow
def test_a_folder_in_which_nothing_was_trained_takes_the_corrected_settings(tmp_path):
    with pytest.raises(InputError, match="only 340"):
        run(tmp_path / "run", train={**TINY["train"], "batch_size": 1000})
    assert run(tmp_path / "run", train={**TINY["train"], "epochs": 1}).history


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"train": {**TINY["train"], "batch_size": 1000}}, "only 340 training rows"),
        ({"train": {**TINY["train"], "devices": 8, "mesh": {"model": 3}}}, "use one of 1, 2, 4, 8"),
        ({"train": {**TINY["train"], "devices": 8, "mesh": {"data": 4, "model": 4}}}, "4 x 4 = 16 devices"),
        ({"train": {**TINY["train"], "devices": 8, "mesh": {"data": 0}}}, "1 or more, or -1"),
        ({"train": {**TINY["train"], "devices": 99}}, "there are 8"),
        ({"clean": {"size": 7}}, "ask for 10"),
        ({"clean": {"size": 0}}, "needs clean rows"),
        ({"method": {"name": "mw_nett"}}, "mw_net"),
        ({"method": {"name": "mw_net", "hiden": 3}}, "hidden"),
        ({"model": {"name": "resnets"}}, "Choices: .*cnn"),
        ({"data": {"name": "digit"}}, "digits"),
        ({"noise": {"name": "unifrom"}}, "uniform"),
        ({"noise": {"rate": 1.5}}, "between 0 and 1"),
        ({"augment": {"name": "crop"}}, "crop_flip"),
        ({"optimizer": {"name": "sdg"}}, "sgd"),
        ({"schedule": {"name": "cos"}}, "cosine"),
        ({"meta": {"engine": "mixed"}}, "mixed_mode"),
        ({"meta": {"virtual": {"name": "plain"}}}, "plain_sgd"),
        ({"meta": {"cotangents": {"name": "sampler"}}}, "layer_sampler"),
        ({"meta": {"engine": "unrolled", "cotangents": {"name": "keep_last", "count": 2}}}, "no cotangent filter"),
        ({"meta": {"engine": "neumann", "cotangents": {"name": "keep_last", "count": 2}}}, "'neumann' takes no cot"),
        ({"meta": {"engine": "neumann", "every": 2}}, "last virtual step alone"),
        ({"meta": {"steps": 2, "truncation": 3}}, "use 0 for all of them"),
        ({"meta": {"engine": "neumann", "terms": 0}}, "terms"),
        ({"meta": {"steps": 2, "cotangents": {"name": "layer_sampler"}}}, "every meta step"),
        ({"method": {"name": "l2r"}, "meta": {"every": 2}}, "belong to one batch"),
        ({"method": {"name": "l2r"}, "meta": {"steps": 2}}, "anew in every batch"),
        ({"trian": {}}, "train"),
        ({"train": {**TINY["train"], "epoch": 3}}, "epochs"),
        ({"train": {**TINY["train"], "epochs": "three"}}, "type int"),
        ({"data": {"name": "mnist", "path": "/nowhere"}}, "meta_noise.data.download mnist"),
    ],
)
def test_wrong_settings_are_one_sentence(tmp_path, changes, match):
    with pytest.raises(InputError, match=match) as caught:
        run(tmp_path / "run", **changes)
    assert "\n" not in str(caught.value)
