"""Rows as short vectors."""

import numpy as np

from meta_noise.cleaning.vectors import vectors


def test_edges_tell_directions_apart():
    stripes = np.zeros((8, 32, 32, 3), np.uint8)
    stripes[:4, ::4] = stripes[:4, 1::4] = 255
    stripes[4:, :, ::4] = stripes[4:, :, 1::4] = 255
    found, _ = vectors("images", stripes, None)
    assert found.shape[0] == 8 and np.isfinite(found).all()
    np.testing.assert_allclose(found[0], found[3], atol=1e-5)
    assert np.abs(found[0] - found[7]).max() > 1


def test_tiny_images_and_single_pixels():
    for side in (1, 2, 3, 5):
        images = np.random.default_rng(0).integers(0, 256, (6, side, side, 1), dtype=np.uint8)
        assert np.isfinite(vectors("images", images, None)[0]).all()


def test_texts_with_common_words_are_near():
    texts = ["stocks fall on oil", "oil stocks rise", "the cup final tonight", "cup final goes to extra time"] * 3
    found, what = vectors("texts", np.zeros((12, 0)), texts)
    assert what.startswith("words")
    assert np.linalg.norm(found[0] - found[1]) < np.linalg.norm(found[0] - found[2])


def test_texts_without_words():
    assert vectors("texts", np.zeros((4, 0)), ["a", "b", "?", "a"])[0].shape[0] == 4


def test_numbers_are_standardised():
    found, _ = vectors("table", np.array([[1, 5], [3, 5]], np.float32), None)
    np.testing.assert_allclose(found, [[-1, 0], [1, 0]])
