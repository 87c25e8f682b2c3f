import numpy as np
import pytest

from meta_noise.data.sources.sst2 import sst2
from meta_noise.errors import DataNotFoundError, InputError
from tests.texts import packed


def test_the_published_layout(tmp_path):
    (tmp_path / "senti.binary.train").write_text('" a fine film .\t1\na dull film\t0\n')
    packed(tmp_path / "senti.binary.test.tsv.gz", "fine film\t1\n")
    train, test = sst2(str(tmp_path), length=4), sst2(str(tmp_path), "test", length=4)
    assert train.inputs.tolist() == [[2, 1, 3, 0], [2, 1, 3, 0]] and test.inputs.tolist() == [[1, 3, 0, 0]]
    assert train.labels.tolist() == train.true_labels.tolist() == [1, 0] and test.labels.tolist() == [1]
    assert train.class_names == ("negative", "positive") and test.ids.tolist() == ["sst2-test-00000"]


def test_bad_files_get_one_sentence(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"senti.binary.train or .*mmazeika/glc"):
        sst2(str(tmp_path))
    (tmp_path / "senti.binary.train").write_text("a film 1\n")
    with pytest.raises(InputError, match="whose lines are a text, a tab and a label"):
        sst2(str(tmp_path))


def test_the_real_files(real_data):
    train, test = sst2(str(real_data("sst2"))), sst2(str(real_data("sst2")), "test")
    assert np.bincount(train.labels).tolist() == [29_780, 37_569] and np.bincount(test.labels).tolist() == [912, 909]
