"""How good annotators are, what their votes tell, and what a run on their labels leaves."""

import csv
import io
import json

import numpy as np
import pytest
from rich.console import Console

import meta_noise
from meta_noise.cleaning.annotators import annotators_csv, annotators_of, evidence_of
from meta_noise.cleaning.said import say_annotators
from meta_noise.data.own import read
from meta_noise.data.votes.crowd import Crowd
from tests.data.votes.test_rules import one_sided
from tests.own_runs import write_rows

ACCURACY = {"ann": 0.9, "<b>bob</b>": 0.6, "cy": 0.8}


@pytest.fixture(scope="module")
def people():
    """Returns rows in wide form and their true classes."""
    rng = np.random.default_rng(0)
    truth = np.arange(90) % 3
    points = 2 * np.eye(3)[truth] + rng.normal(size=(90, 3))
    votes = {
        who: np.where(rng.random(90) < right, truth, (truth + rng.integers(1, 3, 90)) % 3)
        for who, right in ACCURACY.items()
    }
    rows = [
        {"id": f"row{n}", "a": points[n, 0], "b": points[n, 1], "c": points[n, 2]}
        | {who: f"class {found[n]}" for who, found in votes.items()}
        for n in range(90)
    ]
    return rows, truth, votes


def columns(rows):
    return {name: [row[name] for row in rows] for name in rows[0]}


def test_accuracy_is_counted_on_trusted_rows_and_else_against_the_consensus(people):
    rows, truth, votes = people
    asked = {"annotators": list(ACCURACY)}
    found = annotators_of(read(columns(rows), **asked))["annotators"]
    assert found["measured_against"] == "consensus" and found["each"][0]["name"] == "<b>bob</b>"
    trusted = {"id": [f"row{n}" for n in range(30)], "label": [f"class {truth[n]}" for n in range(30)]}
    found = annotators_of(read(columns(rows), trusted=trusted, **asked))["annotators"]
    assert found["measured_against"] == "trusted rows"
    for one in found["each"]:
        assert one["accuracy"] == np.mean(votes[one["name"]][:30] == truth[:30])
        assert one["low"] < one["accuracy"] < one["high"] and one["labels"] == 90
    others = [votes[name] for name in ("<b>bob</b>", "cy")]
    agreement = next(one["agreement"] for one in found["each"] if one["name"] == "ann")
    assert agreement == pytest.approx(np.mean([votes["ann"] == other for other in others]))


def test_disagreement_of_unsure_rows_asks_for_another_label(people):
    rows, truth, _ = people
    own = read(columns(rows), annotators=list(ACCURACY))
    sure = np.eye(3)[truth]
    assert annotators_of(own, sure)["annotators"]["another_label"]["rows"] == 0
    sure[4] = (0.4, 0.3, 0.3)
    assert annotators_of(own, sure)["annotators"]["another_label"] == {"rows": 1, "ids": ["row4"]}


def test_who_never_meets_the_others_has_no_accuracy_and_gives_ordinary_labels():
    votes = np.array([[0, -1], [1, -1], [-1, 0], [-1, 1]])
    assert evidence_of(Crowd("annotators", ("p", "q"), ("x", "y"), votes), np.array([0, 1, 0, 1])) is None
    data = {"a": [0.0, 1.5] * 6, "annotator_1": ["x", "y"] * 3 + [None] * 6, "annotator_2": [None] * 6 + ["x", "y"] * 3}
    found = annotators_of(read(data))["annotators"]
    assert [one["accuracy"] for one in found["each"]] == [None, None] and "cannot be told" in found["sentences"][0]


def test_accuracy_of_rules_is_told_with_silence_as_an_answer():
    votes, truth = one_sided(600)
    crowd = Crowd("rules", tuple("abcdef"), ("no", "yes"), votes.astype(np.int32))
    own = read({"x": np.arange(600.0), "label": np.where(truth, "yes", "no")}, features=["x"])._replace(crowd=crowd)
    section = annotators_of(own)["annotators"]
    assert "silence being an answer" in section["sentences"][0] and section["measured_against"] == "consensus"
    real = {name: np.mean((votes[:, n] == truth)[votes[:, n] >= 0]) for n, name in enumerate("abcdef")}
    assert all(abs(one["accuracy"] - real[one["name"]]) < 0.15 for one in section["each"])


def test_votes_of_rules_count_as_one_label():
    votes = np.array([[0, 0], [1, 1], [0, 1], [1, 1]])
    assert evidence_of(Crowd("rules", ("p", "q"), ("x", "y"), votes), np.array([0, 1, 0, 1])) is None
    assert Crowd("rules", ("p", "q"), ("x", "y"), votes).label().tolist() == [0, 1, 1, 1]  # a tie, the larger class


def test_evidence_is_hidden_where_the_label_must_not_be_used():
    votes = np.array([[0, 0], [1, 1], [0, 1], [1, 1]])
    crowd = Crowd("annotators", ("p", "q"), ("x", "y"), votes)
    found = evidence_of(crowd, np.array([0, 1, -1, 1]))
    assert found[0, 0] > found[0, 1] and found[1, 1] > found[1, 0]
    np.testing.assert_array_equal(found[2], 1)


