import json

import msgspec
import numpy as np
import pytest

from meta_noise.data.new_rows import read_new
from meta_noise.data.own import read
from meta_noise.data.own.encoding import encode, fields_of, from_json, in_words, to_json
from meta_noise.data.own.fitting import MOST_APART, fitted, transformer
from meta_noise.data.own.forms import CATEGORY, Field, fields_of_table, raw
from meta_noise.data.own.frames import frame_table
from meta_noise.data.own.result import in_words as row_in_words
from meta_noise.data.reader import ReaderFile, from_file, own_reader
from meta_noise.data.reader import to_json as reader_to_json
from meta_noise.errors import InputError


@pytest.fixture
def frame(rng):
    """A table of everything: numbers, flags, dates, a few and many categories, with gaps in all of them."""
    rows = 400
    columns = {
        "age": rng.normal(50, 10, rows),
        "height": rng.normal(170, 10, rows),
        "smokes": rng.integers(0, 2, rows).astype(bool),
        "day": np.datetime64("2020-01-01") + rng.integers(0, 1000, rows),
        "colour": np.array(["red", "green", "blue"])[rng.integers(0, 3, rows)],
        "city": np.array([f"city {int(number)}" for number in rng.exponential(12, rows)]),
    }
    frame = {name: values.tolist() for name, values in columns.items()}
    for name in ("age", "day", "colour", "city"):
        for row in rng.choice(rows, 8, replace=False).tolist():
            frame[name][row] = None
    return frame | {"label": ["a", "b"] * (rows // 2)}


def new_frame():
    """Other rows: gaps where there were none, and categories that nobody has seen."""
    return {
        "age": [40.0, None, 60.0],
        "height": [None, 180.0, 160.0],
        "smokes": [True, None, False],
        "day": ["2020-02-01", "2021-01-01", None],
        "colour": ["red", "violet", None],
        "city": ["city 0", "a new city", None],
    }


def test_numbers_are_those_of_scikit_learn(frame):
    own = read(frame)
    assert own.kind == "table" and own.columns == ("age", "height", "smokes", "day", "colour", "city")
    new = read_new(new_frame(), own_reader(own, own.source, 0, {}))
    fields = fields_of_table(frame_table(frame), own.columns)
    cells, later = (raw(frame_table(each), fields)[0] for each in (frame, new_frame()))
    kinds = [place for place, field in enumerate(fields) if field.form == CATEGORY]
    numbers = [place for place in range(len(fields)) if place not in kinds]
    theirs = transformer(numbers, kinds).fit(cells)
    share_at = len(numbers)  # of the city, which scikit-learn's encoder does not give
    for ours, raw_cells in ((own.source.inputs, cells), (new.inputs, later)):
        expected = theirs.transform(raw_cells)
        np.testing.assert_allclose(np.delete(ours, share_at, axis=1), expected, atol=1e-5)
    assert own.source.inputs.dtype == np.float32 and not new.bad
    values, counts = np.unique([city or "" for city in frame["city"]], return_counts=True)
    share = dict(zip(values.tolist(), counts / 400, strict=True)) | {"": 0.0}
    of_rows = np.array([share[city or ""] for city in frame["city"]])
    np.testing.assert_allclose(own.source.inputs[:, share_at], (of_rows - of_rows.mean()) / of_rows.std(), atol=1e-4)


def test_what_was_done_is_said(frame):
    notes = read(frame).notes
    for said in (
        "Inputs are the numbers in 3 columns: age, height, smokes; the dates in 1 column: day; "
        "the categories in 2 columns: colour, city.",
        "Numbers and dates are scaled to mean 0 and standard deviation 1.",
        "Gaps in numbers and dates, 16 cells, are filled with the median of their column, and an input for each column "
        "says where: age, day.",
        "Dates are counted in days: day.",
        "Each category is an input of its own, and a gap another; a new one is none of them: colour (3).",
    ):
        assert said in notes
    (many,) = [note for note in notes if note.startswith("Of columns with many categories")]
    assert f"the most frequent {MOST_APART - 1} have an input each" in many and "city (" in many


def test_plain_numbers_stay_as_they_are(rng):
    values = rng.normal(size=(20, 2))
    own = read({"a": values[:, 0], "b": values[:, 1], "label": ["x", "y"] * 10})
    np.testing.assert_array_equal(own.source.inputs, values.astype(np.float32))
    new = read_new({"b": [None, 1.0], "a": [2.0, 3.0]}, own_reader(own, own.source, 0, {}))
    np.testing.assert_allclose(new.inputs, [[2.0, np.median(values[:, 1])], [3.0, 1.0]], rtol=1e-6)


def test_encoders_are_plain_json(frame):
    own = read(frame)
    stored = json.loads(json.dumps([to_json(encoder) for encoder in own.encoders]))
    assert tuple(from_json(each) for each in stored) == own.encoders
    reader = own_reader(own, own.source, 0, {})
    again = from_file(msgspec.convert(json.loads(json.dumps(reader_to_json(reader))), ReaderFile))
    assert again == reader
    np.testing.assert_array_equal(read_new(frame, again).inputs, own.source.inputs)
    with pytest.raises((TypeError, ValueError, KeyError)):
        from_json({"name": "x", "form": "number", "code": "import os"})


def test_a_reader_of_an_earlier_version_takes_numbers_as_they_are():
    stored = {"kind": "table", "shape": [2], "dtype": "float32", "columns": ["a", "b"], "named": {}, "words": []}
    reader = from_file(msgspec.convert(stored, ReaderFile))
    assert read_new({"b": [2.0], "a": [1.0]}, reader).inputs.tolist() == [[1.0, 2.0]]
    assert read_new(np.array([[1.0, 2.0]]), reader).inputs.tolist() == [[1.0, 2.0]]


def test_new_rows_may_be_an_array_of_objects(frame):
    own = read(frame)
    reader = own_reader(own, own.source, 0, {})
    array = np.array([frame[name] for name in own.columns], object).T
    np.testing.assert_array_equal(read_new(array, reader).inputs, own.source.inputs)
    with pytest.raises(InputError, match=r"rows of shape \(6,\)"):
        read_new(np.zeros((2, 5)), reader)


def test_only_training_rows_are_looked_at(frame):
    held_out = {**frame, "split": ["train", "test"] * 200}
    changed = {**held_out, "age": [age if row % 2 == 0 else 1000.0 for row, age in enumerate(frame["age"])]}
    first, second = (read({**each, "label": ["a", "a", "b", "b"] * 100}) for each in (held_out, changed))
    np.testing.assert_array_equal(first.source.inputs, second.source.inputs)
    assert second.test.inputs[:, 0].min() > 50


def test_trusted_rows_of_a_second_file_are_encoded_alike(frame):
    own = read(frame, trusted={**new_frame(), "label": ["a", "b", "a"]})
    assert len(own.source.labels) == 403 and own.source.trusted[-3:].all()
    words = row_in_words(own)
    assert words(400).startswith("age 40, height ?, smokes 1, day 2020-02-01, colour red, city city 0")
    assert words(401).endswith("colour violet, city another") or words(401).endswith("colour another, city another")


def test_rows_in_words(frame):
    own = read(frame)
    words = in_words(own.encoders, 5)
    row = next(row for row in range(400) if None not in [frame[name][row] for name in own.columns])
    cell = {name: frame[name][row] for name in own.columns}
    expected = f"age {cell['age']:g}, height {cell['height']:g}, smokes {cell['smokes']:g}, "
    assert words(own.source.inputs[row]) == expected + f"day {cell['day']}, colour {cell['colour']}, ..."
    gap = frame["age"].index(None)
    assert words(own.source.inputs[gap]).startswith("age ?, ")


def test_rare_gaps_are_among_the_others(rng):
    cells = np.append(np.repeat(np.arange(40.0), 3), np.nan)[:, None]
    fields = (Field("code", CATEGORY, tuple(map(str, range(40)))),)
    encoders, _ = fitted(cells, fields)
    found, theirs = encode(cells, encoders), transformer([], [0]).fit_transform(cells)
    np.testing.assert_array_equal(found[:, 1:], theirs)
    assert fields_of(encoders) == fields
