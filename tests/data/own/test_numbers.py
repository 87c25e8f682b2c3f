import numpy as np
import pyarrow as pa
import pytest

from meta_noise.data.own import read
from meta_noise.data.own.numbers import counts_rows, looks_numeric
from meta_noise.data.own.table import as_column


def test_csv_and_typed_columns_give_the_same(write, rng):
    values = rng.normal(size=(20, 3))
    labels = ["a", "b"] * 10
    text = "x,y,z,label\n" + "".join(
        f"{x!r}, {y!r},{z!r},{label}\n" for (x, y, z), label in zip(values.tolist(), labels, strict=True)
    )
    typed = pa.table({name: values[:, place] for place, name in enumerate("xyz")} | {"label": labels})
    for own in (read(write("a.csv", text)), read(typed)):
        assert own.source.inputs.dtype == np.float32 and np.array_equal(own.source.inputs, values.astype(np.float32))


@pytest.mark.parametrize(
    "cell, said",
    [
        ("12a", "column 'x' holds '12a', which is no number"),
        ("1_000", "column 'x' holds '1_000', which is no number"),
        ("=1+1", "column 'x' holds '=1+1', which is no number"),
        ("1e39", "column 'x' holds a number too large"),
        ("-inf", "column 'x' holds a number too large"),
    ],
)
def test_bad_cells(write, refusal, cell, said):
    path = write(
        "a.csv", "x,y,label\n" + "".join(f"{row / 4},{row},{'ab'[row % 2]}\n" for row in range(20)) + f"{cell},1,a\n"
    )
    assert f"a.csv, line 22 (id 'a-00020'): {said}" in refusal(path)
    own = read(path, skip_bad=True)
    assert own.source.inputs[:, 0].tolist() == [row / 4 for row in range(20)] and own.skipped[0].row == 22


def test_what_looks_numeric():
    for values in ([1, 2], ["1", "2.5"], ["1"] * 9 + ["x"], [True, False], ["True", "false"], ["", "+1e-3"], [1, "2"]):
        assert looks_numeric(as_column(values)), values
    for values in ([None, None], ["", "NA"], ["1", "x"], ["red"], [[1.0], [2.0]], [b"1"]):
        assert not looks_numeric(as_column(values)), values


def test_what_counts_rows():
    assert counts_rows(as_column(range(5, 20))) and counts_rows(as_column([str(value) for value in range(12)]))
    assert not counts_rows(as_column(range(5))) and not counts_rows(as_column(np.arange(12) + 0.5))
    assert not counts_rows(as_column([*range(11), 12])) and not counts_rows(as_column([*range(30), *range(30)][::-1]))
    assert counts_rows(as_column([*range(1, 30), 29, *range(30, 60), *range(62, 70)]))
    assert not counts_rows(as_column([*range(40), 40.5])) and not counts_rows(as_column([*range(40), None]))
