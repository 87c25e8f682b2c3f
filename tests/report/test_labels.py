"""The label table and its two files."""

import csv
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from meta_noise.disk.digest import sha256_of
from meta_noise.disk.tables import sealed
from meta_noise.errors import InputError
from meta_noise.report import label_files, labels
from meta_noise.report.labels import COLUMNS, NO_CLASS, Evidence, columns, label_table, read_labels, write_labels
from meta_noise.report.quality import Targets
from tests.report.fake_run import fake_table

OF_A_RUN = [name for name in COLUMNS if name != "label_source"]  # which only own data have
ALWAYS = [name for name in OF_A_RUN if name not in ("corrected_label", "margin")]  # columns only of some runs


def small_table(**changes):
    arguments = dict(
        ids=["a", "b", "c"],
        given=np.array([0, 1, 2]),
        probabilities=np.array([[0.9, 0.1, 0.0], [0.7, 0.2, 0.1], [0.4, 0.3, 0.3]]),
        quality=np.array([0.9, 0.2, 0.6]),
        weights=np.array([1.0, 0.0, np.nan]),
        class_names=("cat", "dog", "owl"),
        true=np.array([0, 0, -1]),
    )
    return label_table(Evidence(**(arguments | changes)))


def test_columns_and_values():
    table = small_table()
    assert table.column_names == ALWAYS
    assert table.to_pydict() == {
        "id": ["a", "b", "c"],
        "given_label": ["cat", "dog", "owl"],
        "predicted_label": ["cat", "cat", "cat"],
        "label_quality": [0.9, 0.2, 0.6],
        "is_label_issue": [False, True, False],  # the third differs, but its quality is not below 0.5
        "weight": [1.0, 0.0, None],
        "suggested_label": ["cat", "cat", "cat"],
        "suggested_probability": [0.9, 0.7, 0.4],
        "true_label": ["cat", "cat", None],
    }


def test_a_more_certain_target_is_suggested():
    targets = Targets(np.array([1, 2, -1]), np.array([0.5, 0.8, np.nan]))
    table = small_table(targets=targets, margin=np.array([2.5, -1.0, np.nan]))
    assert table.column_names == OF_A_RUN
    assert table["margin"].to_pylist() == [2.5, -1.0, None]
    assert table["corrected_label"].to_pylist() == ["dog", "owl", None]
    assert table["suggested_label"].to_pylist() == ["cat", "owl", "cat"]
    assert table["suggested_probability"].to_pylist() == [0.9, 0.8, 0.4]
    assert table["predicted_label"].to_pylist() == ["cat", "cat", "cat"]


def test_the_ends_of_the_range_are_qualities():
    assert small_table(quality=np.array([0.0, 1.0, 0.5]))["label_quality"].to_pylist() == [0.0, 1.0, 0.5]


def test_the_arrays_of_a_table():
    targets = Targets(np.array([-1, 0, 2]), np.array([0.0, 0.9, 0.1]))
    found = columns(small_table(targets=targets, true=np.array([3, -1, 0]), weights=np.array([np.nan, 0.0, 0.5])))
    assert found.class_names == ("cat", "dog", "owl")
    assert found.given.tolist() == [0, 1, 2] and found.suggested.tolist() == [0, 0, 0]
    assert found.true.tolist() == [3, -1, 0]  # none of the classes, unknown, cat
    assert found.corrected.tolist() == [-1, 0, 2]
    assert found.quality.tolist() == [0.9, 0.2, 0.6] and found.is_issue.tolist() == [False, True, False]
    assert np.isnan(found.weights[0]) and found.weights[1:].tolist() == [0.0, 0.5]


def test_what_no_row_has_is_none():
    nothing = np.full(3, -1)
    table = small_table(targets=Targets(nothing, np.zeros(3)), true=nothing, weights=np.full(3, np.nan))
    found = columns(table)
    assert found.corrected is None and found.true is None and found.weights is None
    bare = columns(table.drop_columns(["weight", "true_label", "corrected_label"]))
    assert bare.corrected is None and bare.true is None and bare.weights is None
    first = np.array([-1, 0, -1])  # class 0 is a class
    found = columns(small_table(targets=Targets(first, np.zeros(3)), true=first))
    assert found.corrected.tolist() == found.true.tolist() == [-1, 0, -1]


