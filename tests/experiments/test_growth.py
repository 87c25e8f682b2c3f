"""How cost grows: made data, the order of lines, the table. Cases themselves take minutes."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from experiments.benchmark import growth, growth_table
from experiments.benchmark.growth import CASES, Case

RUN = {
    "axis": "classes",
    "value": 1000,
    "rows": 12_000,
    "classes": 1000,
    "cpu_seconds": 60.0,
    "peak_bytes": 1.5e9,
    "written_bytes": 2_000_000,
    "export_cpu_seconds": 5.0,
}
NETWORK = {
    "axis": "parameters",
    "value": 100_000,
    "parameters": 100_390,
    "plain_flops": 2e7,
    "mw_net_flops": 6e7,
    "plain_temporary_bytes": 4e6,
    "mw_net_temporary_bytes": 5e6,
    "plain_compile_seconds": 1.0,
    "mw_net_compile_seconds": 2.0,
}


def test_data_have_the_rows_classes_and_noise_that_a_case_says(tmp_path):
    arguments = growth.write_data(tmp_path, Case("classes", 20, rows=2_000, classes=20))
    found = pq.read_table(arguments[0])
    trusted = found["trusted"].to_numpy()
    labels = np.array([int(label.split()[1]) for label in found["label"].to_pylist()])
    wrong = labels != np.arange(2_000) % 20
    assert not wrong[trusted].any() and trusted.sum() == 40
    assert abs(wrong[~trusted].mean() - growth.WRONG * 0.95) < 0.03
    assert np.load(arguments[-1]).shape == (2_000, growth.FEATURES)


def test_texts_have_the_length_that_a_case_says(tmp_path):
    arguments = growth.write_data(tmp_path, Case("words", 7, rows=50, classes=4, words=7))
    assert {len(text.split()) for text in pq.read_table(arguments[0])["text"].to_pylist()} == {7}
    assert "--features" not in arguments


def test_a_case_is_measured_once_and_stored_at_once(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(growth, "FOLDER", tmp_path)
    (tmp_path / "README.md").write_text(f"a\n{growth_table.START}\n{growth_table.END}\nz\n")
    (tmp_path / "growth.jsonl").write_text(json.dumps({**RUN, "value": 10, "classes": 10}) + "\n")
    asked = []

    def measured(case, scratch):
        asked.append(case.value)
        if case.value == 1_000:
            raise RuntimeError("the end of what it said")
        return {**RUN, **case._asdict()}

    monkeypatch.setattr(growth, "measured", measured)
    assert growth.main(["--axes", "classes", "--at-most", "1000"]) == 1
    assert "classes 1000: the end of what it said" in capsys.readouterr().out
    assert growth.main(["--axes", "classes", "--at-most", "100"]) == 0
    assert asked == [100, 1_000]
    lines = [json.loads(line) for line in (tmp_path / "growth.jsonl").read_text().splitlines()]
    assert [line["value"] for line in lines] == [10, 100]
    assert "| classes | 100 |" in (tmp_path / "README.md").read_text()


def test_tables():
    text = growth_table.tables([RUN, NETWORK])
    assert "| classes | 1,000 | 12,000 | 1,000 | 60 | 5 | 1.50 | 2.0 | 5 |" in text
    assert "| 100,390 | 199 | 3.00 | 4.0 | 5.0 | 3.0 |" in text


@pytest.mark.parametrize("axis", ["rows", "classes", "words", "parameters"])
def test_values_grow(axis):
    values = [case.value for case in CASES if case.axis == axis]
    assert len(values) > 3 and values == sorted(set(values))
