"""The numbers of the page, against small cases and scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from meta_noise.report.classes import per_class
from meta_noise.report.labels import Evidence, label_table
from meta_noise.report.summary import (
    Summary,
    average_precision,
    how_sure,
    main_accuracy,
    measured_on,
    percent,
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


def wrong_first(wrong, right, rows=130):
    """Returns a table by rising quality: `wrong` wrong rows, `right` right ones, and wrong ones to the end."""
    is_wrong = np.ones(rows, bool)
    is_wrong[wrong : wrong + right] = False
    given = np.zeros(rows, int)
    return table(given, given, np.arange(rows) / rows, np.where(is_wrong, 1, 0))


def test_hits_at_the_top():
    summary = summarise(wrong_first(wrong=60, right=20))  # 110 wrong: the first 100 rows are looked at
    assert summary.hits_at_top == (80, 100) and summary.precision_100 == 0.8 and summary.wrong == 110
    assert summarise(wrong_first(wrong=10, right=120)).hits_at_top == (10, 10)
    assert summarise(wrong_first(wrong=9, right=121)).hits_at_top is None
    assert summarise(wrong_first(wrong=0, right=100)).hits_at_top == (0, 30)
    summary = summarise(wrong_first(wrong=7, right=90))  # 40 wrong: of the first 40 rows 7
    assert summary.hits_at_top == (7, 40) and summary.precision_100 == 0.1


def test_of_equal_qualities_the_first_rows_are_taken():
    equal = table([0, 0, 0, 0], [0, 0, 0, 0], [0.5, 0.5, 0.5, 0.5], [1, 0, 0, 1])
    assert precision_at(equal, 1) == 1.0 and precision_at(equal, 2) == 0.5 and precision_at(equal, 3) == 1 / 3
    assert average_precision(equal) == 0.5  # one step only


def test_rows_of_no_class_are_wrong():
    odd = table([0, 1, 2], [0, 1, 2], [0.1, 0.9, 0.8], [3, 1, 2])
    assert summarise(odd).wrong == 1 and suggested_accuracy(odd) == pytest.approx(2 / 3)
    assert average_precision(odd) == 1.0


KNOWN = Summary(2000, 10, 300, 0.15, 400, 0.2, 0.97, (97, 100), 0.876, 0.8, 0.925, ())
UNKNOWN = Summary(2000, 10, 300, 0.15, None, None, None, None, None, None, None, ())


def test_the_sentence_word_by_word():
    assert sentence(fake_results(), KNOWN) == (
        "l2r was trained on digits, where 20.0% of the labels are wrong (uniform noise); it classifies 95.0% of the "
        "test rows correctly; 300 of 2,000 training labels look wrong, and of the 100 most suspicious 97 really are."
    )
    guessed = {"clean_set": {"pseudo": True}, "noise": {"kind": "none"}, "accuracy": {"last": 0.5, "measured_on": None}}
    guessed["flags"] = {"precision": {"low": 0.714, "high": 0.966}}
    assert sentence(guessed, KNOWN._replace(hits_at_top=None)) == (
        "A network was trained without any trusted row on 2,000 labelled rows, where 20.0% of the labels are wrong; it "
        "classifies 50.0% of the test rows correctly; 300 of 2,000 training labels look wrong, and 71% to 97% of these "
        "are, as the trusted rows tell."
    )
    bare = "A network was trained on 2,000 labelled rows; 300 of 2,000 training labels look wrong."
    for results in ({}, {"noise": "x", "flags": {"precision": {"low": 0.5}}}, {"flags": {"precision": {"high": 0.5}}}):
        assert sentence(results, UNKNOWN) == bare
    assert sentence({"noise": {"kind": "pair"}}, UNKNOWN) == bare  # a rate that nobody knows is not told


@pytest.mark.parametrize(
    "accuracy, expected",
    [
        ({"selected": 0.5, "last": 0.6, "last10": 0.7, "best": 0.8}, (0.5, "selected")),
        ({"last": 0.6, "last10": 0.7, "best": 0.8}, (0.6, "last")),
        ({"last10": 0.7, "best": 0.8}, (0.7, "last10")),
        ({"best": 0.8}, (0.8, "best")),
        ({"selected": float("nan"), "best": 0.0}, (0.0, "best")),
        ("high", (None, None)),
    ],
)
def test_which_accuracy_is_quoted(accuracy, expected):
    assert main_accuracy({"accuracy": accuracy}) == expected


def test_measured_on_and_percent():
    assert (
        measured_on({}) == measured_on({"accuracy": 0.5}) == measured_on({"accuracy": {"measured_on": None}}) == "test"
    )
    assert measured_on({"accuracy": {"measured_on": "selection"}}) == "selection"
    assert (percent(0.12345), percent(0.12345, 0), percent(1.0), percent(0.0005, 2)) == (
        "12.3%",
        "12%",
        "100.0%",
        "0.05%",
    )


@pytest.mark.parametrize(("rate", "words"), [({"of": 40, "hits": 4}, "with 95% confidence"), ({}, "as a rough range")])
def test_only_trusted_rows_make_an_interval(rate, words):
    assert how_sure({"noise_estimate": {"rate": {"value": 0.1, "low": 0.05, "high": 0.2, **rate}}}).startswith(words)
