"""Sentences as a page shows them."""

from meta_noise.cleaning.tags.shown import runs, span_name


def test_tokens_of_a_span_by_either_tags_go_together():
    given = ["O", "B-LOC", "O", "O", "B-PER", "B-PER"]
    suggested = ["B-PER", "I-PER", "O", "O", "B-PER", "I-PER"]
    assert runs(given, suggested) == [(0, 2), (2, 3), (3, 4), (4, 6)]


def test_spans_have_names():
    assert span_name(["B-PER", "I-PER"]) == "PER" == span_name(["S-PER"]) and span_name(["O", "O"]) == "O"
    assert span_name(["O", "B-LOC"]) == "O B-LOC" and span_name(["I-LOC"]) == "I-LOC" and span_name(["O"]) == "O"
