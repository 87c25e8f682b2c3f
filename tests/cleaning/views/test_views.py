"""Inputs as matrices for fast classifiers."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from meta_noise.cleaning.views import make_views, views


def words(letters, rng, count):
    """Returns made words of two to four letters."""
    return ["".join(rng.choice(list(letters), rng.integers(2, 5))) for _ in range(count)]


@pytest.mark.parametrize(
    ("letters", "blank"),
    [
        ("abcdefghijklmnopqrstuvwxyz", " "),
        ("กขคงจฉชซญดตถทธนบปผพฟมยรลวสหอฮ", ""),
        ("猫狗鸟鱼马牛羊鸡鸭鹅山水火土木金日月星云", ""),
        ("😀😃😄😁😆😅🤣😂🙂🙃😉😊😇🥰😍🤩😘😗😚😙", ""),
    ],
    ids=["English", "Thai", "Chinese", "emoji"],
)
def test_the_same_texts_in_any_script_tell_their_classes(letters, blank):
    rng = np.random.default_rng(0)
    vocabulary = [words(letters, rng, 12), words(letters, rng, 12)]
    labels = rng.integers(0, 2, 200)
    texts = [blank.join(rng.choice(vocabulary[label], 6)) for label in labels]
    views = make_views("texts", np.zeros((200, 0)), texts)
    for view in views.linear.values():
        p = cross_val_predict(LogisticRegression(C=10), view, labels, method="predict_proba")[:, 1]
        assert roc_auc_score(labels, p) > 0.99


def test_texts_without_words_and_texts_without_anything():
    for texts in (["a", "b", "?", "a"], ["", " ", "", ""]):
        views = make_views("texts", np.zeros((4, 0)), texts)
        assert all(view.shape[0] == 4 for view in views.linear.values()) and np.isfinite(views.near).all()


def test_edges_tell_directions_apart():
    stripes = np.zeros((8, 32, 32, 3), np.uint8)
    stripes[:4, ::4] = stripes[:4, 1::4] = 255
    stripes[4:, :, ::4] = stripes[4:, :, 1::4] = 255
    found = make_views("images", stripes).linear["pictures"]
    np.testing.assert_allclose(found[0], found[3], atol=1e-5)
    assert np.linalg.norm(found[0] - found[7]) > 0.5


@pytest.mark.parametrize("side", [1, 2, 3, 5, 9, 50])
def test_images_of_any_size(side):
    images = np.random.default_rng(0).integers(0, 256, (6, side, side, 1), dtype=np.uint8)
    views = make_views("images", images)
    assert np.isfinite(views.linear["pictures"]).all() and np.isfinite(views.near).all()


def test_numbers_have_like_scale_and_constant_columns_do_no_harm():
    values = np.random.default_rng(0).normal(size=(50, 3)) * [1, 1000, 0] + 7
    found = make_views("table", values.astype(np.float32))
    for view in found.linear.values():
        assert np.isclose(np.mean(np.sum(view**2, axis=1)), 1, atol=1e-4)
    assert found.numbers.shape == (50, 3)


def test_words_stay_a_view_beside_the_vectors_of_an_encoder():
    texts = [f"the {word} is {number}" for number, word in enumerate(["cat", "dog", "cow"] * 10)]
    vectors = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    views, words_alone = make_views("features", vectors, texts), make_views("texts", None, texts)
    assert list(views.linear) == ["numbers", "radial", "terms"] and "encoder" in views.what
    np.testing.assert_array_equal(views.linear["terms"].toarray(), words_alone.linear["terms"].toarray())
    assert list(make_views("features", vectors).linear) == ["numbers", "radial"]


def test_a_bent_view_is_made_when_it_is_asked_for(monkeypatch):
    made = []
    monkeypatch.setattr(views, "radial", lambda values, seed: made.append(seed) or values)
    found = make_views("features", np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32))
    assert found.linear["numbers"] is found.near and list(found.linear) == ["numbers", "radial"] and not made
    assert found.linear["radial"] is found.linear["radial"] and made == [0]
