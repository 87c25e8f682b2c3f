import numpy as np
import pytest

from meta_noise.data.sources.glc_texts import TAGS, sst2, twitter_pos
from meta_noise.errors import DataNotFoundError, InputError
from tests.texts import packed, write_tweets


def test_every_word_is_a_row_between_its_neighbours(tmp_path):
    write_tweets(tmp_path)
    train, test = twitter_pos(str(tmp_path)), twitter_pos(str(tmp_path), "test")
    # "the" is in every tweet, "word!", "word#" and "word$" are in two, the other words in one
    assert train.inputs[:4].tolist() == [[0, 3, 2], [3, 2, 0], [0, 4, 2], [4, 2, 0]]
    assert train.inputs[6:8].tolist() == [[0, 1, 2], [1, 2, 0]]
    assert test.inputs.tolist() == [[0, 2, 1], [2, 1, 1], [1, 1, 0], [0, 1, 0]]
    assert [TAGS[label] for label in test.labels] == ["D", "N", "A", "V"]
    assert test.ids.tolist() == [
        "twitter_pos-test-0000-00",
        "twitter_pos-test-0000-01",
        "twitter_pos-test-0000-02",
        "twitter_pos-test-0001-00",
    ]
    assert len(train.labels) == 2 * (25 + 3) and train.inputs.dtype == np.int32 and len(set(train.ids)) == 56
    np.testing.assert_array_equal(train.true_labels, train.labels)


def test_bad_files_get_one_sentence(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"tweets-train.txt of data set twitter_pos.*mmazeika/glc"):
        twitter_pos(str(tmp_path))
    write_tweets(tmp_path)
    (tmp_path / "tweets-devtest.txt").write_text("the\tD\nword N\n")
    with pytest.raises(InputError, match=r"line 2 is 'word N\\n'; a line is a word, a tab and its tag"):
        twitter_pos(str(tmp_path), "test")
    (tmp_path / "tweets-devtest.txt").write_text("the\td\n")
    with pytest.raises(InputError, match=r"Unknown class in .*'d'"):
        twitter_pos(str(tmp_path), "test")


def test_the_real_files(real_data):
    train, test = (twitter_pos(str(real_data("twitter_pos")), part) for part in ("train", "test"))
    assert train.inputs.shape == (19_442, 3) and test.inputs.shape == (7_152, 3)
    counts = dict(zip(TAGS, np.bincount(train.labels), strict=True))
    assert counts["M"] == 3 and counts["Y"] == 2 and counts["V"] == 2970


def test_the_published_layout(tmp_path):
    (tmp_path / "senti.binary.train").write_text('" a fine film .\t1\na dull film\t0\n')
    packed(tmp_path / "senti.binary.test.tsv.gz", "fine film\t1\n")
    train, test = sst2(str(tmp_path), length=4), sst2(str(tmp_path), "test", length=4)
    assert train.inputs.tolist() == [[2, 1, 3, 0], [2, 1, 3, 0]] and test.inputs.tolist() == [[1, 3, 0, 0]]
    assert train.labels.tolist() == train.true_labels.tolist() == [1, 0] and test.labels.tolist() == [1]
    assert train.class_names == ("negative", "positive") and test.ids.tolist() == ["sst2-test-00000"]


def test_bad_files_of_sst_get_one_sentence(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"senti.binary.train or .*mmazeika/glc"):
        sst2(str(tmp_path))
    (tmp_path / "senti.binary.train").write_text("a film 1\n")
    with pytest.raises(InputError, match="whose lines are a text, a tab and a label"):
        sst2(str(tmp_path))


def test_the_real_files_of_sst(real_data):
    train, test = sst2(str(real_data("sst2"))), sst2(str(real_data("sst2")), "test")
    assert np.bincount(train.labels).tolist() == [29_780, 37_569] and np.bincount(test.labels).tolist() == [912, 909]
