import json

import numpy as np
import pytest

from meta_noise.data.sources.weak_text import weak_text
from meta_noise.errors import DataNotFoundError, InputError
from tests.texts import headed, packed

VOTES = [[1, 1, 0], [-1, -1, -1], [0, 1, -1], [-1, -1, 1]]  # 1; none; a tie, so 0; 1
TRUTH = [1, 0, 1, 0]
TEXTS = ["buy buy now", "never seen seen", "the film", "the film now"]


@pytest.fixture(params=["json", "tables"])
def folder(request, tmp_path):
    folder = tmp_path / "youtube"
    folder.mkdir()
    parts = {"train": (TEXTS, TRUTH, VOTES), "test": (["the end"], [1], [[0, 0, 0]])}
    if request.param == "json":
        (folder / "label.json").write_text(json.dumps({"0": "HAM", "1": "SPAM"}))
        for part, rows in parts.items():
            entries = {
                str(10 + row): {"label": label, "weak_labels": votes, "data": {"text": text}}
                for row, (text, label, votes) in enumerate(zip(*rows, strict=True))
            }
            (folder / f"{part}.json").write_text(json.dumps(entries))
        return tmp_path
    arrays = {"label_names": np.array(["HAM", "SPAM"])}
    for part, (texts, labels, votes) in parts.items():
        cells = [[10 + row, label, text] for row, (text, label) in enumerate(zip(texts, labels, strict=True))]
        packed(folder / f"{part}.csv.gz", headed(["id", "label", "text"], cells))
        arrays |= {f"{part}_labels": np.array(labels, np.uint8), f"{part}_weak": np.array(votes, np.int8)}
    np.savez(folder / "labels.npz", **arrays)
    return tmp_path


def test_the_majority_of_the_rules_is_the_label(folder):
    train, test = weak_text(str(folder), length=4), weak_text(str(folder), "test", length=4)
    assert train.ids.tolist() == ["youtube-train-10", "youtube-train-12", "youtube-train-13"]
    assert train.labels.tolist() == [1, 0, 1] and train.true_labels.tolist() == [1, 1, 0]
    assert train.class_names == ("HAM", "SPAM") and train.name == "youtube" and train.labels.dtype == np.int32
    # of words in texts with a vote: buy, film, now, the occur twice
    assert train.inputs.tolist() == [[2, 2, 4, 0], [5, 3, 0, 0], [5, 3, 4, 0]]
    assert test.labels.tolist() == test.true_labels.tolist() == [1] and test.inputs.tolist() == [[5, 1, 0, 0]]


def test_the_words_of_a_relation_come_first(tmp_path):
    (tmp_path / "semeval").mkdir()
    data = {"text": "cash in a suitcase , cash", "entity1": "cash", "entity2": "suitcase", "span1": [0, 4]}
    entry = {"label": 0, "weak_labels": [0], "data": data}
    (tmp_path / "semeval/train.json").write_text(json.dumps({"0": entry, "1": entry}))
    (tmp_path / "semeval/label.json").write_text(json.dumps({"0": "Content-Container", "1": "Other"}))
    train = weak_text(str(tmp_path), task="semeval", length=8)
    # cash is the most frequent word, then suitcase; a and in come by the alphabet
    assert train.inputs[0].tolist() == [2, 3, 2, 5, 4, 3, 2, 0]


def test_bad_files_get_one_sentence(tmp_path, folder):
    with pytest.raises(InputError, match=r"Unknown task of weak_text 'youtub'. Did you mean 'youtube'"):
        weak_text(str(folder), task="youtub")
    with pytest.raises(DataNotFoundError, match=r"data set weak_text.*JieyuZ2/wrench"):
        weak_text(str(folder), task="sms")
    youtube = folder / "youtube"
    if not (youtube / "train.json").exists():
        packed(youtube / "train.csv.gz", headed(["id", "label", "text"], [[row, 1, "x"] for row in range(4)]))
        with pytest.raises(InputError, match="have different labels"):
            weak_text(str(folder))
        return
    (youtube / "train.json").write_text('{"0": {"label": 2, "weak_labels": [0], "data": {"text": "x"}}}')
    with pytest.raises(InputError, match="none of the 2 classes HAM, SPAM"):
        weak_text(str(folder))
    (youtube / "train.json").write_text('{"0": {"label": 1}}')
    with pytest.raises(InputError, match=r"train.json is not a data set of WRENCH"):
        weak_text(str(folder))
    (youtube / "train.json").write_text('{"0": ')
    with pytest.raises(InputError, match="not whole JSON"):
        weak_text(str(folder))


@pytest.mark.parametrize(
    ("task", "rows", "right", "classes"),
    [("youtube", 1506, 0.791, 2), ("sms", 1852, 0.970, 2), ("semeval", 1749, 0.850, 9)],
)
def test_the_real_files(real_data, task, rows, right, classes):
    train, test = (weak_text(str(real_data("weak_text")), part, task) for part in ("train", "test"))
    assert len(train.labels) == rows and train.num_classes == classes
    assert np.mean(train.labels == train.true_labels) == pytest.approx(right, abs=1e-3)
    np.testing.assert_array_equal(test.labels, test.true_labels)
