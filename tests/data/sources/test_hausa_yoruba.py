import numpy as np
import pytest

from meta_noise.data.sources.hausa_yoruba import hausa_yoruba
from meta_noise.errors import DataNotFoundError, InputError
from tests.texts import headed

TITLES = ['Kuri\'arsa "A" Jimeta', "Mata a Najeriya"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "hausa_newsclass").mkdir()
    write(tmp_path, "train_clean", TITLES, ("Politics", "Health"))
    rows = [
        f"{row}\t{title}\t{topic}" for row, (title, topic) in enumerate(zip(TITLES, ("World", "Health"), strict=True))
    ]
    (tmp_path / "hausa_newsclass/train_clean_noisy_labels.tsv").write_text("\n".join(["\tnews_title\tlabel", *rows]))
    write(tmp_path, "test", ["a Najeriya"], ["Africa"])
    return tmp_path


def write(folder, name, titles, topics):
    rows = [f"{title}\t{topic}" for title, topic in zip(titles, topics, strict=True)]
    (folder / f"hausa_newsclass/{name}.tsv").write_text("\n".join(["news_title\tlabel", *rows]))


def test_given_and_true_labels_of_the_same_titles(folder):
    train, test = hausa_yoruba(str(folder), length=4), hausa_yoruba(str(folder), "test", length=4)
    assert train.labels.tolist() == [4, 1] and train.true_labels.tolist() == [3, 1]
    assert train.inputs.tolist() == [[1, 1, 2, 1], [1, 2, 1, 0]]
    assert test.labels.tolist() == test.true_labels.tolist() == [0] and test.inputs.tolist() == [[2, 1, 0, 0]]
    assert train.ids.tolist() == ["hausa-train-00000", "hausa-train-00001"] and train.name == "hausa_news"


def test_bad_files_get_one_sentence(folder):
    with pytest.raises(DataNotFoundError, match=r"yoruba_newsclass does not hold data set hausa_yoruba.*uds-lsv"):
        hausa_yoruba(str(folder), language="yoruba")
    with pytest.raises(InputError, match=r"Unknown language 'hause'. Did you mean 'hausa'"):
        hausa_yoruba(str(folder), language="hause")
    write(folder, "train_clean", TITLES[::-1], ("Politics", "Health"))
    with pytest.raises(InputError, match=r"with true and with given labels .* are not the same"):
        hausa_yoruba(str(folder))
    (folder / "hausa_newsclass/test.tsv").write_text(headed(["news_title", "label"], [["a", "Sport"]], "\t"))
    with pytest.raises(InputError, match=r"Unknown class in .*'Sport'"):
        hausa_yoruba(str(folder), "test")


@pytest.mark.parametrize(
    ("language", "sizes", "wrong", "classes"), [("hausa", (2045, 582), 0.5037, 5), ("yoruba", (1340, 379), 0.3328, 7)]
)
def test_the_real_files(real_data, language, sizes, wrong, classes):
    train, test = (hausa_yoruba(str(real_data("hausa_yoruba")), part, language) for part in ("train", "test"))
    assert (len(train.labels), len(test.labels), train.num_classes) == (*sizes, classes)
    assert np.mean(train.labels != train.true_labels) == pytest.approx(wrong, abs=1e-4)
