"""What is said before any number, and how far the flags can be trusted, in words and on the page."""

import pytest

from meta_noise.report.notices import (
    basis,
    estimates,
    is_pseudo_clean,
    notices,
    pseudo_clean,
    since_before,
    trust,
    warnings,
    worthless,
)
from meta_noise.report.page import write_page
from tests.report.fake_run import fake_run, fake_table

FLAGS = {
    "known": True,
    "method": "errors of the trusted rows",
    "folds": 3,
    "trusted_rows": 40,
    "precision": {"value": 0.9, "low": 0.7, "high": 0.97, "hits": 9, "of": 10},
    "recall": {"value": 0.75, "low": 0.47, "high": 0.91, "hits": 9, "of": 12},
    "false_alarms": {"value": 1 / 28, "low": 0.006, "high": 0.18, "hits": 1, "of": 28},
    "noise_rate": {"value": 0.3, "low": 0.18, "high": 0.46, "hits": 12, "of": 40},
}
GUESSED = {"size": 1812, "pseudo": True, "precision": 0.9634, "selection_size": 0, "selection_labels": "given"}


def test_pseudo_clean_rows():
    assert pseudo_clean({"clean_set": GUESSED}) == (
        "NO trusted rows were used: the 1,812 “clean” rows of the last epoch are pseudo-clean, guessed by a Gaussian "
        "mixture on the losses; 96.3% of them have the right label."
    )
    unknown = pseudo_clean({"clean_set": {"pseudo": True}})
    assert unknown.startswith("NO trusted rows were used: the “clean” rows are") and unknown.endswith("the losses.")


@pytest.mark.parametrize(
    "size, labels, words", [(9, "true", "used in training:"), (9, "given", "used:"), (0, "true", "used:")]
)
def test_true_selection_labels_are_trusted(size, labels, words):
    text = pseudo_clean({"clean_set": GUESSED | {"selection_size": size, "selection_labels": labels}})
    assert text.startswith(f"NO trusted rows were {words} the")


@pytest.mark.parametrize(
    "results", [{}, {"clean_set": None}, {"clean_set": {"size": 9}}, {"clean_set": {"pseudo": False}}]
)
def test_trusted_rows_need_no_notice(results):
    assert pseudo_clean(results) is None and not is_pseudo_clean(results) and notices(results) == []


def test_warnings():
    assert warnings({}) == [] and warnings({"warnings": None}) == [] and warnings({"warnings": "one"}) == []
    assert warnings({"warnings": ["few rows", "odd \x1b[2J"]}) == ["few rows", r"odd \u001b[2J"]
    lines = notices({"clean_set": GUESSED, "warnings": ["few rows"]})
    assert lines[0].startswith("NO trusted rows") and lines[1:] == ["Warning: few rows"]


def test_in_words():
    text = trust({"flags": FLAGS})
    assert text.startswith("Estimated on 40 trusted rows, 95% intervals: precision of the flags 90% (70% to 97%), ")
    assert "recall of the flags 75% (47% to 91%)" in text and "planted" not in text
    planted = {**FLAGS, "method": "planted errors", "precision": None, "warning": "The rows are \u202eodd."}
    text = trust({"flags": planted})
    assert "wrong labels were planted" in text and "Precision cannot be told" in text and r"are \u202eodd" in text
    assert next(one.name for one in estimates({"flags": planted})) == "Recall of the flags"
    assert trust({}) is None and estimates({}) == []
    unknown = {"flags": {"known": False, "why": "no row is trusted"}}
    assert trust(unknown) == "How many of the flags are right is not known: no row is trusted."


def test_on_the_page(tmp_path):
    table = fake_table(truth=False)
    html = write_page(fake_run(tmp_path / "a", table, flags=FLAGS)).read_text()
    assert "How far to trust the flags" in html and "70% to 97%: of the labels that look wrong are wrong" in html
    assert "look wrong, and 70% to 97% of these are, as the trusted rows tell." in html
    html = write_page(fake_run(tmp_path / "b", table)).read_text()
    assert "How far to trust the flags" not in html


def test_estimates_word_by_word():
    assert estimates({"flags": FLAGS}) == [
        ("Precision of the flags", "90%", "70% to 97%", "of the labels that look wrong are wrong, counted on 10 rows"),
        ("Recall of the flags", "75%", "47% to 91%", "of the wrong labels look wrong, counted on 12 rows"),
        ("False alarms", "4%", "1% to 18%", "of the right labels look wrong, counted on 28 rows"),
        ("Noise rate", "30%", "18% to 46%", "of all labels are wrong, counted on 40 rows"),
    ]
    uncounted = {"recall": {"value": 0.75, "low": 0.5, "high": 0.9}, "precision": {"value": 0.9, "low": 0.7}}
    uncounted["noise_rate"] = {"value": None, "low": 0.1, "high": 0.2}
    assert estimates({"flags": uncounted}) == [
        ("Recall of the flags", "75%", "50% to 90%", "of the wrong labels look wrong")
    ]
    assert estimates({"flags": {"false_alarms": {"low": 0.1, "high": 0.2}}}) == []
    assert estimates({"flags": "many"}) == [] and trust({"flags": ["many"]}) is None


def test_what_the_estimate_rests_on():
    bare = {"known": True, "trusted_rows": 1234, "precision": 1}
    assert trust({"flags": bare}) == "Estimated on 1,234 trusted rows."
    assert basis({"flags": bare}) == (
        "Estimated on 1,234 trusted rows, by what was said of them without their true label; intervals of 95%."
    )
    assert trust({"flags": {"known": True}}) == (
        "Estimated on 0 trusted rows. Precision cannot be told from so few flags."
    )
    assert trust({"flags": {"known": 1}}) == "How many of the flags are right is not known: not estimated."
    assert basis({}) is None


def test_nothing_found_out_comes_first():
    results = {"worthless": {"reason": "All rows are the same\u202e.", "help": "Give other inputs."}, "warnings": ["w"]}
    sentence = "Nothing was found out about these labels. All rows are the same\\u202e. Give other inputs."
    assert worthless(results) == sentence and notices(results)[0] == sentence
    assert worthless({"worthless": None}) is None and worthless({}) is None


def test_rounds_are_compared():
    better, equal = ({"round": {"rows": 10, "before": 7, "now": now}} for now in (8, 7))
    assert "suggested 7, this one 8" in since_before(better) and "suggestions are kept" in since_before(better)
    assert "suggestions are kept" in since_before(equal)
    worse = {"round": {"rows": 10, "before": 7, "now": 6, "stays": "before", "changed": 0}}
    assert "the suggestions of the round before stay" in since_before(worse)
    assert since_before({}) is None and since_before({"round": {"rows": 0, "before": 0, "now": 0}}) is None
