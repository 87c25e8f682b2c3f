"""Facts, settings and key figures, word by word."""

import pytest

from meta_noise.report.about import duration, facts_of, flat, key_figures, origin_of
from meta_noise.report.summary import Summary
from tests.report.fake_run import fake_results

KNOWN = Summary(
    rows=2000, classes=10, suspected=300, suspected_rate=0.15, wrong=400, realised_rate=0.2, precision_100=0.97,
    hits_at_top=(97, 100), average_precision=0.876, given_accuracy=0.8, suggested_accuracy=0.925, per_class=(),
)  # fmt: skip
UNKNOWN = Summary(2000, 10, 300, 0.15, None, None, None, None, None, None, None, ())


def test_facts():
    assert facts_of(fake_results()) == [
        "model mlp", "uniform noise at 40%", "50 clean rows used in training", "seed 0", "1 min 23 s of training",
    ]  # fmt: skip
    guessed = fake_results(
        noise={"kind": "pair"}, clean_set={"size": 1234, "trained_on": False, "pseudo": True}, seed=None, seconds=None
    )
    assert facts_of(guessed) == ["model mlp", "pair noise", "1,234 pseudo-clean rows, not used in training"]
    assert facts_of({"noise": {"kind": "none", "rate": 0.0}, "clean_set": {"size": 0}}) == ["0 clean rows"]
    assert facts_of({}) == facts_of({"noise": None, "clean_set": None}) == []


def test_origin():
    assert origin_of({"versions": {"jax": "1"}, "noise": {"sha256": "ab"}}) == [
        ("jax", "1"), ("noise file, sha256", "ab"),
    ]  # fmt: skip
    assert origin_of({"versions": "x", "noise": {"sha256": None}}) == origin_of({"noise": "x"}) == []


def test_flat_settings():
    settings = {"a": {"b": {"c": 1}, "d": [1, "é"]}, "e": "word", "f": {}, "g": None}
    assert flat(settings) == [("a.b.c", "1"), ("a.d", '[1, "é"]'), ("e", "word"), ("f", "{}"), ("g", "null")]


@pytest.mark.parametrize(
    "seconds, text",
    [
        (0.44, "0.4 s"), (9.9, "9.9 s"), (10, "10 s"), (42.2, "42 s"), (59.9, "60 s"), (60, "1 min 0 s"),
        (83.4, "1 min 23 s"), (3599, "59 min 59 s"), (3600, "1 h 0 min"), (7320, "2 h 2 min"),
    ],
)  # fmt: skip
def test_duration(seconds, text):
    assert duration(seconds) == text


def test_key_figures_with_a_truth():
    assert key_figures(fake_results(), KNOWN) == [
        (
            "Test accuracy", "95.0%",
            "at epoch 17, chosen on the selection rows; last 94.2%; best 95.6%",
        ),
        ("Labels that look wrong", "15.0%", "300 of 2,000 training labels"),
        ("Labels that are wrong", "20.0%", "400 training labels differ from the truth"),
        ("Hits at the top", "97%", "truly wrong among the 100 labels of lowest quality"),
        ("Average precision", "0.88", "of the ranking by label quality; 1 is perfect, 0.20 is chance"),
        ("Suggestions right", "92.5%", "of the suggested labels are true; of the given ones 80.0%"),
    ]  # fmt: skip


def test_key_figures_without_a_truth():
    results = fake_results(accuracy={"last": 0.5, "best": 0.75, "measured_on": "selection"})
    assert key_figures(results, UNKNOWN) == [
        ("Selection accuracy", "50.0%", "after the last epoch; best 75.0%"),
        ("Labels that look wrong", "15.0%", "300 of 2,000 training labels"),
        ("Training rows", "2,000", "in 10 classes; truth unknown"),
    ]
    asked = key_figures({"flags": {"asked": "count=300"}}, UNKNOWN)[0]
    assert asked[:1] + asked[2:] == (
        "Flagged labels",
        "300 of 2,000 training labels are flagged, as asked for by count=300",
    )
    assert [card.label for card in key_figures({}, UNKNOWN)] == ["Labels that look wrong", "Training rows"]


@pytest.mark.parametrize(
    "rows, wrong, note",
    [
        (2000, 100, "truly wrong among the 100 labels of lowest quality"),
        (2000, 25, "truly wrong among the 100 labels of lowest quality; 25% is the most possible"),
        (50, 25, "truly wrong among the 50 labels of lowest quality; 50% is the most possible"),
        (100, 99, "truly wrong among the 100 labels of lowest quality; 99% is the most possible"),
    ],
)
def test_the_most_hits_possible(rows, wrong, note):
    cards = {card.label: card for card in key_figures({}, KNOWN._replace(rows=rows, wrong=wrong))}
    assert cards["Hits at the top"].note == note


@pytest.mark.parametrize(
    "accuracy, selection, note",
    [
        ({"selected": 0.5}, 9, "at the epoch chosen on the selection rows"),
        ({"selected": 0.5, "selected_epoch": 3}, 0, "after the last epoch"),
        ({"last10": 0.5}, 9, "mean of the last ten epochs"),
        ({"best": 0.5}, 9, "at the best of all epochs"),
    ],
)
def test_when_an_accuracy_was_measured(accuracy, selection, note):
    results = {"accuracy": accuracy, "clean_set": {"selection_size": selection}}
    assert key_figures(results, UNKNOWN)[0].note == note
