import numpy as np
import pytest

from meta_noise.data.sources.small_ag_news import ag_news_7600, noisy_ag_news
from meta_noise.errors import DataNotFoundError, InputError
from tests.texts import headed, packed, quoted, topical, write_noisy_ag_news


def test_the_published_layout(tmp_path):
    write_noisy_ag_news(tmp_path)
    train, test = (noisy_ag_news(str(tmp_path), part, length=12, verify=False) for part in ("train", "test"))
    rows = np.arange(40)
    np.testing.assert_array_equal(train.true_labels, rows % 4)
    np.testing.assert_array_equal(train.labels, (rows + (rows % 5 == 0)) % 4)
    np.testing.assert_array_equal(test.labels, np.arange(8) % 4)
    np.testing.assert_array_equal(test.true_labels, test.labels)
    assert train.inputs.shape == (40, 12) and train.inputs.dtype == np.int32 and train.trusted is None
    assert train.ids[-1] == "noisy_ag_news-train-00039" and test.ids[-1] == "noisy_ag_news-test-00007"
    # the same words get the same tokens in both parts; those of a title and a body are nine
    np.testing.assert_array_equal(train.inputs[:4, 0], test.inputs[:4, 0])
    assert (np.count_nonzero(train.inputs, axis=1) == 9).all() and (np.count_nonzero(test.inputs, axis=1) == 9).all()


def test_true_labels_in_place_of_those_of_people(tmp_path):
    write_noisy_ag_news(tmp_path)
    clean = noisy_ag_news(str(tmp_path), labels="clean", verify=False)
    np.testing.assert_array_equal(clean.labels, clean.true_labels)
    assert clean.labels is not clean.true_labels
    with pytest.raises(InputError, match="Unknown kind of NoisyAG-News labels 'humans'"):
        noisy_ag_news(str(tmp_path), labels="humans")


def test_the_other_names_of_files_and_columns(tmp_path):
    rows = [[1, 0, 3, "a \\b"], [0, 1, 3, "b"]]
    packed(tmp_path / "train.csv.gz", headed(["noisy_label", "true_label", "group", "text"], rows))
    packed(tmp_path / "ag_news_test.csv.gz", headed([4, "a", "b"], []))
    train, test = (noisy_ag_news(str(tmp_path), part, length=4, verify=False) for part in ("train", "test"))
    assert train.labels.tolist() == [1, 0] and train.true_labels.tolist() == [0, 1] and test.labels.tolist() == [3]
    assert train.inputs.tolist() == [[1, 2, 0, 0], [2, 0, 0, 0]] and test.inputs.tolist() == [[1, 2, 0, 0]]


def test_bad_files_get_one_sentence(tmp_path):
    with pytest.raises(
        DataNotFoundError, match=r"samples10000valMed.csv of data set noisy_ag_news.*hhf-hd/NoisyAG-News"
    ):
        noisy_ag_news(str(tmp_path))
    write_noisy_ag_news(tmp_path)
    with pytest.raises(InputError, match=r"\[10, 10, 10, 10\] rows of each class, published are \[3337, 2487"):
        noisy_ag_news(str(tmp_path))
    (tmp_path / "test.csv").write_text("1,only a title\n")
    with pytest.raises(InputError, match="row 0 has 2 cells; ag_news has one of class, 2 of text"):
        noisy_ag_news(str(tmp_path), "test", verify=False)
    (tmp_path / "test.csv").unlink()
    assert len(noisy_ag_news(str(tmp_path), verify=False).labels) == 40
    with pytest.raises(DataNotFoundError, match=r"ag_news_test.csv or test.csv of data set noisy_ag_news"):
        noisy_ag_news(str(tmp_path), "test", verify=False)


def test_the_real_files(real_data):
    folder = str(real_data("noisy_ag_news"))
    train, test = noisy_ag_news(folder), noisy_ag_news(folder, "test")
    assert np.bincount(train.true_labels).tolist() == [2514, 2504, 2519, 2463]
    confusion = np.zeros((4, 4), int)
    np.add.at(confusion, (train.true_labels, train.labels), 1)
    assert confusion[0].tolist() == [2271, 100, 99, 44] and confusion[3].tolist() == [465, 19, 440, 1539]
    assert np.mean(train.labels != train.true_labels) == 0.1975
    assert train.inputs.shape == (10_000, 64) and test.inputs.shape == (7_600, 64)
    unknown = [np.sum(part.inputs == 1) / np.sum(part.inputs > 0) for part in (train, test)]
    assert unknown[0] < 0.03 and unknown[1] < 0.06


def test_every_fifth_row_of_a_class_tests(tmp_path):
    classes = [0] * 7 + [1] * 5 + [2, 3] * 6
    rows = [
        [klass + 1, topical(klass, row), "unseen" if row in (4, 11) else "seen"] for row, klass in enumerate(classes)
    ]
    (tmp_path / "test.csv").write_text(quoted(rows))
    train, test = (ag_news_7600(str(tmp_path), part, length=12, verify=False) for part in ("train", "test"))
    assert test.ids.tolist() == [f"ag_news-test-{row:05d}" for row in (4, 11, 20, 21)]
    assert test.labels.tolist() == [0, 1, 2, 3] and len(train.labels) == len(rows) - 4
    assert not set(train.ids) & set(test.ids)
    assert [classes[int(identifier[-5:])] for identifier in train.ids] == train.labels.tolist()
    assert (test.inputs[:, 8] == 1).tolist() == [True, True, False, False]  # a word of test texts alone has no number
    assert (train.inputs[:, 8] > 1).all()


def test_bad_test_files_get_one_sentence(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"test.csv or ag_news_test.csv of data set ag_news_7600"):
        ag_news_7600(str(tmp_path))
    (tmp_path / "test.csv").write_text('"1","a","b"\n')
    with pytest.raises(InputError, match="published are 1900 of every class"):
        ag_news_7600(str(tmp_path))


def test_the_real_file(real_data):
    folder = str(real_data("noisy_ag_news"))
    train, test = ag_news_7600(folder), ag_news_7600(folder, "test")
    assert np.bincount(train.labels).tolist() == [1520] * 4 and np.bincount(test.labels).tolist() == [380] * 4
