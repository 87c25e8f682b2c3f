"""Models of the user's own: scikit-learn's, functions, Flax modules, and networks of this library by name."""

import pickle

import flax.linen as nn
import numpy as np
import pytest
from flax import nnx
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

from meta_noise import InputError, NoisyLabelClassifier
from meta_noise.cleaning.own_noise import steady
from meta_noise.estimator.candidates import Topics, candidates
from meta_noise.estimator.flax_model import FlaxClassifier
from meta_noise.estimator.labels import read_classes
from meta_noise.estimator.models import kind_of, out_of_fold
from tests.estimator import rows

TRUTH, GIVEN, WRONG = rows.labels()
NUMBERS, TEXTS = rows.numbers(TRUTH), rows.texts(TRUTH)
TRUSTED = ~WRONG & (np.arange(rows.ROWS) < 30)


class Linen(nn.Module):
    @nn.compact
    def __call__(self, x, train: bool = False):
        x = nn.Dropout(0.1, deterministic=not train)(nn.relu(nn.Dense(8)(x.reshape(len(x), -1))))
        return nn.Dense(3)(x)


class Nnx(nnx.Module):
    def __init__(self, rngs):
        self.first, self.last = nnx.Linear(4, 8, rngs=rngs), nnx.Linear(8, 3, rngs=rngs)

    def __call__(self, x):
        return self.last(nnx.relu(self.first(x)))


def made(rngs):
    return Nnx(rngs)


def nearest(x):
    """Returns probabilities by the true centres of the classes."""
    distance = np.square(np.asarray(x)[:, None] - 3 * np.eye(3, 4)).sum(axis=-1)
    p = np.exp(-distance / 2)
    return p / p.sum(axis=1, keepdims=True)


def candidate_names(found):
    return [one["name"] for one in found.findings_.results["tournament"]["candidates"]]


def test_a_classifier_is_a_candidate_and_predicts():
    found = NoisyLabelClassifier(model=GaussianNB()).fit(NUMBERS, GIVEN)
    assert "GaussianNB" in candidate_names(found) and found.final_.name == "GaussianNB"
    assert isinstance(found.final_.model, GaussianNB) and found.score(NUMBERS, TRUTH) > 0.97
    np.testing.assert_array_equal(found.predict_proba(NUMBERS), found.final_.model.predict_proba(NUMBERS))


def test_a_pipeline_takes_rows_as_they_are_given():
    own = make_pipeline(TfidfVectorizer(), LogisticRegression())
    found = NoisyLabelClassifier(model=own).fit(TEXTS, GIVEN)
    assert found.score(TEXTS, TRUTH) > 0.97 and not hasattr(own[-1], "classes_")


def test_a_function_is_a_candidate_and_predicts_where_it_did_best():
    found = NoisyLabelClassifier(model=nearest).fit(NUMBERS, GIVEN)
    assert "model" in candidate_names(found)
    useless = NoisyLabelClassifier(model=lambda x: np.full((len(x), 3), 1 / 3)).fit(NUMBERS, GIVEN)
    assert useless.final_.name != "model" and useless.score(NUMBERS, TRUTH) > 0.97
    trusting = NoisyLabelClassifier(model=lambda x: np.eye(3)[np.searchsorted(rows.NAMES, GIVEN)][: len(x)])
    assert trusting.fit(NUMBERS, GIVEN).final_.name == "model"
    assert (trusting.predict(NUMBERS) == GIVEN).all()


@pytest.mark.parametrize(
    ("model", "data"), [(Linen(), rows.images(TRUTH)), pytest.param(made, NUMBERS, marks=pytest.mark.slow)]
)
def test_flax_modules(model, data):
    found = NoisyLabelClassifier(model=model, epochs=30).fit(data, GIVEN)
    assert found.score(data, TRUTH) > 0.8 and len(candidate_names(found)) >= 3
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(found)).predict(data), found.predict(data))


