"""Lists of tokens and of tags: JSON lines and Parquet."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from meta_noise.data.tagged import looks_tagged, read_tagged
from meta_noise.errors import InputError

LINES = (
    '{"id": 1, "tokens": ["Kano",  "ta"], "tags": ["B-LOC", "O"]}\r\n\r\n{"tokens": ["\u00e7ok"], "tags": ["O"]}\r\n'
)


@pytest.mark.parametrize(("encoding", "mark"), [("utf-8", ""), ("utf-8", "\ufeff"), ("utf-16-le", "\ufeff")])
def test_other_lines_stay_byte_for_byte(tmp_path, encoding, mark):
    path = tmp_path / "a.jsonl"
    path.write_bytes((mark + LINES).encode(encoding))
    found = read_tagged(path)
    assert found.tokens == ["Kano", "ta", "çok"] and found.tags == ["B-LOC", "O", "O"]
    assert found.line.tolist() == [1, 1, 3] and found.ids == ["1:1", "1:2", "2:1"]
    assert found.rewritten({}) == path.read_bytes() and looks_tagged(path)
    changed = found.rewritten({2: "B-PER"}).decode(encoding)
    assert changed == mark + LINES.replace('["O"]', '["B-PER"]')


def test_numbers_of_parquet_have_the_names_of_hugging_face(tmp_path):
    feature = {"feature": {"names": ["O", "B-LOC"], "_type": "ClassLabel"}, "_type": "Sequence"}
    metadata = {"huggingface": json.dumps({"info": {"features": {"ner_tags": feature}}})}
    table = pa.table({"tokens": [["Kano", "ta"], ["yi"]], "ner_tags": [[1, 0], [0]]}).replace_schema_metadata(metadata)
    pq.write_table(table, tmp_path / "a.parquet")
    found = read_tagged(tmp_path / "a.parquet")
    assert found.tags == ["B-LOC", "O", "O"] and looks_tagged(tmp_path / "a.parquet")
    (tmp_path / "b.parquet").write_bytes(found.rewritten({2: "B-LOC"}))
    again = pq.read_table(tmp_path / "b.parquet")
    assert again.schema.equals(pq.read_schema(tmp_path / "a.parquet"), check_metadata=True)
    assert again.column("ner_tags").to_pylist() == [[1, 0], [1]]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"tokens": ["a", "b"], "tags": ["O"]}', "Row 2 of a.jsonl has 2 tokens and 1 tags"),
        ('{"tokens": ["a"], "tags": [null]}', "Row 2 of a.jsonl has no tag for 'a'"),
        ('{"tokens": ["a"]}', "Row 2 of a.jsonl has no list of tags"),
        ('{"tokens": [3], "tags": ["O"]}', "has a token that is no text: '3'"),
        ('{"tokens": ["a"', "Line 2 of a.jsonl is no JSON object"),
        ('{"tokens": ["a"], "tags": ["O"], "tags": ["B"]}', "the key 'tags' stands twice in an object"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, line, said):
    path = tmp_path / "a.jsonl"
    path.write_text('{"tokens": ["x", "y"], "tags": ["O", "O"]}\n' + line + '\n{"tokens": ["z"], "tags": ["O"]}\n')
    with pytest.raises(InputError, match=said):
        read_tagged(path)
    assert len(read_tagged(path, skip_bad=True).tokens) == 3


def test_columns_are_asked_for_by_name(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"w": ["x"], "t": ["O"]}\n{"w": ["y"], "t": ["B"]}\n')
    with pytest.raises(InputError, match="has no column tokens or words"):
        read_tagged(path)
    assert read_tagged(path, "w", "t").tags == ["O", "B"] and not looks_tagged(path)
    with pytest.raises(InputError, match=r"--label is 'u', no column of a.jsonl; it has w, t"):
        read_tagged(path, "w", "u")
