"""What a finished run leaves, from arrays made by hand."""

from types import SimpleNamespace as Fake

import numpy as np
import pytest

from meta_noise.disk.sealed import read_json
from meta_noise.errors import NotFiniteError
from meta_noise.report.quality import Scores, Targets
from meta_noise.runs.results import evidence_of, lowest, with_scores, write_examples
from meta_noise.train.rows import RowMemory

TRAIN = np.array([3, 0, 4])  # of five rows, not in their order
PROBABILITIES = np.array([[0.25, 0.75], [0.5, 0.5], [0.9, 0.1]], np.float32)


def run(weights=True, targets=True, truth=True, probabilities=PROBABILITIES):
    """Returns the arguments of `evidence_of`; row i has the value i in every memory, row 4 was never seen."""
    number = np.arange(5, dtype=np.float32)
    memory = RowMemory(
        visits=np.array([1, 7, 7, 2, 0], np.int32),
        probability=np.array([0.25, 9, 9, 0.5, 0.875], np.float32),
        weight=number,
        weight_last=10 * number,
        target=np.arange(5, dtype=np.int32),
        target_probability=number / 8,
        margin=-number,
    )
    source = Fake(
        ids=np.array(list("abcde")), class_names=("x", "y"), true_labels=np.array([1, 0, 0, 1, 1]) if truth else None
    )
    prepared = Fake(splits=Fake(train=TRAIN), source=source, given=np.array([0, 1, 1, 1, 0]))
    info = Fake(rows=Fake(weights=object() if weights else None, targets=object() if targets else None))
    finished = Fake(info=info, kept=Fake(carry=Fake(memory=memory)))

    def predict(state, store, rows):
        assert (state, store) == ("state", "store") and rows is TRAIN
        return probabilities

    return prepared, Fake(predict=predict, store="store"), finished, "state"


def test_what_the_label_table_is_made_from():
    found = evidence_of(*run())
    assert found.ids.tolist() == ["d", "a", "e"] and found.class_names == ("x", "y")
    assert found.given.tolist() == [1, 0, 0] and found.true.tolist() == [1, 1, 1]
    assert np.array_equal(found.probabilities, PROBABILITIES)
    assert found.quality == pytest.approx([(0.75 + 0.5) / 2, (0.5 + 0.25) / 2, 0.9])  # the last was never seen
    assert found.weights[:2].tolist() == [3, 0] and np.isnan(found.weights[2])
    assert found.margin[:2].tolist() == [-3, 0] and np.isnan(found.margin[2])
    assert isinstance(found.targets, Targets)
    assert found.targets.classes.tolist() == [3, 0, 4] and found.targets.probability.tolist() == [0.375, 0, 0.5]


def test_what_a_method_does_not_have_is_none():
    found = evidence_of(*run(weights=False, targets=False, truth=False))
    assert found.weights is None and found.targets is None and found.true is None and found.margin is not None


def test_predictions_must_be_finite():
    broken = PROBABILITIES.copy()
    broken[1, 0] = np.inf
    with pytest.raises(NotFiniteError, match="predictions are not finite"):
        evidence_of(*run(probabilities=broken))


@pytest.mark.parametrize(
    ("agreement", "rate", "learned_given", "memorised"),
    [
        (1.0, 0.4, True, True),
        (0.65, 0.4, True, False),  # about one minus the noise
        (1.0, 0.4, False, False),  # it learned other labels than the given ones
        (1.0, 0.01, True, False),
        (1.0, None, True, False),
    ],
)
def test_memorised_labels_are_told_by_the_noise(agreement, rate, learned_given, memorised):
    given = np.zeros(100, int)
    predicted = (np.arange(100) >= round(100 * agreement)).astype(int)
    section = {"rate": None if rate is None else {"value": rate, "low": rate / 2, "high": 2 * rate}, "how": "so"}
    evidence = Fake(probabilities=np.eye(2)[predicted], given=given)
    scores = Scores(*[given] * 5, {"noise_estimate": section})
    found = with_scores({"warnings": ["first"]}, evidence, scores, learned_given)
    assert found["memorised"] == memorised and found["given_agreement"] == agreement
    assert len(found["warnings"]) == 1 + memorised and ("by heart" in found["warnings"][-1]) == memorised
    assert found["noise_estimate"] == section


def test_the_lowest_come_first():
    quality = np.array([0.5, 0.1, 0.5, 0.9, 0.1])
    assert lowest(quality, 3).tolist() == [1, 4, 0] and lowest(quality, 9).tolist() == [1, 4, 0, 2, 3]


def test_examples_are_pictures_or_words(tmp_path):
    images = np.arange(5 * 4, dtype=np.uint8).reshape(5, 2, 2, 1)
    pictures = Fake(source=Fake(inputs=images, pictures=None, ids=np.array(list("abcde"))))
    write_examples(tmp_path, pictures, np.array([3, 1]), None)
    with np.load(tmp_path / "examples.npz") as found:
        assert found["ids"].tolist() == ["d", "b"] and np.array_equal(found["images"], images[[3, 1]])
    assert not (tmp_path / "examples.json").exists()
    words = Fake(source=Fake(inputs=np.zeros((5, 7), np.int32), pictures=None, ids=np.array(list("abcde"))))
    write_examples(tmp_path / "words", words, np.array([], int), str)
    assert not (tmp_path / "words").exists()
    (tmp_path / "words").mkdir()
    write_examples(tmp_path / "words", words, np.array([3, 1]), lambda row: f"row {row}")
    assert read_json(tmp_path / "words/examples.json") == {"rows": {"d": "row 3", "b": "row 1"}}
    assert [path.name for path in (tmp_path / "words").iterdir()] == ["examples.json"]
