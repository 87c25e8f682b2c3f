"""A fitted classifier in a folder, without pickle, and back."""

import pickle
import shutil

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

import meta_noise
from meta_noise.errors import InputError

pytest.importorskip("skops")
RNG = np.random.default_rng(0)
LABELS = np.array(["a", "b"])[RNG.integers(0, 2, 60)]
NUMBERS = (LABELS == "b")[:, None] * 3.0 + RNG.normal(size=(60, 2))
NOISY = np.where(np.arange(60) % 7 == 0, np.where(LABELS == "a", "b", "a"), LABELS)


class Shadow(GaussianNB):
    """A classifier outside scikit-learn."""


def kept(classifier, folder, **settings):
    classifier.save(folder)
    return meta_noise.load_estimator(folder, **settings)


@pytest.mark.parametrize("model", [None, LogisticRegression()])
def test_it_predicts_and_tells_the_same(tmp_path, model):
    classifier = meta_noise.NoisyLabelClassifier(model=model, flag="count=5").fit(NUMBERS, NOISY)
    again = kept(classifier, tmp_path / "kept")
    assert np.array_equal(again.predict_proba(NUMBERS), classifier.predict_proba(NUMBERS))
    assert again.classes_.tolist() == ["a", "b"] and again.flag == "count=5" and again.n_features_in_ == 2
    assert again.noise_ == classifier.noise_ and repr(again.findings_) == repr(classifier.findings_)
    for name in classifier.label_issues_.dtype.names:
        assert np.array_equal(again.label_issues_[name], classifier.label_issues_[name])
    assert not list((tmp_path / "kept").rglob("*.pkl"))
    assert np.array_equal(pickle.loads(pickle.dumps(again)).predict(NUMBERS), classifier.predict(NUMBERS))


def test_texts_and_frames_are_read_as_before(tmp_path):
    texts = [f"the {'river' if label == 'a' else 'market'} of town {row % 9}" for row, label in enumerate(LABELS)]
    classifier = meta_noise.NoisyLabelClassifier().fit(texts, NOISY)
    again = kept(classifier, tmp_path / "texts")
    assert np.array_equal(again.predict_proba(texts[:9]), classifier.predict_proba(texts[:9]))
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"vector": list(NUMBERS)})
    classifier = meta_noise.NoisyLabelClassifier(features="vector").fit(frame, NOISY)
    again = kept(classifier, tmp_path / "frame")
    assert np.array_equal(again.predict_proba(frame[:9]), classifier.predict_proba(frame[:9]))


def test_what_is_not_ours_is_made_only_where_it_is_allowed(tmp_path):
    classifier = meta_noise.NoisyLabelClassifier(model=Shadow()).fit(NUMBERS, NOISY)
    name = f"{Shadow.__module__}.Shadow"
    classifier.save(tmp_path / "kept")
    with pytest.raises(InputError, match=f"holds {name}, which this library does not know"):
        meta_noise.load_estimator(tmp_path / "kept")
    again = meta_noise.load_estimator(tmp_path / "kept", allow=[name])
    assert np.array_equal(again.predict(NUMBERS), classifier.predict(NUMBERS)) and again.model is None


def test_what_no_file_can_hold_is_refused(tmp_path):
    sure = np.where(LABELS == "a", 0.99, 0.01)
    classifier = meta_noise.NoisyLabelClassifier(model=lambda x: np.stack([sure[: len(x)], 1 - sure[: len(x)]], axis=1))
    classifier.fit(NUMBERS, LABELS)
    assert classifier.final_.name == "model"  # no candidate knows better
    with pytest.raises(InputError, match="a function, which no file can hold"):
        classifier.save(tmp_path / "kept")
    with pytest.raises(InputError, match=r"no saved estimator: estimator\.json is missing\. Give the folder"):
        meta_noise.load_estimator(tmp_path)
    (tmp_path / "results.json").touch()
    with pytest.raises(InputError, match=r"folder of a run, which meta_noise\.load"):
        meta_noise.load_estimator(tmp_path)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    classifier = meta_noise.NoisyLabelClassifier(model=GaussianNB()).fit(NUMBERS, NOISY)
    return classifier.save(tmp_path_factory.mktemp("saved") / "kept")


@pytest.mark.parametrize("name", ["model.skops", "estimator.json"])
def test_damage_is_one_sentence(saved, tmp_path, name):
    folder = shutil.copytree(saved, tmp_path / "kept")
    (folder / name).write_bytes((folder / name).read_bytes()[:-40])
    with pytest.raises(InputError, match="damaged"):
        meta_noise.load_estimator(folder)
