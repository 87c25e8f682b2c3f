"""`meta-noise inspect`: what it prints, what the JSON holds, and that nothing else is written."""

import csv
import json

import numpy as np
import pytest

from meta_noise.cli.run import run


@pytest.fixture
def rows(tmp_path):
    """A CSV of three groups of points: a fifth of class x is called y, two rows repeat, one cannot be read."""
    truth = np.arange(300) % 3
    points = 4 * np.eye(3)[truth] + np.random.default_rng(0).normal(size=(300, 3))
    given = np.where((truth == 0) & (np.arange(300) % 5 == 0), 1, truth)
    path = tmp_path / "points.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "a", "b", "c", "label"))
        writer.writerows((f"r{n}", *points[n], "xyz"[given[n]]) for n in range(300))
        writer.writerow(("again", *points[1], "x"))
        writer.writerow(("=1+1", "[red]much[/red]", 0, 0, "x"))
    return path


def inspected(path, *more):
    out = path.with_name("found.json")
    assert run(["inspect", str(path), "--json", str(out), *more]) == 0
    return json.loads(out.read_text())


def test_everything_is_found(rows, tmp_path, capsys):
    before = rows.read_bytes()
    found = inspected(rows)
    assert found["data"] == {
        "name": "points", "kind": "table", "rows": 301, "classes": 3, "trusted_rows": 0, "test_rows": 0,
        "input_shape": [3],
    }  # fmt: skip
    assert [(one["name"], one["rows"]) for one in found["classes"]] == [("x", 81), ("y", 120), ("z", 100)]
    assert found["duplicates"]["groups"] == found["duplicates"]["groups_with_different_labels"] == 1
    assert found["duplicates"]["examples"][0] == {"ids": ["r1", "again"], "labels": ["y", "x"]}
    assert found["unreadable"]["rows"] == 1 and "much" in found["unreadable"]["examples"][0]["reason"]
    rate = found["noise"]["rate"]
    assert rate["low"] <= 20 / 301 <= rate["high"] and abs(rate["value"] - 20 / 301) < 0.04
    assert (found["confused"][0]["given"], found["confused"][0]["probably"]) == ("y", "x")
    assert found["classes"][1]["noise_rate"] > 3 * found["classes"][2]["noise_rate"]
    assert not found["trusted"]["enough"] and "No row is trusted" in found["trusted"]["verdicts"][0]
    methods = {one["method"]: one for one in found["cost"]["methods"]}
    assert {"supervised", "l2r", "ieg", "famus"} <= set(methods)
    assert methods["ieg"]["seconds"] >= methods["supervised"]["seconds"] > 0
    said = capsys.readouterr().out
    assert "% to " in said and "perhaps" in said and "[red]much[/red]" in said and "r1 (y), again (x)" in said
    assert rows.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["found.json", "points.csv"]


def test_trusted_rows_give_the_rate_and_a_verdict(rows, tmp_path):
    checked = tmp_path / "checked.csv"
    checked.write_text("id,label\n" + "".join(f"r{n},{'xyz'[n % 3]}\n" for n in range(60)))
    found = inspected(rows, "--trusted", str(checked), "--no-cost")
    assert "cost" not in found and found["trusted"]["enough"]
    rate = found["noise"]["rate"]
    assert (rate["hits"], rate["of"]) == (4, 60) and rate["low"] < 4 / 60 < rate["high"]
    checked.write_text("id,label\n" + "".join(f"r{n},{'xyz'[n % 3]}\n" for n in (0, 3, 6, 9, 1)))
    (tmp_path / "found.json").unlink()
    few = inspected(rows, "--trusted", str(checked), "--no-cost")["trusted"]
    assert not few["enough"] and few["verdicts"][0] == "1 of 3 classes have no trusted row: z."


def test_a_file_is_not_overwritten(rows, tmp_path, capsys):
    (tmp_path / "found.json").write_text("mine")
    assert run(["inspect", str(rows), "--json", str(tmp_path / "found.json")]) == 2
    assert "left as it is" in capsys.readouterr().err and (tmp_path / "found.json").read_text() == "mine"


def test_too_few_rows_for_an_estimate(tmp_path, capsys):
    path = tmp_path / "few.csv"
    path.write_text("label,a\n" + "".join(f"{'xy'[n % 2]},{n * n}\n" for n in range(8)))
    assert run(["inspect", str(path), "--no-cost"]) == 0
    assert "Wrong labels: not known" in capsys.readouterr().out
