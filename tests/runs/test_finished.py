"""A finished run that is asked for again: its results are read, nothing is compiled; anything missing is written."""

import json

import numpy as np
import pytest

from meta_noise import fit
from meta_noise.runs import finished, run
from tests.runs.test_run import SETTINGS, clusters

GONE = (
    "labels.parquet",
    "labels.csv",
    "results.json",
    "classes.json",
    "report.html",
    "model.json",
    "model.npz",
    "rows.npz",
)


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    inputs, given, truth, trusted = clusters()
    config = {**SETTINGS, "train": {**SETTINGS["train"], "epochs": 2}}
    arguments = {"trusted": trusted, "test": (inputs, truth), "method": "l2r", "config": config}
    return inputs, given, {**arguments, "workdir": tmp_path_factory.mktemp("runs") / "run"}


@pytest.fixture
def trainings(monkeypatch):
    """The number of trainings so far, as the length of a list."""
    found = []

    def counted(*arguments):
        found.append(arguments)
        return train(*arguments)

    train = run.train
    monkeypatch.setattr(run, "train", counted)
    return found


def test_a_finished_run_is_not_trained_again(material, trainings):
    inputs, given, arguments = material
    first = fit(inputs, given, **arguments)
    again = fit(inputs, given, **arguments)
    assert len(trainings) == 1
    assert again.labels.equals(first.labels) and again.history == first.history and again.folder == first.folder
    assert again.results == json.loads(json.dumps(first.results))
    np.testing.assert_array_equal(again.predict(inputs), first.predict(inputs))
    np.testing.assert_allclose(again.predict_proba(inputs), first.predict_proba(inputs), atol=1e-6)


@pytest.mark.parametrize("name", [*GONE, finished.FINISHED])
def test_what_is_missing_is_written_again(material, trainings, name):
    inputs, given, arguments = material
    fit(inputs, given, **arguments)
    path, before = arguments["workdir"] / name, len(trainings)
    held = path.read_bytes()
    path.unlink()
    fit(inputs, given, **arguments)
    assert len(trainings) == before + 1 and path.is_file()
    if name not in ("results.json", "report.html", "model.npz", finished.FINISHED):  # seconds and dates may differ
        assert path.read_bytes() == held
    fit(inputs, given, **arguments)
    assert len(trainings) == before + 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("labels.parquet", b"nothing"),
        ("results.json", b"["),
        ("finished.json", b"{}"),
        ("finished.json", b'{"meta_noise": "0", "steps": 10, "files": [], "history": []}'),
        ("finished.json", b'{"meta_noise": 1, "steps": "x", "files": 7, "history": []}'),
    ],
)
def test_what_cannot_be_read_is_written_again(material, trainings, name, content):
    inputs, given, arguments = material
    fit(inputs, given, **arguments)
    before = len(trainings)
    (arguments["workdir"] / name).write_bytes(content)
    again = fit(inputs, given, **arguments)
    assert len(trainings) == before + 1 and len(again.labels) == 270
    assert (arguments["workdir"] / name).read_bytes() != content
