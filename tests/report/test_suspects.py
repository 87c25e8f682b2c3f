"""The rows to look at first."""

import numpy as np
import pyarrow as pa
import pytest

from meta_noise.disk.sealed import write_json
from meta_noise.errors import InputError
from meta_noise.report.labels import Evidence, label_table
from meta_noise.report.page import write_page
from meta_noise.report.suspects import LONGEST_TEXT, read_pictures, read_texts, suspicious_rows
from tests.report.fake_run import fake_run, fake_table


def table(rows=60, true=True):
    """Row i has quality (i + 1) / 100 and class a; class b is suggested for even rows, and the truth of each third."""
    place = np.arange(rows)
    predicted = (place + 1) % 2
    probabilities = np.where(np.arange(2) == predicted[:, None], 0.75, 0.25)
    truth = np.where(place % 3 == 0, 1, 0)
    evidence = Evidence([f"r{i}" for i in place], np.zeros(rows, int), ("a", "b"), probabilities, (place + 1) / 100)
    return label_table(evidence._replace(true=truth) if true else evidence)


def picture(side):
    return np.zeros((side, side, 1), np.uint8)


def test_lowest_quality_first():
    rows = suspicious_rows(table(), {})
    assert [row.id for row in rows] == [f"r{i}" for i in range(24)]
    assert rows[0][:7] == ("r0", "a", "b", "75%", "0.010", "b", True) and rows[0][7:] == (None, False, None)
    assert rows[1][:7] == ("r1", "a", "a", "75%", "0.020", "a", False)
    assert {(row.truth, row.is_wrong) for row in suspicious_rows(table(true=False), {})} == {(None, False)}


def test_rows_with_pictures_only():
    pictures = {f"r{i}": picture(63 + i % 2) for i in range(59, 5, -1)} | {"unknown": picture(8)}
    rows = suspicious_rows(table(), pictures, {"r7": "words", "r1": "of no picture"})
    assert [row.id for row in rows] == [f"r{i}" for i in range(6, 54)]  # 48 of 54
    assert [row.is_small for row in rows[:3]] == [True, False, True]  # below 64 pixels
    assert all(row.picture.startswith("data:image/png;base64,") for row in rows)
    assert [row.text for row in rows[:3]] == [None, "words", None]
    wide = {"r3": np.zeros((8, 64, 1), np.uint8), "r4": np.zeros((8, 8, 64), np.uint8)}
    assert [(row.id, row.is_small) for row in suspicious_rows(table(), wide)] == [("r3", False), ("r4", True)]


def test_rows_with_texts_only():
    texts = {f"r{i}": "x" * (LONGEST_TEXT + i - 9) for i in range(9, 60)}
    rows = suspicious_rows(table(), {}, texts)
    assert [row.id for row in rows] == [f"r{i}" for i in range(9, 33)]  # 24 of them
    assert len(rows[0].text) == len(rows[1].text) == 600 and rows[0].text[-1] == "x" and rows[1].text[-1] == "…"


def test_where_pictures_are_of_other_rows_all_rows_count():
    assert [row.id for row in suspicious_rows(table(rows=2), {"unknown": picture(8)})] == ["r0", "r1"]


@pytest.mark.parametrize(
    "quality, text", [(0.0, "below 0.001"), (0.00099, "below 0.001"), (0.001, "0.001"), (0.5, "0.500")]
)
def test_small_qualities(quality, text):
    evidence = Evidence(["x" * 100], np.array([0]), ("a", "b"), np.array([[0.25, 0.75]]), np.array([quality]))
    (row,) = suspicious_rows(label_table(evidence), {})
    assert row.quality == text and row.id == "x" * 79 + "…"


def test_a_table_of_another_program():
    labels = table(rows=3).drop_columns(["suggested_probability", "true_label"])
    assert [row.probability for row in suspicious_rows(labels, {})] == [None] * 3
    labels = labels.append_column("suggested_probability", pa.array([None, 0.5, 1.0]))
    assert [row.probability for row in suspicious_rows(labels, {})] == [None, "50%", "100%"]


def test_examples_are_read(tmp_path):
    assert read_pictures(tmp_path / "examples.npz") == {} and read_texts(tmp_path / "examples.json") == {}
    images = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4, 1)
    np.savez(tmp_path / "examples.npz", ids=np.array(["a", "b"]), images=images)
    write_json(tmp_path / "examples.json", {"rows": {"a": "words", "b": 7}})
    found = read_pictures(tmp_path / "examples.npz")
    assert list(found) == ["a", "b"] and np.array_equal(found["b"], images[1])
    assert read_texts(tmp_path / "examples.json") == {"a": "words", "b": "7"}


@pytest.mark.parametrize(
    "arrays",
    [
        dict(ids=np.array(["a"])),
        dict(images=np.zeros((1, 8, 8, 1), np.uint8)),
        dict(ids=np.array(["a", "b"]), images=np.zeros((1, 8, 8, 1), np.uint8)),
        dict(ids=np.array([["a"]]), images=np.zeros((1, 8, 8, 1), np.uint8)),
        dict(ids=np.array(["a"]), images=np.zeros((1, 8, 8), np.uint8)),
        dict(ids=np.array(["a"]), images=np.zeros((1, 8, 8, 1))),
        dict(ids=np.array(["a"]), images=np.zeros((1, 8, 0, 1), np.uint8)),
        dict(ids=np.array(["a"]), images=np.zeros((1, 0, 8, 1), np.uint8)),
    ],
)
def test_pictures_of_the_wrong_form(tmp_path, arrays):
    np.savez(tmp_path / "examples.npz", **arrays)
    with pytest.raises(InputError, match=r"examples\.npz.*expected"):
        read_pictures(tmp_path / "examples.npz")


def test_rows_in_words_are_shown_and_inert(tmp_path):
    labels = fake_table(truth=False)
    folder = fake_run(tmp_path, labels, pictures=False)
    worst = labels.take(pa.array(np.argsort(labels["label_quality"].to_numpy())[:30]))["id"].to_pylist()
    texts = {name: f"<script>alert({number})</script> & more" for number, name in enumerate(worst)}
    texts[worst[0]] += "\nsecond\tline"
    write_json(folder / "examples.json", {"rows": texts})
    html = write_page(folder).read_text()
    assert "&amp; more second line</bdi>" in html
    assert html.count("&lt;script&gt;alert(") == 24 and "<script" not in html
    assert "kept with their content" in html
