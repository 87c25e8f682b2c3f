"""Tokens in their sentence as matrices."""

from meta_noise.cleaning.views.tokens import sentence_features, shape, token_views


def test_shapes():
    assert shape("McDonald's-2020") == "XxXxx'x-99" and shape("ÀÁbc") == "XXxx" and shape("...") == ".."


def test_features_know_the_words_around():
    first, second = sentence_features(["Kano", "ta"])
    assert {"as=Kano", "word=kano", "shape=Xxx", "begins=kan", "ends=no", "1word=ta", "-1word=<"} <= set(first)
    assert {"word=ta", "-1word=kano", "-1shape=Xxx", "1word=>", "before=kano ta"} <= set(second)


def test_views_have_a_row_for_each_token():
    views = token_views([["Kano", "ta", "yi"], ["Kano"]])
    assert views.linear["tokens"].shape[0] == 4 == len(views.near)