def test_given_probabilities_are_evidence_beside_their_shares():
    soft = np.array([[0.9, 0.1], [0.6, 0.4], [0.0, 1.0], [np.nan, np.nan]])
    crowd = Crowd("probabilities", (), ("x", "y"), np.zeros((4, 0), np.int32), soft)
    found = evidence_of(crowd, np.zeros(4, int))
    np.testing.assert_allclose(found[0, 0] / found[0, 1], 9 * 0.5 / 0.5, rtol=0.05)
    assert found[2, 0] > 0
    np.testing.assert_allclose(found[3, 0], found[3, 1])


def test_annotators_csv_holds_numbers_and_no_formula(people):
    each = [{"name": "=1+1", "labels": 3, "accuracy": None, "low": None, "high": None, "agreement": 0.5}]
    rows = list(csv.reader(io.StringIO(annotators_csv({"each": each}).decode())))
    assert rows[0] == ["annotator", "labels", "accuracy", "low", "high", "agreement"]
    assert not rows[1][0].startswith("=") and rows[1][1:] == ["3", "", "", "", "0.5"]


def test_a_run_keeps_the_votes_and_says_how_good_they_are(people, tmp_path):
    rows, truth, _ = people
    blank = [{"id": f"new{n}", "a": 2 * (n == 0), "b": 2 * (n == 1), "c": 2 * (n == 2)} for n in range(3)]
    rows = [*rows, *({**one, **dict.fromkeys(ACCURACY, "")} for one in blank)]
    path = write_rows(tmp_path / "crowd.csv", rows)
    before = path.read_bytes()
    screen = Console(file=io.StringIO(), width=200)
    fitted = meta_noise.clean(path, tmp_path / "run", annotators=",".join(ACCURACY), epochs=1, console=screen)
    said = screen.file.getvalue()
    assert "3 annotators; in" in said and "Another label" in said
    stored = json.loads((tmp_path / "run" / "results.json").read_text())["annotators"]
    assert stored["each"][0]["name"] == "<b>bob</b>" and fitted.results["annotators"] == stored
    with (tmp_path / "run" / "annotators.csv").open() as file:
        assert [row["annotator"] for row in csv.DictReader(file)] == [one["name"] for one in stored["each"]]
    page = (tmp_path / "run" / "report.html").read_text()
    assert "Who gave the labels" in page and "&lt;b&gt;bob" in page and "<b>bob" not in page
    with (tmp_path / "run" / "cleaned.csv").open() as file:
        cleaned = list(csv.DictReader(file))
    assert path.read_bytes() == before
    assert [[row[who] for who in ACCURACY] for row in cleaned] == [[row[who] for who in ACCURACY] for row in rows]
    pairs = list(zip(cleaned[:90], truth, strict=True))
    right = [np.mean([row[name] == f"class {t}" for row, t in pairs]) for name in LABELS]
    assert right[1] >= right[0]
    with (tmp_path / "run" / "unlabelled.csv").open() as file:
        found = list(csv.DictReader(file))
    assert [(row["id"], row["line"]) for row in found] == [(f"new{n}", str(92 + n)) for n in range(3)]
    names = {"class 0", "class 1", "class 2"}
    assert all(row["suggested_label"] in names and float(row["suggested_probability"]) > 1 / 3 for row in found)


LABELS = ("given_label", "suggested_label")


def test_the_cleaned_file_of_long_form_has_a_row_for_each_vote(people, tmp_path):
    from meta_noise.cleaning.corrected import write_cleaned
    from meta_noise.cleaning.verdicts import verdicts
    from meta_noise.data.whole import read_whole

    rows, _, _ = people
    long = [
        {"id": row["id"], "a": row["a"], "b": row["b"], "annotator": who, "label": row[who]}
        for row in rows
        for who in ACCURACY
    ]
    path = write_rows(tmp_path / "long.csv", long)
    own = read(path, long="same")
    whole = read_whole(path, {"long": "same"})
    labels = [own.class_names[label] for label in own.source.labels]
    table = {"id": own.source.ids.tolist(), "label_quality": np.full(90, 0.5), "is_label_issue": [False] * 90}
    import pyarrow as pa

    table |= {"suggested_label": labels, "suggested_probability": np.full(90, 0.5)}
    sink = io.BytesIO()
    write_cleaned(path, whole, verdicts(whole, pa.table(table), own), sink)
    found = list(csv.DictReader(io.StringIO(sink.getvalue().decode())))
    assert len(found) == 270
    assert [row["label"] for row in found] == [row["label"] for row in long]
    assert [row["suggested_label"] for row in found[::3]] == labels


def test_inspect_says_it(people):
    rows, _, _ = people
    found = meta_noise.inspect(columns(rows), annotators=list(ACCURACY))
    assert any("3 annotators" in sentence for sentence in found.sentences())
    screen = Console(file=io.StringIO(), width=200)
    say_annotators(found.found["annotators"], screen)
    assert "<b>bob</b>" in screen.file.getvalue()
