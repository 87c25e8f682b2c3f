import json

import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse

from meta_noise.data.new_rows import read_new
from meta_noise.data.originals import originals
from meta_noise.data.own import read
from meta_noise.data.reader import Reader, own_reader

WORDS = [f"words and words {row}" for row in range(6)]
LABELS = list("ababab")
FEATURES = {"label": {"names": ["zebra", "ant", "bee"], "_type": "ClassLabel"}, "text": {"_type": "Value"}}


class DataSet:
    """What is used of a Hugging Face `Dataset`; `order` is what was selected of its rows."""

    def __init__(self, columns, order=None):
        table = pa.table(columns)
        self.table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": FEATURES}})})
        self.order = list(range(table.num_rows)) if order is None else order
        self.column_names, self.features = table.column_names, FEATURES

    def __len__(self):
        return len(self.order)

    def __getitem__(self, rows):
        return self.table.take(self.order)[rows]

    def with_format(self, form):
        assert form == "arrow"
        return self


class Streamed:
    column_names = features = None

    def with_format(self, form):
        return self


def sets():
    """A data set with stand-ins for the package and, where it is installed, with the package."""
    columns = {"text": [*WORDS, "more of all words", "and yet more words"], "label": [0, 1, 2, 1, 0, 2, 1, 0]}
    made = DataSet(columns)
    made.select = lambda rows: DataSet(columns, list(rows))
    yield pytest.param(made, id="stand-in")
    try:
        import datasets
    except ImportError:
        return
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["zebra", "ant", "bee"])}
    )
    yield pytest.param(datasets.Dataset.from_dict(columns, features=features), id="datasets")


@pytest.mark.parametrize("data", list(sets()))
def test_data_sets(data):
    own = read(data)
    assert own.texts[:6] == WORDS and own.class_names == ("zebra", "ant", "bee")
    chosen = read(data.select([6, 3, 4, 0, 2, 5]))
    assert chosen.texts[0] == "more of all words" and chosen.source.labels.tolist() == [1, 1, 0, 0, 2, 2]


@pytest.mark.parametrize("data", list(sets()))
def test_parts_of_a_data_set(data, refusal):
    parts = {"train": data.select(range(6)), "test": data.select([6, 7]), "unsupervised": data.select([0])}
    own = read(parts)
    assert own.texts == WORDS and own.test.labels.tolist() == [1, 0] and own.class_names == ("zebra", "ant", "bee")
    assert "Parts of the data set left out: unsupervised." in own.notes
    assert "has the parts first, second, none of which is called train; give one" in refusal(
        {"first": data, "second": data}
    )


def test_a_streamed_data_set(refusal):
    assert "load it without streaming=True" in refusal(Streamed())


@pytest.mark.parametrize(
    "texts",
    [WORDS, tuple(WORDS), np.array(WORDS), np.array(WORDS, object), pa.array(WORDS), pa.chunked_array([WORDS])],
)
@pytest.mark.parametrize(
    "labels", [LABELS, tuple(LABELS), np.array(LABELS), np.array(LABELS, object), pa.array(LABELS)]
)
def test_texts_with_labels(texts, labels):
    own = read(texts, label=labels)
    assert own.kind == "texts" and own.texts == WORDS and own.class_names == ("a", "b")
    assert own.source.labels.tolist() == [0, 1] * 3


def test_arrays_with_labels(rng):
    vectors = rng.normal(size=(6, 3))
    for data in (vectors, vectors.tolist()):
        own = read(data, label=LABELS)
        assert own.kind == "features" and np.array_equal(own.source.inputs, vectors.astype(np.float32))
    assert read(rng.integers(0, 256, (6, 4, 4), dtype=np.uint8), label=LABELS).kind == "images"
    mixed = np.array([[1.5, "red"], [None, "blue"], [2.5, "red"]] * 2, object)
    own = read(mixed, label=LABELS)
    assert own.kind == "table" and own.columns == ("0", "1")
    np.testing.assert_array_equal(read_new(mixed, own_reader(own, own.source, 0, {})).inputs, own.source.inputs)


