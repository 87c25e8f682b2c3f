"""`meta-noise clean`: a file of rows in, labels out, and one sentence for what does not work."""

import csv
import functools
import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from meta_noise.cli.run import run
from meta_noise.data.own.pictures import decoded
from meta_noise.report.labels import read_labels
from tests.images import put, write_lines


@pytest.fixture
def rows(tmp_path):
    """A CSV of three groups of points; every fifth label is wrong, one row cannot be read."""
    truth = np.arange(60) % 3
    points = 4 * np.eye(3)[truth] + 0.3 * np.random.default_rng(0).normal(size=(60, 3))
    given = np.where(np.arange(60) % 5 == 0, (truth + 1) % 3, truth)
    path = tmp_path / "points.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "a", "b", "c", "label"))
        writer.writerows(
            (f"row{n}", *point, "xyz"[label]) for n, (point, label) in enumerate(zip(points, given, strict=True))
        )
        writer.writerow(("=1+1", "much", 0, 0, "x"))
    return path, truth, given


def test_labels_come_out(rows, tmp_path, capsys):
    path, truth, given = rows
    out = tmp_path / "out"
    command = ["clean", str(path), "--out", str(out), "--method", "mw_net", "--epochs", "20", "--skip-bad"]
    assert run(command) == 0
    said = capsys.readouterr().out
    assert "60 rows (table), 3 classes, 0 trusted rows" in said and "NO trusted rows were used" in said
    assert "How many of the flags are right is not known: no row is trusted" in said
    found = read_labels(out).to_pydict()
    assert sorted(found["id"]) == sorted(f"row{n}" for n in range(60))
    row = [int(name[3:]) for name in found["id"]]
    suggested = np.array(["xyz".index(label) for label in found["suggested_label"]])
    assert np.mean(suggested == truth[row]) > np.mean(given[row] == truth[row])
    with (out / "skipped.csv").open(newline="") as file:
        (skipped,) = csv.DictReader(file)
    assert skipped["row"] == "62" and skipped["id"] == "'=1+1" and "much" in skipped["reason"]
    assert "Corrected data: cleaned.csv, issues.csv in" in said
    with (out / "cleaned.csv").open(newline="") as file:
        cleaned = list(csv.DictReader(file))
    assert [row["id"] for row in cleaned] == [*(f"row{n}" for n in range(60)), "=1+1"]
    assert cleaned[-1]["label_source"] == "not judged"
    label = np.array(["xyz".index(row["label"]) for row in cleaned[:-1]])
    assert np.mean(label == truth) > np.mean(given == truth)


def test_trusted_rows_say_how_good_the_flags_are(rows, tmp_path, capsys):
    path, truth, given = rows
    checked, out = tmp_path / "checked.csv", tmp_path / "out"
    checked.write_text("id,label\n" + "".join(f"row{n},{'xyz'[truth[n]]}\n" for n in range(0, 60, 4)))
    command = ["clean", str(path), "--out", str(out), "--method", "l2r", "--epochs", "20", "--skip-bad"]
    command += ["--trusted", str(checked)]
    assert run(command) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Estimated on 15 trusted rows" in said and "What was tried" in said
    results, classes = (json.loads((out / name).read_text()) for name in ("results.json", "classes.json"))
    flags = results["flags"]
    assert flags == classes["flags"] and flags["recall"]["of"] == 3  # every fifth label is wrong, every fourth checked
    rate = results["noise_estimate"]["rate"]
    assert flags["noise_rate"] == rate and classes["noise_rate"]["value"] == rate["value"]
    assert (rate["hits"], rate["of"]) == (3, 15) and rate["low"] < 0.2 < rate["high"]
    assert classes["class_names"] == ["x", "y", "z"]
    assert all(row[i] > 0.5 for i, row in enumerate(classes["transition"]))
    html = (out / "report.html").read_text()
    assert "How far to trust the flags" in html and "Precision of the flags" in html
    found = pq.read_table(out / "labels.parquet")
    wrong = given != truth
    margins = dict(zip(found["id"].to_pylist(), found["margin"].to_pylist(), strict=True))
    of = {
        kind: np.mean([margins[f"row{n}"] for n in range(60) if n % 4 and wrong[n] == kind]) for kind in (True, False)
    }
    assert of[True] < of[False]
    names = ("tournament.npz", "labels.parquet", "labels.csv")
    kept, when = [(out / name).read_bytes() for name in names], (out / names[0]).stat().st_mtime_ns
    assert run(command) == 0  # the same command again finds nothing anew
    assert [(out / name).read_bytes() for name in names] == kept and (out / names[0]).stat().st_mtime_ns == when
    assert json.loads((out / "results.json").read_text())["flags"] == flags


