import datetime

import numpy as np
import pyarrow as pa
import pytest

from meta_noise.data.own import read
from meta_noise.data.own.forms import Field, fields_of_table, form_of, raw
from meta_noise.data.own.table import Table, as_column

WORDS = ["red", "blue", None, "red"]


@pytest.mark.parametrize(
    "cells, form",
    [
        ([1, 2, None], "number"),
        ([True, False], "number"),
        (["1.5", "NA", "2"], "number"),
        (["1,5", "2,25", "3"], "decimal comma"),
        (["1.234,5", "2,25"], "decimal comma"),
        (["0,123", "0,456"], "decimal comma"),
        (["1,234", "12,345,678", "5"], "thousands comma"),
        (["1,234.5", "2"], "thousands comma"),
        (["2024-01-31", "2023-12-01", ""], "date"),
        (["2024-01-31 10:30", "2024-01-31T10:30:59Z"], "date"),
        (["31.12.2024", "1.2.2024"], "date, day first"),
        (["12/31/2024", "1/2/2024"], "date, month first"),
        (["31/12/2024", "1/2/2024"], "date, day first"),
        (["1/2/2024", "3/4/2024"], "date, month first"),
        ([datetime.date(2024, 1, 31)], "date"),
        ([datetime.datetime(2024, 1, 31, 12)], "date"),
        (WORDS, "category"),
        (["1", "red"], "category"),
        ([1, "red", None], "category"),
        ([None, None], None),
        (["", "-"], None),
        ([[1], [2]], None),
        ([b"1"], None),
        ([{"a": 1}, "b"], None),
    ],
)
def test_forms(cells, form):
    assert form_of(as_column(cells)) == form


@pytest.mark.parametrize(
    "cells, form, days",
    [
        (["1970-01-03", "", "1970-01-01T12:00"], "date", [2, np.nan, 0.5]),
        (["3.1.1970", "NA", "01.01.1970 12:00"], "date, day first", [2, np.nan, 0.5]),
        (["1/3/1970", "?", "1/1/1970 12:00"], "date, month first", [2, np.nan, 0.5]),
        (["1970-01-02T23:00:00+00:00"], "date", [1 + 23 / 24]),
        ([datetime.date(1970, 1, 3), None], "date", [2, np.nan]),
        (pa.array([datetime.datetime(1970, 1, 1, 12)], pa.timestamp("ns", "Europe/Paris")), "date", [0.5]),
    ],
)
def test_dates_are_days(cells, form, days):
    table = Table({"day": as_column(cells), "one": as_column([1] * len(days))}, len(days), "a.csv", ())
    found, bad = raw(table, (Field("day", form), Field("one", "number")))
    np.testing.assert_allclose(found[:, 0], days)
    assert not bad


def test_numbers_with_commas(write):
    lines = "".join(f"{row};{row % 3 + 1},000;{'ab'[row % 2]}\n" for row in range(12))
    own = read(write("a.csv", "x;price;label\n" + lines))
    assert own.source.inputs[:3, -1].tolist() == [1000, 2000, 3000]
    assert any("stands between thousands" in note and note.endswith("columns: price.") for note in own.notes)


def test_commas_are_decimal_ones_where_a_cell_can_be_nothing_else(write):
    """A spreadsheet drops zeros at the end, so one cell in ten has fewer than three decimals; other columns follow."""
    lines = "".join(
        f"{row + 1},{row + 11}{row % 10 or ''};{row + 3},00{row % 9 + 1};{'ab'[row % 2]}\n" for row in range(40)
    )
    own = read(write("a.csv", "\ufeffx;y;label\n" + lines))
    np.testing.assert_allclose(own.source.inputs[[0, 1], 0], [1.11, 2.121], rtol=1e-6)
    np.testing.assert_allclose(own.source.inputs[[0, 1], 1], [3.001, 4.002], rtol=1e-6)
    assert any("comma in numbers is a decimal one" in note and note.endswith("columns: x, y.") for note in own.notes)


def test_commas_stay_between_thousands_where_another_cell_is_a_slip():
    cells = [f"{row + 1},{row + 100}" for row in range(120)]
    table = Table({"x": as_column([*cells, "1,234,567", "1,5"])}, 122, "a.csv", ())
    (field,) = fields_of_table(table, ("x",))
    found, bad = raw(table, (field,))
    assert field.form == "thousands comma" and found[[0, 120], 0].tolist() == [1100, 1234567]
    assert bad == {121: "column 'x' holds '1,5', which is no number; repair it"}


def test_categories_are_coded_by_frequency():
    table = Table({"colour": as_column(WORDS)}, 4, "a.csv", ())
    (field,) = fields_of_table(table, ("colour",))
    assert field.values == ("red", "blue")
    found, bad = raw(table, (field,))
    np.testing.assert_array_equal(found[[0, 1, 3], 0], [0, 1, 0])
    assert bad == {2: "it has no value in any column"}
    other = Table({"colour": as_column(["green", "blue"])}, 2, "b.csv", ())
    assert raw(other, (field,))[0][:, 0].tolist() == [2, 1]


@pytest.mark.parametrize(
    "cell, said", [("soon", "column 'day' holds 'soon', which is no date; repair it"), ("2024-02-30", "is no date")]
)
def test_bad_dates(write, refusal, cell, said):
    lines = "".join(f"2024-01-{row + 1:02},{row % 5},{'ab'[row % 2]}\n" for row in range(20))
    path = write("a.csv", "day,x,label\n" + lines + f"{cell},1,a\n")
    assert f"a.csv, line 22 (id 'a-00020'): {said}" in refusal(path) or said in refusal(path)
    assert [each.row for each in read(path, skip_bad=True).skipped] == [22]


def test_rows_without_any_value_are_bad(refusal):
    frame = {"x": [1.0, None, 2.0, 3.0], "colour": ["a", None, "b", "a"], "label": list("abab")}
    assert "row 1 (id 'dictionary-00001'): it has no value in any column" in refusal(frame)


def test_columns_that_cannot_be_inputs(refusal):
    frame = {"x": [1.0, 2.0], "pair": [[1, 2], [3, 4]], "label": list("ab")}
    assert "Column 'pair' of the dictionary holds cells of type" in refusal(frame, features=["x", "pair"])
