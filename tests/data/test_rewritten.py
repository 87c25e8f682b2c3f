"""Data written again in their own form: what is not changed keeps its bytes."""

import gzip
import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from meta_noise.data import change
from meta_noise.data import rewritten as rewritten_module
from meta_noise.data.change import Rewrite, cell_text
from meta_noise.data.own.opening import open_table
from meta_noise.data.rewritten import rewrite, rewritten_name

ADDED = {"given": ["a", "b", None, "c"], "id": [0.123456789, None, True, 2]}


def rewritten(path, label, labels, columns=ADDED):
    table, sink = open_table(path), io.BytesIO()
    rewrite(path, table, Rewrite({label: labels}, columns), sink)
    return sink.getvalue()


def test_a_csv_keeps_its_bytes_but_for_changed_labels(tmp_path):
    path = tmp_path / "rows.csv"
    lines = ['\ufeff id ;"la""bel";text;', '1;a;"x;\r\ny"; 1', "", "2;b;=cmd;2", "3;a", '4;c;é"q;9']
    path.write_bytes("\r\n".join(lines).encode())
    assert rewritten(path, 'la"bel', {1: 'n"ew'}).decode("utf-8").split("\r\n") == [
        '\ufeff id ;"la""bel";text;;given;meta_noise_id',  # the column without a name, and a name that was taken
        '1;a;"x;',
        'y"; 1;a;0.123457',
        "",
        '2;"n""ew";=cmd;2;b;',  # nothing is made inert: these are the user's own cells
        "3;a",  # a row of another length is left as it is
        '4;c;é"q;9;c;2',
    ]


def test_ends_of_lines_in_cells_of_changed_rows_stay_in_quotes(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text('label,text\na,"one\ntwo"\nb,"three\rfour"\na,five\n', newline="")
    written = rewritten(path, "label", {0: "b", 1: "a"}, {"given": ["a\nb", "b", None]}).decode()
    assert written == 'label,text,given\nb,"one\ntwo","a\nb"\na,"three\rfour",b\na,five,""\n'


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_csv_keeps_its_encoding(tmp_path, encoding):
    path, text = tmp_path / "rows.csv", "label,text\ncafé,one\nthé,two\ncafé,three and é\nthé,four\n"
    path.write_bytes(text.encode(encoding))
    found = rewritten(path, "label", {0: "thé"}, {"x": [1, 2, 3, 4]}).decode(encoding)
    assert found == "label,text,x\nthé,one,1\nthé,two,2\ncafé,three and é,3\nthé,four,4\n"
    if encoding == "cp1252":  # a label that has no place in the old encoding
        assert rewritten(path, "label", {0: "日本"}, {}).decode("utf-8").startswith("label,text")


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_a_part_at_a_time_is_the_same(tmp_path, monkeypatch, ending):
    path, columns = tmp_path / f"rows{ending}", {"label": list("abcab"), "x": [1, 2, 3, 4, 5]}
    lines = {".csv": "label,x\na,1\nb,2\nc,3\na,4\nb,5\n", ".jsonl": '{"label": "a", "x": 1}\n' * 5}
    pq.write_table(pa.table(columns), path) if ending == ".parquet" else path.write_text(lines[ending])
    added = {"y": pa.chunked_array([[0.5, None], [1.5, 2.5, 3.5]]), "given_label": list("aabbc")}
    found = [rewritten(path, "label", {1: "c", 4: "a"}, added)]
    for module in (change, rewritten_module):
        monkeypatch.setattr(module, "GROUP", 2)
    found.append(rewritten(path, "label", {1: "c", 4: "a"}, added))
    if ending == ".parquet":
        whole, parts = (pq.ParquetFile(io.BytesIO(one)) for one in found)
        assert parts.num_row_groups == 3 and whole.read().equals(parts.read(), check_metadata=True)
        assert parts.read()["label"].to_pylist() == ["a", "c", "c", "a", "a"]
        assert parts.read()["y"].to_pylist() == [0.5, None, 1.5, 2.5, 3.5]
    else:
        assert found[0] == found[1] and found[0].count(b"\n") == 5 + (ending == ".csv")


def test_packed_and_plain_quoted_files(tmp_path):
    path = tmp_path / "rows.tsv.gz"
    with gzip.open(path, "wt", newline="") as file:
        file.write('label\ttext\na\t"open\nb\t"x" y\n')
    assert rewritten_name(path, open_table(path)) == ".tsv"
    assert rewritten(path, "label", {0: "b"}, {"x": ["1", "2"]}) == b'label\ttext\tx\nb\t"open\t1\nb\t"x" y\t2\n'


def test_json_lines_and_a_json_list(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"label": "a",  "x": 1.50}\n{}\n\nnope\n{"label":"b"}')
    columns = {"given": ["a", None, None, "b"]}
    assert rewritten(path, "label", {3: "é"}, columns).decode().split("\n") == [
        '{"label": "a",  "x": 1.50, "given": "a"}',
        '{"given": null}',
        "",
        "nope",
        '{"label": "é", "given": "b"}',
    ]
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([{"label": 1, "x": [1, 2]}, {"label": 2}]))
    found = json.loads(rewritten(path, "label", {1: 1}, {"x": [0.5, None]}))
    assert found == [{"label": 1, "x": [1, 2], "meta_noise_x": 0.5}, {"label": 1, "meta_noise_x": None}]


