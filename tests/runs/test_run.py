"""From Python: arrays in, the same things as a named tuple out."""

import numpy as np
import pytest

from meta_noise import InputError, fit

SETTINGS = {
    "train": {"epochs": 40, "batch_size": 50, "devices": 1},
    "model": {"hidden": [32]},
    "optimizer": {"lr": 0.05},
}


def clusters(rows=300, classes=3):
    rng = np.random.default_rng(0)
    truth = rng.integers(classes, size=rows)
    inputs = 3 * np.eye(classes, 6)[truth] + 0.5 * rng.normal(size=(rows, 6))
    given = np.where(rng.random(rows) < 0.4, (truth + 1) % classes, truth)
    trusted = np.zeros(rows, bool)
    for klass in range(classes):
        trusted[np.flatnonzero(truth == klass)[:10]] = True
    given[trusted] = truth[trusted]
    return inputs, given, truth, trusted


def test_fit_gives_what_a_run_gives(tmp_path):
    inputs, given, truth, trusted = clusters()
    names = ("ant", "bee", "cat")
    ids = [f"row {i}" for i in range(len(given))]
    fitted = fit(
        inputs, given, trusted=trusted, test=(inputs, truth), ids=ids, class_names=names, method="l2r",
        config=SETTINGS, workdir=tmp_path / "run",
    )  # fmt: skip
    assert fitted.results["accuracy"]["last"] > 0.9
    assert (fitted.predict(inputs) == truth).mean() > 0.9
    assert fitted.predict_proba(inputs[:7]).shape == (7, 3)
    assert fitted.labels["id"].to_pylist() == [name for name, known in zip(ids, trusted, strict=True) if not known]
    assert set(fitted.labels["suggested_label"].to_pylist()) <= set(names)
    assert "true_label" not in fitted.labels.column_names
    quality = np.array(fitted.labels["label_quality"])
    wrong = (given != truth)[~trusted]
    assert quality[wrong].mean() < quality[~wrong].mean() - 0.3
    assert fitted.folder == tmp_path / "run" and (fitted.folder / "report.html").exists()
    assert len(fitted.history) == 40


@pytest.mark.slow
def test_fit_without_a_folder_or_a_test_set():
    inputs, given, truth, trusted = clusters()
    settings = {**SETTINGS, "train": {**SETTINGS["train"], "epochs": 2}}
    fitted = fit(inputs, given, trusted=trusted, true_labels=truth, config=settings)
    assert fitted.folder is None
    assert fitted.results["accuracy"]["last"] is None
    assert fitted.results["noise"]["realised"] == pytest.approx((given != truth)[~trusted].mean())
    assert fitted.predict(inputs).shape == (len(given),)


def test_supervised_needs_no_trusted_rows():
    inputs, given, _, _ = clusters()
    settings = {**SETTINGS, "train": {**SETTINGS["train"], "epochs": 1}}
    assert len(fit(inputs, given, method="supervised", config=settings).labels) == len(given)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"trusted": None}, "needs clean rows"),
        ({"labels": np.full(300, -1)}, "-1"),
        ({"inputs": np.full((300, 6), np.nan)}, "row 0|finite|NaN"),
        ({"ids": ["same"] * 300}, "same"),
        ({"test": (np.zeros((5, 4)), np.zeros(5, int))}, "shape"),
        ({"method": "nothing"}, "Choices"),
        ({"method": ".l2r"}, "Cannot import"),
        ({"model": "cnn", "config": {}}, "cannot take inputs of shape"),
        ({"config": {"model": {"hidden": [0]}}}, "cannot take inputs|at least one unit"),
        ({"config": [1]}, "dictionary"),
        ({"config": {"method": "l2r"}}, "is a section"),
        ({"config": {"seed": -1}}, "at least 0"),
        ({"config": {"optimizer": {"lr": float("nan")}}}, "finite"),
        ({"config": {"data": {"name": "digits"}}}, "beside the arrays"),
        ({"test": np.zeros((3, 6))}, "pair"),
        ({"class_names": "abc"}, "sequence of names"),
        ({"labels": np.full(300, 10**9)}, "largest class"),
        ({"trusted": np.ones(300, bool)}, "every row"),
        ({"ids": np.zeros((300, 2))}, "sequence of 300"),
    ],
)
def test_wrong_arrays_are_refused(changes, match):
    inputs, given, _, trusted = clusters()
    arguments = {"inputs": inputs, "labels": given, "trusted": trusted, "config": SETTINGS, **changes}
    with pytest.raises(InputError, match=match):
        fit(arguments.pop("inputs"), arguments.pop("labels"), **arguments)


def test_a_folder_is_not_used_again_for_other_rows(tmp_path):
    inputs, given, _, trusted = clusters()
    settings = {**SETTINGS, "train": {**SETTINGS["train"], "epochs": 1}}
    first = fit(inputs, given, trusted=trusted, config=settings, workdir=tmp_path / "run")
    before = (tmp_path / "run/labels.csv").read_bytes()
    for changes in (
        {"labels": (given + 1) % 3},
        {"inputs": inputs + 1},
        {"trusted": trusted ^ (np.arange(300) == 299)},
    ):
        arguments = {"inputs": inputs, "labels": given, "trusted": trusted, **changes}
        with pytest.raises(InputError, match="other data"):
            fit(
                arguments.pop("inputs"), arguments.pop("labels"), **arguments, config=settings, workdir=tmp_path / "run"
            )
    assert (tmp_path / "run/labels.csv").read_bytes() == before
    again = fit(inputs, given, trusted=trusted, config=settings, workdir=tmp_path / "run")
    assert again.history == first.history


def test_prediction_wants_rows_like_those_of_training():
    inputs, given, _, trusted = clusters()
    fitted = fit(inputs, given, trusted=trusted, config={**SETTINGS, "train": {**SETTINGS["train"], "epochs": 1}})
    for wrong in (inputs[:, :2], np.zeros((3, 4, 4), np.uint8), None, 5):
        with pytest.raises(InputError):
            fitted.predict(wrong)


@pytest.mark.slow
def test_a_handful_of_rows_with_the_defaults():
    inputs, given, _, trusted = clusters(rows=60)
    assert len(fit(inputs, given, trusted=trusted, config={"train": {"epochs": 1, "devices": 1}}).labels) == 30
    fit(inputs, given, trusted=np.zeros(60, bool), method="supervised", config={"train": {"epochs": 1, "devices": 1}})