def test_a_missing_cell_is_no_issue():
    table = small_table()
    place = table.column_names.index("is_label_issue")
    table = table.set_column(place, "is_label_issue", pa.array([None, True, False]))
    assert columns(table).is_issue.tolist() == [False, True, False]


def test_a_class_may_be_called_like_no_class():
    table = small_table(class_names=("cat", NO_CLASS, "owl"), true=np.array([1, 0, 3]))
    assert columns(table).true.tolist() == [1, 0, 1]  # one name cannot mean both


def test_the_csv_has_six_digits(tmp_path):
    write_labels(tmp_path, small_table(quality=np.array([0.123456789, 0.2, 0.9999996])))
    with open(tmp_path / "labels.csv", newline="", encoding="utf-8") as file:
        assert [row["label_quality"] for row in csv.DictReader(file)] == ["0.123457", "0.2", "1"]


def test_without_weights_and_truth():
    table = small_table(weights=None, true=None)
    assert "true_label" not in table.column_names
    assert table["weight"].null_count == 3 and table["weight"].type == pa.float64()
    assert columns(table).weights is None and columns(table).true is None


@pytest.mark.parametrize(
    "changes, message",
    [
        (dict(quality=np.array([0.1, 0.2])), "quality has shape"),
        (dict(ids=["a"]), "ids has shape"),
        (dict(given=np.array([0, 1, 3])), "classes are 0..2"),
        (dict(quality=np.array([0.1, 0.2, 1.2])), "0..1"),
        (dict(probabilities=np.full((3, 3), np.nan)), "finite"),
        (dict(targets=Targets(np.array([0, 1, 3]), np.ones(3))), "targets holds class 0..3"),
        (dict(targets=Targets(np.array([0, 1, 2]), np.ones(2))), r"targets\.probability has shape"),
        (dict(given=np.array([0, -1, 2])), r"given holds class -1\.\.2; classes are 0\.\.2\."),
        (dict(true=np.array([0, -2, 1])), r"true holds class -2\.\.1"),
        (dict(weights=np.ones(2)), "weights has shape"),
        (dict(margin=np.ones((3, 1))), "margin has shape"),
        (dict(true=np.array([0, 1, 4])), "true holds class"),
        (dict(quality=np.array([0.1, 0.2, -0.1])), "0..1"),
        (dict(quality=np.array([0.1, 0.2, np.nan])), "finite"),
    ],
)
def test_wrong_arguments(changes, message):
    with pytest.raises(ValueError, match=message):
        small_table(**changes)


def test_files_hold_the_table(tmp_path):
    table = fake_table()
    write_labels(tmp_path, table)
    assert read_labels(tmp_path).equals(table)
    with open(tmp_path / "labels.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 300 and list(rows[0]) == ALWAYS
    assert [row["given_label"] for row in rows] == table["given_label"].to_pylist()
    np.testing.assert_allclose([float(row["weight"]) for row in rows], table["weight"].to_numpy(), atol=1e-6)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "labels.csv",
        "labels.parquet",
        "labels_columns.md",
    ]


def test_many_rows_are_several_files_of_one_data_set(tmp_path, monkeypatch):
    table = small_table()
    monkeypatch.setattr(label_files, "ROWS", 1)
    monkeypatch.setattr(labels, "CHUNK", 2)
    write_labels(tmp_path, table)
    parts = sorted(path.name for path in (tmp_path / "labels.parquet").iterdir())
    assert len(parts) == table.num_rows > 2 and parts[0] == "part-00000.parquet"
    assert (
        read_labels(tmp_path).to_pylist() == table.to_pylist() == pq.read_table(tmp_path / "labels.parquet").to_pylist()
    )
    assert [one.name for one in tmp_path.iterdir() if "partial" in one.name] == []
    last, several = tmp_path / "labels.parquet" / parts[-1], (tmp_path / "labels.csv").read_bytes()
    content, whole = last.read_bytes(), sha256_of(tmp_path / "labels.parquet")
    last.unlink()
    with pytest.raises(InputError, match=f"{len(parts) - 1} of its {len(parts)} files are there"):
        read_labels(tmp_path)
    last.write_bytes(content)
    assert sha256_of(tmp_path / "labels.parquet") == whole
    monkeypatch.undo()
    write_labels(tmp_path, table)  # in the place of the folder
    assert (tmp_path / "labels.parquet").is_file() and (tmp_path / "labels.csv").read_bytes() == several
    assert columns(read_labels(tmp_path)).class_names == columns(table).class_names