def test_weights_of_rows_count_in_a_flax_module():
    labels, weights = np.where(WRONG, "cat", TRUTH), (~WRONG).astype(float)
    alone = FlaxClassifier(made, epochs=60).fit(NUMBERS, labels, weights)
    assert (alone.predict(NUMBERS) == TRUTH).mean() > 0.95
    with pytest.raises(InputError, match="answers with 3 logits, and there are 2 classes"):
        FlaxClassifier(made).fit(NUMBERS, TRUTH == "ant")


def test_a_flax_module_takes_no_texts():
    with pytest.raises(InputError, match="X holds texts; give a scikit-learn pipeline"):
        NoisyLabelClassifier(model=made).fit(TEXTS, GIVEN)


@pytest.mark.parametrize(
    ("method", "model", "data"),
    [pytest.param("l2r", None, "cells", marks=pytest.mark.slow), ("auto", "mlp", "numbers")],
)
def test_networks_of_this_library(method, model, data):
    x = NUMBERS if data == "numbers" else rows.cells(TRUTH)
    found = NoisyLabelClassifier(method=method, model=model, epochs=4).fit(x, GIVEN, trusted=TRUSTED)
    p = found.predict_proba(x)
    assert (
        p.shape == (rows.ROWS, 3) and np.allclose(p.sum(axis=1), 1, atol=1e-5) and found.final_.name in ("l2r", "mlp")
    )
    assert (found.label_issues_["quality"][TRUSTED] == 1).all() and len(found.label_issues_) == rows.ROWS
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(found)).predict_proba(x), p)


def test_what_is_a_model():
    kinds = {
        None: "none",
        "cnn": "name",
        GaussianNB(): "classifier",
        nearest: "function",
        Linen(): "flax",
        made: "flax",
    }
    assert {model: kind_of(model) for model in kinds} == kinds
    with pytest.raises(InputError, match="It has fit, but no predict_proba"):
        kind_of(Perceptron())


def test_no_row_is_told_of_by_a_model_that_learned_it():
    """A memory of rows says the label of each row that it has learned."""
    x, codes = np.arange(30.0)[:, None], np.arange(30) % 3
    p = out_of_fold(Memory(), x, read_classes(codes, 30), 5, 0)
    assert np.allclose(p[np.arange(30), codes], 1 / 3) and np.allclose(p.sum(axis=1), 1)


class Memory(GaussianNB):
    def fit(self, x, y):
        self.known_, self.classes_ = dict(zip(x[:, 0].tolist(), y.tolist(), strict=True)), np.unique(y)
        return self

    def predict_proba(self, x):
        even = np.full(len(self.classes_), 1 / len(self.classes_))
        return np.array([np.eye(3)[self.known_[v]] if v in self.known_ else even for v in x[:, 0].tolist()])


@pytest.mark.parametrize("kind", ["numbers", "texts", "images", "table"])
def test_every_fast_candidate_has_a_counterpart_that_tells_of_new_rows(kind):
    """What the tournament may call the best can be fitted, and what it knows is what it says of rows it has seen."""
    data = {"numbers": NUMBERS, "texts": TEXTS, "images": rows.images(TRUTH), "table": rows.cells(TRUTH)}[kind]
    found = NoisyLabelClassifier().fit(data, GIVEN)
    read, _, _ = found._read(data, GIVEN, None)
    names = set(candidate_names(found)) - {"combination"}
    makers = candidates(read.kind, rows.ROWS, 0)
    assert set(makers) == names
    inputs = read.inputs if read.texts is None else read.texts
    with steady(rows.ROWS):
        for name, make in makers.items():
            assert (make().fit(inputs, TRUTH).predict(inputs) == TRUTH).mean() > 0.8, name


def test_texts_of_few_words_have_few_topics():
    texts = [f"{'good' if row % 2 else 'bad'} film" for row in range(120)]
    for name, make in candidates("texts", len(texts), 0).items():
        model = make().fit(texts, np.arange(120) % 2)
        assert (model.predict(texts) == np.arange(120) % 2).all(), name
    one = Topics().fit(csr_matrix(np.ones((5, 1))))
    assert one.transform(csr_matrix(np.ones((2, 1)))).shape == (2, 1)
