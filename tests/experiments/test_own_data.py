"""The files and the table of experiments/own_data."""

import csv

import numpy as np
import pyarrow as pa

from experiments.own_data import run
from experiments.own_data.files import write_case
from meta_noise.report.labels import Evidence, label_table


def test_digits_as_a_file(tmp_path):
    case = write_case("digits", tmp_path, tmp_path / "files", 0)
    with case.path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with case.trusted.open(newline="") as file:
        trusted = list(csv.DictReader(file))
    assert len(rows) == len(case.truth) == 1797 and len(trusted) == 18
    assert 0.25 < np.mean([row["label"] != case.truth[row["id"]] for row in rows]) < 0.35
    assert all(row["label"] == case.truth[row["id"]] for row in trusted)
    assert run.read(case, True).source.trusted.sum() == 18 and run.read(case, False).source.trusted is None


def test_table(tmp_path, monkeypatch):
    given, truth = np.array([0, 1, 1, 0]), np.array([0, 1, 0, 0])
    labels = label_table(
        Evidence(list("abcd"), given, ("x", "y"), np.eye(2)[truth], np.array([0.9, 0.8, 0.1, 0.7]), true=truth)
    )
    found = run.measures(labels)
    assert found == {
        "rows": 4, "wrong": 0.25, "precision_100": 0.25, "average_precision": 1.0, "suggested_accuracy": 1.0,
    }  # fmt: skip
    assert isinstance(labels, pa.Table)
    (tmp_path / "README.md").write_text(f"# Title\n{run.START}\nold\n{run.END}\nEnd.\n")
    monkeypatch.setattr(run, "HERE", tmp_path)
    share = {"value": 0.5, "low": 0.25, "high": 0.75}
    more = {"method": "l2r", "flag_precision": 1.0, "flag_recall": None, "cpu_seconds": 3}
    line = {"data": "digits", "trusted": True, "way": "meta-noise", **found, **more}
    run.write_table([{**line, "estimated": {"precision": share, "recall": None}}])
    text = (tmp_path / "README.md").read_text()
    assert text.startswith("# Title\n") and text.endswith("\nEnd.\n") and "old" not in text
    assert "| digits | 4 | 25.0% | 1% | meta-noise (l2r) | 25% | 1.000 | 100.0% | 100% | - | 25 to 75%, - | 3 |" in text
