"""The script of a person's whole way: its table with gaps and categories, and how a corrected file is scored."""

import csv

import numpy as np
import pytest

from experiments.own_data_way import sets, way


@pytest.fixture
def given(tmp_path):
    return sets.table(tmp_path, tmp_path)


def test_table_has_gaps_categories_and_wrong_labels(given):
    with given.path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(given.truth) == sets.TABLE
    assert {row["mean radius"] for row in rows} == {"small", "middle", "large", ""}
    gaps = np.mean([cell == "" for row in rows for cell in row.values()])
    assert 0.06 < gaps < 0.09
    wrong = np.mean([row["diagnosis"] != given.truth[row["patient"]] for row in rows])
    assert 0.15 < wrong < 0.25
    labels = {row["patient"]: row["diagnosis"] for row in rows}
    assert 0.7 < given.accuracy(labels) < given.accuracy(given.truth) < 1


def test_scores_of_a_corrected_file(given):
    truth = {"a": "x", "b": "x", "c": "y", "d": "y"}
    own = given._replace(id="id", truth=truth, accuracy=lambda labels: labels["b"] == "x")
    rows = [  # b is put right, c is made wrong
        {"id": "a", "now": "x", "given_label": "x", "is_label_issue": "false"},
        {"id": "b", "now": "x", "given_label": "y", "is_label_issue": "true"},
        {"id": "c", "now": "x", "given_label": "y", "is_label_issue": "true"},
        {"id": "d", "now": "y", "given_label": "y", "is_label_issue": ""},
    ]
    assert way.scores(own, rows, "now") == (0.75, 2, 0.5, True)
    assert way.scores(own, rows, "given_label") == (0.75, 2, 0.5, False)


def test_the_table_goes_between_its_marks(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(f"# Title\n{way.START}\nold\n{way.END}\nEnd.\n")
    for line in ("| 1 |", "| 2 |"):
        way.into_readme(path, [line])
    assert path.read_text() == f"# Title\n{way.START}\n\n| 2 |\n\n{way.END}\nEnd.\n"
