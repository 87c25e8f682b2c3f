"""The estimator as scikit-learn, a notebook and every kind of data meet it."""

import io
import pickle

import joblib
import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse
import sklearn
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from meta_noise import InputError, NoisyLabelClassifier, fit
from tests.estimator import rows

TRUTH, GIVEN, WRONG = rows.labels()
NUMBERS, TEXTS = rows.numbers(TRUTH), rows.texts(TRUTH)
TRUSTED = ~WRONG & (np.arange(rows.ROWS) < 30)


@pytest.mark.filterwarnings("default")
def test_scikit_learn_finds_nothing_to_complain_of():
    results = check_estimator(NoisyLabelClassifier(), on_fail=None, on_skip=None)
    passed, skipped = (
        {one["check_name"] for one in results if one["status"] == word} for word in ("passed", "skipped")
    )
    assert {one["check_name"]: one["exception"] for one in results if one["status"] not in ("passed", "skipped")} == {}
    # skipped without pandas, and unless SCIPY_ARRAY_API is set before SciPy is imported
    assert skipped <= {"check_classifier_data_not_an_array", "check_array_api_input"} and len(passed) > 40


def test_numbers_with_wrong_labels():
    found = NoisyLabelClassifier().fit(NUMBERS, GIVEN)
    assert found.classes_.tolist() == rows.NAMES.tolist() and found.n_features_in_ == 4
    assert found.score(NUMBERS, TRUTH) > 0.97
    issues = found.label_issues_
    assert issues.dtype.names == ("quality", "flag", "suggestion", "given", "probability") and len(issues) == rows.ROWS
    assert issues["flag"][WRONG].mean() > 0.7 and issues["flag"][~WRONG].mean() < 0.1
    assert (issues["suggestion"] == TRUTH).mean() > 0.95 and (issues["given"] == GIVEN).all()
    assert issues["quality"][WRONG].mean() < issues["quality"][~WRONG].mean() - 0.5
    assert found.noise_["low"] <= WRONG.mean() <= found.noise_["high"]
    p = found.predict_proba(NUMBERS)
    assert p.shape == (rows.ROWS, 3) and np.allclose(p.sum(axis=1), 1)


def forms():
    """Each form of data with the library that the answer should be of."""
    yield "array", NUMBERS, "numpy"
    yield "nested list", NUMBERS.tolist(), "numpy"
    yield "sparse", scipy.sparse.csr_array(np.where(abs(NUMBERS) < 1, 0, NUMBERS)), "numpy"
    mixed = np.array([[*row] for row in zip(NUMBERS[:, 0], rows.cells(TRUTH)["colour"], strict=True)], object)
    yield "mixed array", mixed, "numpy"
    yield "dictionary", {"a": NUMBERS[:, 0], "b": NUMBERS[:, 1]}, "numpy"
    yield "texts", TEXTS, "numpy"
    yield "array of texts", np.array(TEXTS), "numpy"
    yield "images", rows.images(TRUTH), "numpy"
    yield "arrow table", pa.table({name: pa.array(cells) for name, cells in rows.cells(TRUTH).items()}), "pyarrow"
    yield "arrow texts", pa.array(TEXTS), "pyarrow"


@pytest.mark.parametrize(("data", "library"), [pytest.param(*rest, id=name) for name, *rest in forms()])
def test_forms_of_data(data, library):
    found = NoisyLabelClassifier().fit(data, GIVEN.tolist())
    assert type(found.label_issues_).__module__.partition(".")[0] == library
    assert found.score(data, TRUTH) > 0.9
    copy = pickle.loads(pickle.dumps(found))
    file = io.BytesIO()
    joblib.dump(found, file)
    file.seek(0)
    for again in (copy, joblib.load(file)):
        np.testing.assert_array_equal(again.predict(data), found.predict(data))
        assert again.findings_.labels.equals(found.findings_.labels)


def test_pandas():
    pandas = pytest.importorskip("pandas")
    index = pandas.MultiIndex.from_tuples([("a", row) for row in range(rows.ROWS)])
    frame = pandas.DataFrame(rows.cells(TRUTH), index=index)
    found = NoisyLabelClassifier().fit(frame, pandas.Series(pandas.Categorical(GIVEN), index=index))
    assert isinstance(found.label_issues_, pandas.DataFrame) and found.label_issues_.index.equals(index)
    assert found.feature_names_in_.tolist() == list(frame.columns)
    assert found.score(frame, TRUTH) > 0.9 and isinstance(found.predict(frame), np.ndarray)
    with pytest.raises(ValueError, match="feature names"):
        found.predict(frame[["size", "day"]])
    named = NoisyLabelClassifier(trusted="ok").fit(frame.assign(kind=GIVEN, ok=TRUSTED), "kind")
    assert not named.label_issues_["flag"][TRUSTED].any() and not hasattr(named, "feature_names_in_")
    assert named.predict(frame).shape == (rows.ROWS,)
    series = NoisyLabelClassifier().fit(pandas.Series(TEXTS, index=range(5, 95)), GIVEN)
    assert series.label_issues_.index.tolist() == list(range(5, 95))
    assert (cross_val_predict(NoisyLabelClassifier(), frame, GIVEN, cv=2) == TRUTH).mean() > 0.8


