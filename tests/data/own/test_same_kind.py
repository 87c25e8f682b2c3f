"""Answers in the kind of what was asked about."""

import numpy as np
import pyarrow as pa
import pytest

from meta_noise.data.own.same_kind import column_like, matrix_like, same_kind, table_like

COLUMNS = {"quality": np.array([0.5, 0.25]), "label": np.array(["a", "b"], object)}
TABLE = pa.table({"id": ["7", "3"], "label": ["a", "b"]})


@pytest.mark.parametrize("data", [np.zeros((2, 3)), [1, 2], {"a": [1, 2]}, ("x", "y")])
def test_arrays_lists_and_dictionaries(data):
    found = same_kind(data, COLUMNS)
    assert found.dtype.names == ("quality", "label") and found["quality"].tolist() == [0.5, 0.25]
    assert column_like(data, COLUMNS["label"], "x") is COLUMNS["label"]
    assert matrix_like(data, np.eye(2), "ab").tolist() == [[1, 0], [0, 1]]
    assert table_like(data, TABLE, False) is TABLE


@pytest.mark.parametrize("data", [pa.table({"x": [1, 2]}), pa.array([1, 2]), pa.chunked_array([[1, 2]])])
def test_pyarrow(data):
    assert same_kind(data, COLUMNS).to_pydict() == {"quality": [0.5, 0.25], "label": ["a", "b"]}
    assert matrix_like(data, np.eye(2), "ab").column_names == ["a", "b"]


def test_pandas():
    pandas = pytest.importorskip("pandas")
    index = pandas.MultiIndex.from_tuples([("a", 1), ("b", 2)])
    for data in (pandas.DataFrame({"x": [1, 2]}, index=index), pandas.Series([1, 2], index=index)):
        found = same_kind(data, COLUMNS)
        assert found.index.equals(index) and list(found.columns) == ["quality", "label"]
        assert column_like(data, COLUMNS["label"], "said").name == "said"
        assert matrix_like(data, np.eye(2), ["a", "b"])["b"].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("ids", "columns", "expected"),
    [
        (["frame-00002", "frame-00000"], {}, [30, 10]),  # row numbers
        (["20", "10"], {}, [20, 10]),  # of the index
        (["20", "10"], {"id": [20, 10, 30]}, None),  # of a column
        (["what", "10"], {}, None),
    ],
)
def test_a_table_of_some_rows_of_a_pandas_frame(ids, columns, expected):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": [1, 2, 3], **columns}, index=[10, 20, 30])
    found = table_like(frame, pa.table({"id": ids}), False)
    assert found["id"].tolist() == ids and found.index.tolist() == ([0, 1] if expected is None else expected)
    assert table_like(frame, pa.table({"id": ids}), True).index.tolist() == [0, 1]


def test_ids_that_look_like_the_numbers_of_rows_are_no_index():
    pandas = pytest.importorskip("pandas")
    found = table_like(pandas.DataFrame({"x": [1, 2, 3]}), pa.table({"id": ["2", "0"]}), False)
    assert found.index.tolist() == [0, 1]


def test_polars():
    polars = pytest.importorskip("polars")
    for data in (polars.DataFrame({"x": [1, 2]}), polars.Series([1, 2])):
        assert same_kind(data, COLUMNS).to_dict(as_series=False) == {"quality": [0.5, 0.25], "label": ["a", "b"]}
        assert column_like(data, COLUMNS["label"], "said").to_list() == ["a", "b"]
        assert table_like(data, TABLE, False)["id"].to_list() == ["7", "3"]


def test_hugging_face():
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_dict({"x": [1, 2]})
    assert same_kind(data, COLUMNS)["label"][:] == ["a", "b"] and table_like(data, TABLE, False)[1]["id"] == "3"


def test_parts_of_a_data_set_come_back_as_parts():
    datasets = pytest.importorskip("datasets")
    part = datasets.Dataset.from_dict({"x": [1, 2, 3]})
    data = datasets.DatasetDict({"train": part, "test": part.select([0])})
    found = table_like(data, pa.table({"id": ["a", "b", "c", "d"]}), True)
    assert isinstance(found, datasets.DatasetDict)
    assert {name: one["id"][:] for name, one in found.items()} == {"train": ["a", "b", "c"], "test": ["d"]}
    found = table_like(data, pa.table({"id": ["a", "c"]}), True)
    assert {name: one["id"][:] for name, one in found.items()} == {"train": ["a", "c"]}
