"""Predictions by sentence and by word, and whether errors follow words."""

import numpy as np

from meta_noise.cleaning.tags.features import token_views
from meta_noise.cleaning.tags.judged import judge_tags
from meta_noise.cleaning.tags.predictions import by_word, follows_words, mixed
from meta_noise.cleaning.tags.trusted import Trusted
from meta_noise.data.tagged.listed import read_lists
from tests import tagged


def test_mean_of_logarithms():
    p, q = np.array([[0.8, 0.2]]), np.array([[0.2, 0.8]])
    np.testing.assert_allclose(mixed(p, q, 0.5), [[0.5, 0.5]], rtol=1e-6)
    np.testing.assert_allclose(mixed(p, q, 0.0), p, rtol=1e-6)


def test_errors_by_words_are_told_from_drawn_ones():
    word = np.repeat(np.arange(20), 10)
    p = np.tile([0.9, 0.1], (200, 1))
    listed = (word < 2).astype(int)
    drawn = np.zeros(200, int)
    drawn[::10] = 1
    assert follows_words(p, listed, word) == 1 and follows_words(p, drawn, word) == 0
    assert follows_words(p, np.zeros(200, int), word) == 0


def listed(words=("Kano",)):
    """Returns sentences in which the words of a list are O wherever they stand, and which tokens are wrong."""
    clean = tagged.sentences(160)
    noisy = [[(word, "O" if word in words else tag) for word, tag in one] for one in clean]
    wrong = np.array([a != b for one, two in zip(noisy, clean, strict=True) for a, b in zip(one, two, strict=True)])
    return noisy, wrong


def test_a_word_that_is_always_wrong_is_seen_by_its_places():
    noisy, wrong = listed()
    data = read_lists([[word for word, _ in one] for one in noisy], [[tag for _, tag in one] for one in noisy])
    views = token_views(data.tokens, data.sentence)
    given = np.unique(data.tags, return_inverse=True)[1]
    p = by_word(views.full, given, 4, views.word, 5, 0)
    quality = p[np.arange(len(given)), given]
    assert quality[wrong].max() < quality[~wrong].mean() - 0.4


def test_trusted_sentences_show_it():
    noisy, wrong = listed()
    data = read_lists([[word for word, _ in one] for one in noisy], [[tag for _, tag in one] for one in noisy])
    truth = [tag for one in tagged.sentences(160) for _, tag in one]
    seen = np.flatnonzero(data.sentence < 40)
    judged = judge_tags(data, Trusted(seen, [truth[row] for row in seen], True))
    rest = data.sentence >= 40
    right = np.array([judged.names[one] for one in judged.suggested]) == truth
    assert right[rest].mean() > 0.99 > 1 - wrong[rest].mean() and right[~rest].all()
    assert judged.rate.low < wrong.mean() < judged.rate.high and judged.rate.counted == len(seen)