def test_polars():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(rows.cells(TRUTH)).with_columns(polars.col("colour").cast(polars.Categorical))
    found = NoisyLabelClassifier().fit(frame, polars.Series(GIVEN.tolist(), dtype=polars.Enum(rows.NAMES.tolist())))
    assert isinstance(found.label_issues_, polars.DataFrame) and found.score(frame, TRUTH) > 0.9
    assert isinstance(NoisyLabelClassifier().fit(polars.Series(TEXTS), GIVEN).label_issues_, polars.DataFrame)


def test_hugging_face():
    datasets = pytest.importorskip("datasets")
    codes = np.searchsorted(rows.NAMES, GIVEN).tolist()
    kinds = {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=rows.NAMES.tolist())}
    data = datasets.Dataset.from_dict({"text": TEXTS, "label": codes}, features=datasets.Features(kinds))
    found = NoisyLabelClassifier().fit(data, "label")
    assert isinstance(found.label_issues_, datasets.Dataset) and found.label_issues_["given"][:5] == codes[:5]
    assert (found.predict(data) == np.searchsorted(rows.NAMES, TRUTH)).mean() > 0.9


def test_where_scikit_learn_puts_classifiers():
    assert (cross_val_predict(NoisyLabelClassifier(), TEXTS, GIVEN, cv=2) == TRUTH).mean() > 0.9
    pipeline = make_pipeline(StandardScaler(), NoisyLabelClassifier())
    assert pipeline.fit(NUMBERS, GIVEN, noisylabelclassifier__trusted=TRUSTED).score(NUMBERS, TRUTH) > 0.9
    search = GridSearchCV(NoisyLabelClassifier(), {"model": [None, LogisticRegression()]}, cv=2)
    assert search.fit(NUMBERS, GIVEN).best_estimator_.score(NUMBERS, TRUTH) > 0.9
    assert clone(search.best_estimator_).get_params() == search.best_estimator_.get_params()
    with sklearn.config_context(enable_metadata_routing=True):
        asking = NoisyLabelClassifier().set_fit_request(trusted=True)
        assert min(cross_val_score(asking, NUMBERS, TRUTH, params={"trusted": TRUSTED}, cv=2)) > 0.8
        assert make_pipeline(StandardScaler(), asking).fit(NUMBERS, GIVEN, trusted=TRUSTED).score(NUMBERS, TRUTH) > 0.9


def test_trusted_rows_keep_their_label():
    wrongly = WRONG & (np.cumsum(WRONG) <= 3)
    found = NoisyLabelClassifier(trusted=TRUSTED | wrongly).fit(NUMBERS, GIVEN)
    issues = found.label_issues_[TRUSTED | wrongly]
    assert (
        not issues["flag"].any() and (issues["quality"] == 1).all() and (issues["suggestion"] == issues["given"]).all()
    )
    everything = NoisyLabelClassifier().fit(NUMBERS, TRUTH, trusted=np.ones(rows.ROWS, int))
    assert not everything.label_issues_["flag"].any() and everything.score(NUMBERS, TRUTH) > 0.97


def test_gaps_of_a_matrix_are_named_and_those_of_a_frame_filled():
    gaps = NUMBERS.copy()
    gaps[3, 1] = gaps[7, 0] = np.nan
    sentence = r"X has NaN in row 3, column 1 \(2 cells in all\)\. Fill them, or give a frame"
    with pytest.raises(InputError, match=sentence):
        NoisyLabelClassifier().fit(gaps, GIVEN)
    fitted = NoisyLabelClassifier().fit(NUMBERS, GIVEN)
    with pytest.raises(InputError, match=sentence):
        fitted.predict(gaps)
    frame = pa.table({f"x{n}": pa.array(column, from_pandas=True) for n, column in enumerate(gaps.T)})
    assert len(NoisyLabelClassifier().fit(frame, GIVEN).predict(frame)) == len(GIVEN)


def test_flags_as_asked_for():
    asked = NoisyLabelClassifier(flag="count=7").fit(NUMBERS, GIVEN)
    assert asked.label_issues_["flag"].sum() == 7
    assert "7 of 90 labels are flagged, as asked for by count=7" in asked.findings_.sentences()[0]


def test_few_rows_and_rows_that_say_nothing():
    few = NoisyLabelClassifier().fit(NUMBERS[:6], GIVEN[:6])
    assert not few.label_issues_["flag"].any() and few.predict(NUMBERS[:6]).shape == (6,)
    same = NoisyLabelClassifier().fit(np.ones((40, 2)), GIVEN[:40])
    assert not same.label_issues_["flag"].any()
    assert "same inputs" in same.findings_.results["worthless"]["reason"]