@pytest.mark.parametrize("form", [scipy.sparse.csr_matrix, scipy.sparse.csr_array, scipy.sparse.coo_array])
def test_sparse_matrices(form, rng, refusal, monkeypatch):
    values = rng.integers(0, 2, (6, 5))
    own = read(form(values), label=LABELS)
    assert own.kind == "features" and own.source.inputs.tolist() == values.tolist()
    assert read({"x": form(values), "y": LABELS}).source.inputs.tolist() == values.tolist()
    reader = Reader("features", (5,), "float32")
    assert read_new(form(values), reader).inputs.tolist() == values.tolist()
    large = form((2_000_000, 100_000))
    assert "made dense,: 745.1 GiB" in refusal(large, label=LABELS) and "TruncatedSVD" in refusal(large, label=LABELS)


def test_rows_as_dictionaries():
    rows = [{"text": text, "label": label} for text, label in zip(WORDS, LABELS, strict=True)]
    own = read([*rows, {"text": "no label is here"}])
    assert own.texts == WORDS and len(own.skipped) == 1
    assert read_new([{"x": 1.0}, {"x": 2.0}], own_reader(*_table(), 0, {})).inputs.tolist() == [[1.0], [2.0]]


def _table():
    own = read({"x": [1.0, 2.0, 4.0, 3.0], "label": list("abab")})
    return own, own.source


def test_labels_beside_a_file_and_shown_again(write):
    path = write("a.csv", "text\n" + "".join(f"{text}\n" for text in WORDS))
    own = read(path, label=LABELS)
    assert own.class_names == ("a", "b")
    shown = originals(path, {"label": LABELS}, [own.source.ids[1]], ["b"])
    assert shown[0].text == WORDS[1]


@pytest.mark.parametrize(
    "data, label, said",
    [
        (WORDS, LABELS[:4], "4 labels were given for the 6 rows of the list of texts"),
        ({"text": WORDS, "label": LABELS}, LABELS, "which has a column 'label', too"),
        (WORDS, 3.5, "label is of type float; give the name of a column, or one label a row"),
        (WORDS, np.eye(6), "label is of type ndarray"),
        (WORDS, None, "no column of labels"),
        (np.arange(6), LABELS, "The array is int64 of shape (6,)"),
        ([[1, 2], [3]], list("ab"), "The rows are not one array"),
        ([], [], "holds no rows"),
        (
            {"test": {"text": WORDS}, "train": {"text": WORDS}},
            None,
            "tables (test, train), not columns; give one of them",
        ),
    ],
)
def test_what_cannot_be_read(refusal, data, label, said):
    assert said in refusal(data, label=label)


def test_pandas():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({0: WORDS, 1: LABELS})
    assert read(frame, text=0, label=1).texts == WORDS
    assert read(frame, label=1).source.labels.tolist() == [0, 1] * 3
    columns = pandas.MultiIndex.from_tuples([("in", "text"), ("out", "label")])
    own = read(pandas.DataFrame(list(zip(WORDS, LABELS, strict=True)), columns=columns), label=("out", "label"))
    assert own.texts == WORDS
    index = pandas.MultiIndex.from_tuples([("a", row) for row in range(6)])
    own = read(pandas.DataFrame({"text": WORDS, "label": pandas.Categorical(LABELS)}, index=index))
    assert own.source.ids[1] == "a/1" and own.class_names == ("a", "b")
    own = read(pandas.Series(WORDS, name="whatever"), label=pandas.Series(LABELS, index=range(6, 12)))
    assert own.texts == WORDS and own.source.labels.tolist() == [0, 1] * 3
    table = pandas.DataFrame(
        {
            0: [1.5, None, 2.0, 1.0, 3.0, 2.5],
            1: pandas.array([1, None, 2, 3, 1, 2], "Int64"),
            2: pandas.Categorical(["red", None, "blue"] * 2),
            3: pandas.to_datetime(["2024-01-01", None, "2024-02-01"] * 2),
            "label": LABELS,
        }
    )
    own = read(table, skip_bad=True)
    assert own.columns == ("0", "1", "2", "3") and len(own.skipped) == 1
    assert read(table, features=[0, 2], skip_bad=True).columns == ("0", "2")


def test_polars():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"text": WORDS, "n": ["1,5", "2,5", None] * 2, "label": LABELS})
    for kind in (polars.Categorical, polars.Enum(["b", "a"]), polars.String):
        own = read(frame.with_columns(polars.col("label").cast(kind)))
        assert own.texts == WORDS and own.class_names == ("a", "b")
        numbers = read(frame.with_columns(polars.col("label").cast(kind)), features=["n"], skip_bad=True)
        assert numbers.source.inputs[:, 0].tolist() == [1.5, 2.5] * 2
    assert read(frame["text"], label=frame["label"]).texts == WORDS
