"""`meta-noise clean` of rows with several labels, and what it leaves."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from meta_noise.cli.run import run
from tests import several

FEATURES, TRUTH, GIVEN = several.rows()


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory):
    """The folder of results on labels with signs between."""
    folder = tmp_path_factory.mktemp("several")
    data = several.write(folder / "given.csv", GIVEN)
    vectors = ["--features", str(folder / "given.npy")]
    assert run(["clean", str(data), "--label", "tags", *vectors, "--out", str(folder / "out")]) == 0
    return folder / "out"


def told(capsys):
    caught = capsys.readouterr()
    return " ".join((caught.out + caught.err).split())


def matrix(cells, sign="|"):
    found = [set(cell.split(sign)) - {""} for cell in cells]
    return np.array([[name in one for name in several.NAMES] for one in found], int)


def test_labels_come_back_in_their_form(cleaned):
    before, after = several.read(cleaned.parent / "given.csv"), several.read(cleaned / "cleaned.csv")
    found = matrix(row["tags"] for row in after)
    assert (found == TRUTH).sum() > (GIVEN == TRUTH).sum() + 8
    changed = (found != GIVEN).any(axis=1)
    assert changed.tolist() == [row["is_label_issue"] == "true" for row in after]
    for row, one in enumerate(after):
        assert (one["label_source"], one["suggested_label"]) == ("suggested" if changed[row] else "given", one["tags"])
        assert one["given_label"] == before[row]["tags"] and all(before[row][name] == one[name] for name in "abc")
        assert 0 <= float(one["label_quality"]) <= 1
    lines = [path.read_text().splitlines() for path in (cleaned.parent / "given.csv", cleaned / "cleaned.csv")]
    kept = [row for row in np.flatnonzero(~changed)[:20].tolist() if lines[1][row + 1].startswith(lines[0][row + 1])]
    assert len(kept) == 20


def test_each_label_and_the_worst_first(cleaned):
    issues = several.read(cleaned / "issues.csv")
    quality = [float(row["label_quality"]) for row in issues]
    assert quality == sorted(quality) and {row["problem"] for row in issues} <= {"wrong", "missing"}
    every = pq.read_table(cleaned / "labels_by_class.parquet").to_pylist()
    changed = [row["suggested"] != row["given"] for row in every]
    assert len(every) == 3 * len(GIVEN) and sum(changed) == len(issues)
    assert [row["is_label_issue"] for row in every] == changed
    rows, product = several.read(cleaned / "labels.csv"), {}
    for row in every:
        product[row["id"]] = product.get(row["id"], 1.0) * row["label_quality"]
    assert np.allclose([float(row["label_quality"]) for row in rows], [*product.values()], atol=1e-5)
    worst = rows[int(issues[0]["line"]) - 2]
    assert worst["id"] == issues[0]["id"] and issues[0]["class"] in worst[issues[0]["problem"]].split("|")


def test_the_page_and_the_summary_say_the_same(cleaned):
    page, found = (cleaned / "report.html").read_text(), json.loads((cleaned / "multilabel.json").read_text())
    assert found["look_wrong"]["labels"] == sum(one["missing"] + one["wrong"] for one in found["classes"])
    assert found["said"][0] in page and page.count('<li class="suspect">') == found["look_wrong"]["rows"]
    assert f"meta-noise clean {cleaned}/cleaned.csv --label tags --multilabel --out {cleaned}_again" in page
    assert found["noise"]["low"] < found["noise"]["value"] < found["noise"]["high"]


def test_what_takes_networks_is_refused(cleaned, capsys):
    data = str(cleaned.parent / "given.csv")
    assert run(["clean", data, "--label", "tags", "--method", "l2r", "--out", str(cleaned.parent / "other")]) == 2
    assert "--method does not go with several labels a row" in told(capsys)
    assert run(["predict", str(cleaned), data]) == 2
    assert "holds rows with several labels, for which no network is trained" in told(capsys)
    assert run(["clean", data, "--label", "tags", "--multilabel", "--out", str(cleaned.parent)]) == 2
    assert "give another folder for --out" in told(capsys)


def test_columns_trusted_rows_and_a_wanted_number(tmp_path, capsys):
    data = several.write(tmp_path / "given.csv", GIVEN, "columns")
    right = several.write(tmp_path / "right.csv", TRUTH, "columns", range(0, 120, 4))
    out = tmp_path / "out"
    words = ["--label", "sea,sun,city", "--id", "id", "--trusted", str(right), "--flag", "count=15", "--out", str(out)]
    assert run(["clean", str(data), "--features", str(tmp_path / "given.npy"), *words]) == 0
    assert "30 trusted rows set how sure it is" in told(capsys)
    rows = several.read(out / "cleaned.csv")
    found = np.array([[int(row[name]) for name in several.NAMES] for row in rows])
    trusted = np.arange(120) % 4 == 0
    assert (found[trusted] == TRUTH[trusted]).all() and (found[~trusted] != GIVEN[~trusted]).sum() == 15
    assert [row["label_source"] == "trusted" for row in rows] == trusted.tolist()
    assert rows[0]["given_label"] == "|".join(several.sets(GIVEN)[0])


def test_labels_flagged_as_asked_for_stay_where_they_are_the_more_probable_ones(tmp_path, capsys):
    data, out = several.write(tmp_path / "given.csv", GIVEN, "columns"), tmp_path / "out"
    words = ["--label", "sea,sun,city", "--id", "id", "--flag", "count=180", "--out", str(out)]
    assert run(["clean", str(data), "--features", str(tmp_path / "given.npy"), *words]) == 0
    assert "180 labels are flagged, as asked for by count=180, in" in told(capsys)
    labels = np.array([[int(row[name]) for name in several.NAMES] for row in several.read(out / "cleaned.csv")])
    assert (labels != GIVEN).sum() < 90 and (labels == TRUTH).mean() > (GIVEN == TRUTH).mean()
    assert len(several.read(out / "issues.csv")) == 180


def test_left_out_rows_are_in_every_table(tmp_path, capsys):
    path = tmp_path / "given.jsonl"
    lines = [{"x": FEATURES[row].tolist(), "labels": one} for row, one in enumerate(several.sets(GIVEN))]
    lines[3]["labels"] = None
    path.write_text("".join(json.dumps(one) + "\n" for one in lines))
    out = tmp_path / "out"
    assert run(["clean", str(path), "--features", "x", "--multilabel", "--out", str(out)]) == 0
    assert "1 row left out, unchanged in the corrected file" in told(capsys)
    rows = [json.loads(line) for line in (out / "cleaned.jsonl").read_text().splitlines()]
    assert len(rows) == 120 and rows[3]["labels"] is None and rows[3]["label_source"] == "not judged"
    assert all(isinstance(row["suggested_label"], list) for row in rows[4:])
    assert several.read(out / "labels.csv")[3]["given_label"] == ""
    assert run(["inspect", str(path), "--features", "x", "--json", str(tmp_path / "found.json")]) == 0
    assert json.loads((tmp_path / "found.json").read_text())["data"]["rows"] == 119
