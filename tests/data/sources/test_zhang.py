"""AG News, Yelp, Amazon and Yahoo in the published form."""

import numpy as np
import pytest

from meta_noise.config import registry
from meta_noise.data.sources.zhang import AG_NEWS, AMAZON5, YAHOO, YELP5
from meta_noise.errors import DataNotFoundError, InputError
from tests.texts import packed, quoted, write_pieces, write_zhang

SETS = {"ag_news": (4, 2, 120_000, 7_600), "yelp5": (5, 1, 650_000, 50_000)}
SETS |= {"amazon5": (5, 2, 3_000_000, 650_000), "yahoo": (10, 3, 1_400_000, 60_000)}


def source(name):
    return registry.find("data.sources", name)


@pytest.mark.parametrize("name", SETS)
def test_the_published_layout(name, tmp_path):
    classes, columns, *_ = SETS[name]
    write_zhang(tmp_path, classes, columns)
    train = source(name)(str(tmp_path), verify=False, length=8 * columns)
    test = source(name)(str(tmp_path), "test", verify=False, length=8 * columns)
    assert train.num_classes == classes and train.name == name
    assert train.inputs.shape == (6 * classes, 8 * columns) and train.inputs.dtype == np.int32
    np.testing.assert_array_equal(train.labels, np.arange(6 * classes) % classes)
    np.testing.assert_array_equal(train.true_labels, train.labels)
    assert train.true_labels is not train.labels and train.labels.dtype == np.int32
    assert train.ids[1] == f"{name}-train-00001" and test.ids[0] == f"{name}-test-00000"
    # the first word of a text shows its class, in both parts by the same token
    pairs = [zip(part.labels, part.inputs[:, 0], strict=True) for part in (train, test)]
    topics = {pair for part in pairs for pair in part}
    assert len(topics) == classes == len({token for _, token in topics}) and all(token > 1 for _, token in topics)
    assert (train.inputs > 0).all()  # eight words of every column


@pytest.mark.parametrize("name", SETS)
def test_the_published_numbers_of_rows(name):
    classes, _, train, test = SETS[name]
    published = {"ag_news": AG_NEWS, "amazon5": AMAZON5, "yahoo": YAHOO, "yelp5": YELP5}[name]
    assert [published.per_class[part] * classes for part in ("train", "test")] == [train, test]
    assert len(published.class_names) == classes == len(set(published.class_names))


def test_rows_that_are_lacking_are_noticed(tmp_path):
    write_zhang(tmp_path, 4, 2)
    with pytest.raises(InputError, match=r"\[6, 6, 6, 6\] rows of each class; published are 30000 .*verify=False"):
        source("ag_news")(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "cell", "words"),
    [
        ("ag_news", r"second\team, said \"no\" for \$5", ["second", "team", "said", "no", "for", "5"]),
        ("yelp5", r"good.\n\nThe end\nnow, \"so", ["good", "the", "end", "now", "so"]),
    ],
)
def test_escapes(name, cell, words, tmp_path):
    (tmp_path / "train.csv").write_text(quoted([["1", *[cell] * SETS[name][1]], ["2", *["x"] * SETS[name][1]]] * 2))
    tokens = source(name)(str(tmp_path), verify=False).inputs[0]
    (tmp_path / "train.csv").write_text(
        quoted([["1", *[" ".join(words)] * SETS[name][1]], ["2", *["x"] * SETS[name][1]]] * 2)
    )
    np.testing.assert_array_equal(tokens, source(name)(str(tmp_path), verify=False).inputs[0])


def test_word_pieces_and_packed_files(tmp_path):
    packed(tmp_path / "test.csv.gz", quoted([["4", "Playing", "the news"]]))
    part = source("ag_news")(str(tmp_path), "test", length=8, word_pieces=write_pieces(tmp_path), verify=False)
    assert part.inputs.tolist() == [[2, 5, 6, 10, 4, 8, 3, 0]] and part.labels.tolist() == [3]


def test_bad_files_get_one_sentence(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"train.csv of data set yahoo.*yahoo_answers_csv.tgz"):
        source("yahoo")(str(tmp_path))
    write_zhang(tmp_path, 4, 1)
    with pytest.raises(InputError, match=r"train.csv: row 0 has 2 cells; ag_news has one of class, 2 of text"):
        source("ag_news")(str(tmp_path), verify=False)
    write_zhang(tmp_path, 5, 2)
    with pytest.raises(InputError, match="row 4 has the class '5'; classes are 1 to 4"):
        source("ag_news")(str(tmp_path), verify=False)
    with pytest.raises(InputError, match=r"ag_news_csv.tgz is not a folder; unpack it"):
        (tmp_path / "ag_news_csv.tgz").touch()
        source("ag_news")(str(tmp_path / "ag_news_csv.tgz"))
    (tmp_path / "train.csv").unlink()  # the words of the test part are numbered by the training texts
    with pytest.raises(DataNotFoundError, match=r"train.csv of data set amazon5"):
        source("amazon5")(str(tmp_path), "test", verify=False)


def test_the_real_test_part(real_data, tmp_path):
    (tmp_path / "test.csv.gz").symlink_to(real_data("noisy_ag_news") / "ag_news_test.csv.gz")
    part = source("ag_news")(str(tmp_path), "test", word_pieces=write_pieces(tmp_path))
    assert np.bincount(part.labels).tolist() == [1900] * 4
