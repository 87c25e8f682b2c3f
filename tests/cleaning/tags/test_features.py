"""Tokens in their sentence as rows of features."""

import numpy as np
import scipy.sparse as sp

from meta_noise.cleaning.tags.features import Part, TokenRows, of_itself, shape, shifted, token_views
from meta_noise.cleaning.tags.vectors import word_vectors


def test_shapes():
    assert shape("McDonald's-2020") == "XxXxx'x-99" and shape("ÀÁbc") == "XXxx" and shape("...") == ".."


def test_features_know_the_word():
    assert {"as=Kano", "word=kano", "shape=Xxx", "capital=True", "begins=kan", "ends=no"} <= set(of_itself("Kano"))


def test_products_are_those_of_the_matrix():
    rng = np.random.default_rng(0)
    parts = [
        Part(sp.random(4, 5, 0.5, "csr", np.float32, rng), np.array([3, 0, 0, 2])),
        Part(rng.normal(size=(2, 3)).astype(np.float32), np.array([1, 1, 0, 1])),
    ]
    rows = TokenRows(parts, [np.array([1, 2, 1, 0.5], np.float32), np.ones(4, np.float32)])
    whole = np.hstack([parts[0].table.toarray()[parts[0].rows] * [[1], [2], [1], [0.5]], parts[1].table[parts[1].rows]])
    weights, errors = rng.normal(size=(8, 2)), rng.normal(size=(4, 2))
    np.testing.assert_allclose(rows @ weights, whole @ weights, rtol=1e-5)
    np.testing.assert_allclose(rows.T @ errors, whole.T @ errors, rtol=1e-5)
    np.testing.assert_allclose(rows[np.array([2, 3])] @ weights, (whole @ weights)[2:], rtol=1e-5)


def test_neighbours_end_with_the_sentence():
    sentence = np.array([0, 0, 0, 1, 1])
    np.testing.assert_array_equal(shifted(np.arange(5), sentence, 1, 9), [1, 2, 9, 4, 9])
    np.testing.assert_array_equal(shifted(np.arange(5), sentence, -2, 9), [9, 9, 0, 9, 9])


def test_each_token_has_a_row_of_length_one():
    views = token_views(["Kano", "ta", "yi", "Kano", "kano"], np.array([0, 0, 0, 1, 1]))
    whole = views.plain @ np.eye(views.plain.shape[1], dtype=np.float32)
    np.testing.assert_allclose(np.linalg.norm(whole, axis=1), 1, rtol=1e-5)
    assert views.word.tolist() == [0, 1, 2, 0, 0] and views.full.shape[1] > views.plain.shape[1]
    assert views.near(np.array([1, 4])).shape[0] == 2


def test_words_between_the_same_neighbours_have_like_vectors():
    rng = np.random.default_rng(0)
    middle = rng.integers(0, 6, 400)  # words 0..2 stand between 6 and 7, words 3..5 between 8 and 9
    side = 6 + 2 * (middle > 2)
    vectors = word_vectors(middle, side, side + 1, 10)
    close = vectors[:6] @ vectors[:6].T
    assert close[0, 1] > 0.9 and close[3, 4] > 0.9 and abs(close[0, 3]) < 0.1
