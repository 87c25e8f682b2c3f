"""What is said before any number."""

import pytest

from meta_noise.report.notices import is_pseudo_clean, notices, pseudo_clean, warnings

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