def test_nothing_is_flagged_where_nothing_was_found_out(tmp_path, capsys):
    lines = ["id,x,y,label", *(f"r{row},1,{row % 2 * 0},{'abc'[row % 3]}" for row in range(60))]
    write_lines(tmp_path / "same.csv", lines)
    out = tmp_path / "out"
    assert run(["clean", str(tmp_path / "same.csv"), "--out", str(out), "--epochs", "2"]) == 0
    said = capsys.readouterr().out
    assert said.count("Nothing was found out about these labels. All rows have the same inputs") == 2
    assert "labels look wrong" not in said and "--features" in said
    table = pq.read_table(out / "labels.parquet")
    assert table["is_label_issue"].null_count == 60
    assert table["suggested_label"].to_pylist() == table["given_label"].to_pylist()
    assert json.loads((out / "classes.json").read_text())["noise_rate"]["value"] is None
    html = (out / "report.html").read_text()
    assert '<p class="lead">Nothing was found out' in html and "Transition from true to given" not in html
    assert run(["queue", str(out), "--n", "20"]) == 0 and (out / "queue" / "queue.html").is_file()


def test_a_threshold_and_predictions_can_be_asked_for(rows, tmp_path, capsys):
    path, truth, given = rows
    np.save(tmp_path / "p.npy", np.where(np.eye(3)[truth] > 0, 0.9, 0.05))
    command = ["clean", str(path), "--out", str(tmp_path / "out"), "--skip-bad", "--epochs", "5", "--flag", "count=5"]
    assert run([*command, "--pred-probs", str(tmp_path / "p.npy")]) == 0
    said = capsys.readouterr().out
    assert "pred-probs" in said and "5 of 60 labels are flagged, as asked for by count=5; suggestions in" in said
    found = pq.read_table(tmp_path / "out/labels.parquet").to_pydict()
    flagged = [int(name[3:]) for name, flag in zip(found["id"], found["is_label_issue"], strict=True) if flag]
    assert len(flagged) == 5 and (given != truth)[flagged].all()
    assert "5 of 60 labels are flagged, as asked for by count=5; about" in (tmp_path / "out/report.html").read_text()
    np.save(tmp_path / "p.npy", np.ones((60, 3)))
    command[3] = str(tmp_path / "other")
    assert run([*command, "--pred-probs", str(tmp_path / "p.npy")]) == 2
    assert "sums to 3; the probabilities of a row sum to 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ([], "required: COMMAND"),
        (["clean"], "required: data, --out"),
        (["clean", "{path}", "--out", "{out}", "--copy-to", "{out}2"], "--copy-to copies folders of images"),
        (["clean", "{path}", "--out", "{out}"], "much"),  # the bad row, without --skip-bad
        (["clean", "{path}", "--out", "{out}", "--skip-bad", "--flag", "recall=2"], "--flag is 'recall=2'; give"),
        (["clean", "{path}", "--out", "{out}", "--skip-bad", "--budget", "1s"], "too little for one candidate"),
        (["clean", "{path}s", "--out", "{out}"], "does not exist. Did you mean"),
        (["clean", "{path}", "--out", "{out}", "--skip-bad", "--method", "mw_nett"], "Did you mean 'mw_net'"),
    ],
)
def test_wrong_input_is_one_sentence(rows, tmp_path, capsys, command, sentence):
    names = {"path": rows[0], "out": tmp_path / "out"}
    assert run([word.format(**names) for word in command]) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.startswith("error: ") and "Traceback" not in said


@pytest.mark.slow
def test_images_that_do_not_fit_in_memory_give_the_same_labels(tmp_path, monkeypatch):
    lines = ["image,label,trusted"]
    for number in range(40):
        put(tmp_path / f"tree/{number}.jpg", number % 39, number % 2, 20, 20)  # the first and the last are the same
        lines.append(f"{number}.jpg,{'ab'[number % 2]},{int(0 < number < 5)}")
    write_lines(tmp_path / "tree/rows.csv", lines)
    command = ["clean", str(tmp_path / "tree/rows.csv"), "--method", "supervised", "--model", "mlp", "--epochs", "2"]
    assert run([*command, "--out", str(tmp_path / "held")]) == 0
    monkeypatch.setattr("meta_noise.data.own.preparing.decoded", functools.partial(decoded, most=1000))
    assert run([*command, "--out", str(tmp_path / "streamed")]) == 0
    for name in ("labels.csv", "metrics.jsonl", "examples.npz"):
        assert (tmp_path / "streamed" / name).read_bytes() == (tmp_path / "held" / name).read_bytes()
