"""The numbers of the page, against small cases and scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from meta_noise.report.labels import Evidence, label_table
from meta_noise.report.summary import (
    average_precision,
    main_accuracy,
    per_class,
    precision_at,
    sentence,
    suggested_accuracy,
    summarise,
)
from tests.report.fake_run import fake_results, fake_table


def table(given, predicted, quality, true):
    given, predicted = np.array(given), np.array(predicted)
    probabilities = np.eye(3)[predicted] * 0.8 + 0.2 / 3
    names = ("a", "b", "c")
    true = None if true is None else np.array(true)
    return label_table(Evidence(range(len(given)), given, names, probabilities, np.array(quality), true=true))


SMALL = table(
    given=[0, 0, 1, 1, 2, 2],
    predicted=[0, 1, 1, 2, 2, 0],
    quality=[0.9, 0.1, 0.8, 0.2, 0.7, 0.3],
    true=[0, 1, 1, 1, 0, -1],  # wrong: rows 1 and 4; the last is unknown
)


def test_numbers_of_a_small_table():
    summary = summarise(SMALL)
    assert (summary.rows, summary.classes, summary.suspected, summary.wrong) == (6, 3, 3, 2)
    assert summary.suspected_rate == pytest.approx(3 / 6)
    assert summary.realised_rate == pytest.approx(2 / 5)
    assert summary.given_accuracy == pytest.approx(3 / 5)
    assert summary.suggested_accuracy == pytest.approx(3 / 5)  # rows 0, 1, 2
    assert summary.hits_at_top is None


def test_precision_at():
    assert precision_at(SMALL, 1) == 1.0  # row 1
    assert precision_at(SMALL, 2) == 0.5  # row 3 is right
    assert precision_at(SMALL, 100) == pytest.approx(2 / 5)


def test_average_precision_by_hand():
    assert average_precision(SMALL) == pytest.approx((1 / 1 + 2 / 3) / 2)  # wrong rows come first and third


@pytest.mark.parametrize("digits", [1, 2, 8])
def test_average_precision_with_ties(digits):
    rng = np.random.default_rng(digits)
    true, given = rng.integers(3, size=500), rng.integers(3, size=500)
    quality = np.round(0.6 * rng.random(500) + 0.4 * (true == given), digits)
    ours = average_precision(table(given, given, quality, true))
    assert ours == pytest.approx(average_precision_score(true != given, -quality))


def test_unknown_truth_gives_none():
    unknown = table([0, 1], [0, 0], [0.9, 0.1], None)
    summary = summarise(unknown)
    assert precision_at(unknown, 100) is None and average_precision(unknown) is None
    assert suggested_accuracy(unknown) is None
    assert summary.realised_rate is None and summary.wrong is None and summary.given_accuracy is None
    assert {entry.wrong for entry in per_class(unknown)} == {None}
    all_unknown = table([0, 1], [0, 0], [0.9, 0.1], [-1, -1])
    assert summarise(all_unknown).realised_rate is None


def test_no_errors_at_all():
    clean = table([0, 1, 2], [0, 1, 2], [0.9, 0.8, 0.7], [0, 1, 2])
    assert precision_at(clean, 2) == 0.0 and average_precision(clean) is None
    assert summarise(clean).realised_rate == 0.0


def test_per_class():
    entries = {entry.name: entry for entry in per_class(SMALL)}
    assert entries["a"] == ("a", 2, 1, 1, 1.0, "b")
    assert entries["b"] == ("b", 2, 1, 0, None, "c")
    assert entries["c"] == ("c", 2, 1, 1, 0.0, "a")
    many = per_class(fake_table())
    shares = [entry.suspected / entry.rows for entry in many]
    assert shares == sorted(shares, reverse=True)
    assert sum(entry.rows for entry in many) == 300


def test_main_accuracy():
    assert main_accuracy(fake_results()) == (0.95, "selected")
    assert main_accuracy({"accuracy": {"last": 0.5, "selected": None}}) == (0.5, "last")
    assert main_accuracy({}) == (None, None)


def test_sentence():
    full = fake_table()
    text = sentence(fake_results(), summarise(full))
    assert text.startswith("l2r was trained on digits, where 32.7% of the labels are wrong (uniform noise); ")
    assert (
        "it classifies 95.0% of the test rows" in text
        and "of 300 training labels look wrong, and of the 98 most" in text
    )
    bare = sentence({}, summarise(fake_table(truth=False)))
    assert bare.startswith("A network was trained on 300 labelled rows; ") and bare.endswith("labels look wrong.")
    other = sentence(fake_results(accuracy={"last": 0.5, "measured_on": "selection"}), summarise(full))
    assert "50.0% of the selection rows" in other
