import numpy as np
import pytest

from meta_noise.data.sources.ag_news_7600 import ag_news_7600
from meta_noise.errors import DataNotFoundError, InputError
from tests.texts import quoted, topical


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


def test_bad_files_get_one_sentence(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"test.csv or ag_news_test.csv of data set ag_news_7600"):
        ag_news_7600(str(tmp_path))
    (tmp_path / "test.csv").write_text('"1","a","b"\n')
    with pytest.raises(InputError, match="published are 1900 of every class"):
        ag_news_7600(str(tmp_path))


def test_the_real_file(real_data):
    folder = str(real_data("noisy_ag_news"))
    train, test = ag_news_7600(folder), ag_news_7600(folder, "test")
    assert np.bincount(train.labels).tolist() == [1520] * 4 and np.bincount(test.labels).tolist() == [380] * 4