@pytest.mark.parametrize(
    "labels", [TRUTH == "ant", 10 * (TRUTH == "ant") - 5, (TRUTH == "ant").astype(float), TRUTH.astype(object)]
)
def test_predictions_are_labels_as_they_were_given(labels):
    found = NoisyLabelClassifier().fit(NUMBERS, labels)
    assert found.predict(NUMBERS).dtype == labels.dtype and (found.predict(NUMBERS) == labels).mean() > 0.9
    assert found.label_issues_["suggestion"].dtype == labels.dtype


def test_the_same_seed_gives_the_same_answer():
    first, again = (NoisyLabelClassifier(random_state=np.random.RandomState(3)).fit(NUMBERS, GIVEN) for _ in range(2))
    np.testing.assert_array_equal(first.label_issues_, again.label_issues_)
    np.testing.assert_array_equal(first.predict_proba(NUMBERS), again.predict_proba(NUMBERS))


def test_fitted_again_on_other_data():
    found = NoisyLabelClassifier().fit(NUMBERS, GIVEN)
    found.fit(TEXTS, GIVEN)
    assert not hasattr(found, "n_features_in_") and found.score(TEXTS, TRUTH) > 0.9


def test_before_fit():
    for use in (lambda one: one.predict(NUMBERS), lambda one: one.plot):
        with pytest.raises(NotFittedError):
            use(NoisyLabelClassifier())


def test_verbose_says_what_was_tried(capsys):
    NoisyLabelClassifier().fit(NUMBERS, GIVEN)
    assert capsys.readouterr().out == ""
    NoisyLabelClassifier(verbose=True).fit(NUMBERS, GIVEN)
    assert "What was tried" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("settings", "data", "labels", "match"),
    [
        ({}, NUMBERS, np.where(WRONG, None, GIVEN), r"no label \(NaN or None\) in row \d+, and \d+ more"),
        ({}, NUMBERS, GIVEN[:5], "inconsistent numbers of samples"),
        ({}, TEXTS, GIVEN[:5], "5 labels for 90 rows"),
        ({}, TEXTS, None, "requires y to be passed"),
        ({}, NUMBERS, "kind", "name a column of a frame"),
        ({}, {"a": NUMBERS[:, 0]}, "kind", "Unknown column of the dictionary 'kind'. Choices: a"),
        ({}, [*TEXTS[1:], ""], GIVEN, "row 89 cannot be used: column 'text' holds no text"),
        ({}, NUMBERS, ["ant"] * rows.ROWS, "only one class, 'ant'"),
        ({}, NUMBERS, np.array([1, "a"] * 45, object), r"several types \(int, str\)"),
        ({"trusted": [True]}, NUMBERS, GIVEN, "give it to fit, which cuts it"),
        ({"trusted": np.arange(rows.ROWS)}, NUMBERS, GIVEN, "true or false for each row. Of row numbers"),
        ({"model": 3}, NUMBERS, GIVEN, "of type int. Give a scikit-learn classifier"),
        ({"model": LogisticRegression}, NUMBERS, GIVEN, "is the class LogisticRegression; give an object"),
        ({"model": lambda x: x}, NUMBERS, GIVEN, r"should give probabilities \[90, 3\]"),
        ({"model": "mlpp"}, NUMBERS, GIVEN, "Did you mean 'mlp'"),
        ({"method": "l2x"}, NUMBERS, GIVEN, "Did you mean 'l2r'"),
        ({"method": "l2r", "model": LogisticRegression()}, NUMBERS, GIVEN, "leave out one of both"),
        ({"flag": "many"}, NUMBERS, GIVEN, "give precision=0.8"),
        ({"epochs": -1}, NUMBERS, GIVEN, "epochs is -1"),
    ],
)  # fmt: skip
def test_wrong_input_is_answered_with_a_sentence(settings, data, labels, match):
    with pytest.raises(ValueError, match=match):
        NoisyLabelClassifier(**settings).fit(data, labels)


def test_wrong_rows_to_predict():
    with pytest.raises(InputError, match="no column of texts"):
        NoisyLabelClassifier().fit(TEXTS, GIVEN).predict(NUMBERS)
    with pytest.raises(ValueError, match="3 features"):
        NoisyLabelClassifier().fit(NUMBERS, GIVEN).predict(NUMBERS[:, :3])


def test_fit_with_nothing_else():
    found = fit(NUMBERS, GIVEN)
    assert isinstance(found, NoisyLabelClassifier) and found.score(NUMBERS, TRUTH) > 0.97
    assert fit({"text": TEXTS, "label": GIVEN}).score(TEXTS, TRUTH) > 0.9
    assert fit(NUMBERS, GIVEN, model=LogisticRegression(), flag="count=3").label_issues_["flag"].sum() == 3
    with pytest.raises(InputError, match="beside arrays"):
        fit(NUMBERS)