def test_formulas_are_inert_in_the_csv_only(tmp_path):
    ids = ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "a=1", "'=1", 'say "hi", you', "日本"]
    names = ["=HYPERLINK(A1)", "plain"]
    given = np.arange(10) % 2
    table = label_table(Evidence(ids, given, names, np.eye(2)[given], np.ones(10), true=given))
    write_labels(tmp_path, table)
    with open(tmp_path / "labels.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == ["'=1+1", "'+1", "'-1", "'@sum", "'\tx", "'\rx", *ids[6:]]
    assert {row["true_label"] for row in rows} == {"'=HYPERLINK(A1)", "plain"}
    assert read_labels(tmp_path)["id"].to_pylist() == ids


def test_odd_identifiers_are_kept_apart():
    table = small_table(ids=["file\udcff", 7, np.str_("x")])
    assert table["id"].to_pylist() == ["file\\udcff", "7", "x"]


def test_class_order_survives_the_file(tmp_path):
    names = ("zebra", "ant", "10", "9")
    table = fake_table(classes=4, names=names)
    write_labels(tmp_path, table)
    assert columns(read_labels(tmp_path)).class_names == names
    assert columns(table.replace_schema_metadata(None)).class_names == ("9", "10", "ant", "zebra")


def test_a_failed_write_leaves_the_old_files(tmp_path, monkeypatch):
    write_labels(tmp_path, small_table())
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr("meta_noise.report.labels.pa_csv.write_csv", fail)
    with pytest.raises(OSError, match="disk full"):
        write_labels(tmp_path, fake_table())
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_large_tables_take_seconds(tmp_path):
    rows, classes = 200_000, 20
    rng = np.random.default_rng(0)
    given = rng.integers(classes, size=rows)
    start = time.perf_counter()
    names, targets = [f"class {i}" for i in range(classes)], Targets(rng.integers(classes, size=rows), rng.random(rows))
    evidence = Evidence(range(rows), given, names, rng.random((rows, classes)), rng.random(rows))
    table = label_table(evidence._replace(weights=rng.random(rows), targets=targets, true=given))
    write_labels(tmp_path, table)
    assert time.perf_counter() - start < 15
    assert read_labels(tmp_path).num_rows == rows


def test_missing_and_damaged_tables(tmp_path):
    with pytest.raises(InputError, match="no run folder"):
        read_labels(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"labels\.parquet is missing.*workdir"):
        read_labels(tmp_path)
    path = tmp_path / "labels.parquet"
    path.write_bytes(b"PAR1 and then nothing")
    with pytest.raises(InputError, match=r"labels\.parquet.*damaged.*Delete it"):
        read_labels(tmp_path)
    pq.write_table(sealed(small_table().drop_columns(["label_quality"])), path)
    with pytest.raises(InputError, match="no column label_quality"):
        read_labels(tmp_path)
    pq.write_table(sealed(small_table().slice(0, 0)), path)
    with pytest.raises(InputError, match="no rows"):
        read_labels(tmp_path)


def test_a_folder_name_with_an_equals_sign_adds_no_column(tmp_path):
    folder = tmp_path / "method=l2r"
    folder.mkdir()
    write_labels(folder, small_table())
    assert read_labels(folder).column_names == ALWAYS


def test_only_judged_rows_are_read_where_all_are_kept(tmp_path):
    table = small_table().append_column("label_source", pa.array(["given", "trusted", "suggested"]))
    write_labels(tmp_path, table)
    assert read_labels(tmp_path).equals(table.take([0, 2]).drop_columns("label_source"))
    assert pq.read_table(tmp_path / "labels.parquet").num_rows == 3
    assert "One line for each row of your data" in (tmp_path / "labels_columns.md").read_text()