def test_parquet_keeps_types_and_metadata(tmp_path):
    path = tmp_path / "rows.parquet"
    table = pa.table(
        {
            "when": pa.array([1, 2, None], pa.timestamp("ms")),
            "label": pa.array(["a", "b", "a"]).dictionary_encode(),
            "few": pa.array([1.5, 2.5, None], pa.float32()),
        }
    ).replace_schema_metadata({"mine": "kept"})
    pq.write_table(table, path)
    added = {"given_label": ["a", "b", "a"], "sure": [0.5, None, 1.0]}
    found = pq.read_table(io.BytesIO(rewritten(path, "label", {2: "b"}, added)))
    assert found.column_names == ["when", "label", "few", "given_label", "sure"]
    assert found["when"].type == table["when"].type and found["few"].equals(table["few"])
    assert found["label"].to_pylist() == ["a", "b", "b"] and found["sure"].to_pylist() == [0.5, None, 1.0]
    assert found.schema.metadata[b"mine"] == b"kept"


def test_numbers_stay_numbers_as_labels(tmp_path):
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"label": pa.array([3, 4, 3], pa.int16()), "x": [1, 2, 3]}), path)
    added = {"suggested_label": [3, 4, 4]}
    found = pq.read_table(io.BytesIO(rewritten(path, "label", {2: 4}, added)))
    assert found["label"].type == found["suggested_label"].type == pa.int16()
    assert found["label"].to_pylist() == [3, 4, 4]


def test_data_in_memory_become_parquet_or_csv():
    frame = {"label": ["a", "b"], "x": [1, 2]}
    assert rewritten_name(frame, open_table(frame)) == ".parquet"
    assert pq.read_table(io.BytesIO(rewritten(frame, "label", {}, {"y": [1, 2]})))["x"].to_pylist() == [1, 2]
    images = np.zeros((2, 4, 4), np.uint8)
    table, sink = open_table(images, label=["a", "b"]), io.BytesIO()
    assert rewritten_name(images, table) == ".csv"
    rewrite(images, table, Rewrite({"label": {0: "b"}}, {"given": ["a", "b"]}), sink)
    assert sink.getvalue() == b"label,given\nb,a\nb,b\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "true"), (1.0, "1.0"), (1e-9, "0.0"), (np.float32(0.5), "0.5"), (" =x ", " =x ")],
)
def test_cells_as_text(value, text):
    assert cell_text(value) == text
