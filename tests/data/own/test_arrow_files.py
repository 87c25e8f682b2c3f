import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from meta_noise.data.own import read

TEXTS = pa.table({"text": [f"words and words {row}" for row in range(8)], "label": pa.array([0, 1, 2, 1] * 2)})
FEATURES = {"label": {"names": ["zebra", "ant", "bee", "cow"], "_type": "ClassLabel"}, "text": {"_type": "Value"}}
HUGGING_FACE = TEXTS.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": FEATURES}})})


def write_stream(path, table):
    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)


def test_parquet(tmp_path):
    dictionary = TEXTS.set_column(1, "label", TEXTS["label"].cast(pa.string()).dictionary_encode())
    for table in (TEXTS, dictionary, TEXTS.set_column(1, "label", TEXTS["label"].cast(pa.float32()))):
        pq.write_table(table, tmp_path / "a.parquet")
        own = read(tmp_path / "a.parquet")
        assert own.class_names == ("0", "1", "2") and own.source.labels.tolist() == [0, 1, 2, 1] * 2
        assert own.texts == TEXTS["text"].to_pylist()


def test_class_names_of_hugging_face_keep_their_order(tmp_path):
    pq.write_table(HUGGING_FACE, tmp_path / "a.parquet")
    own = read(tmp_path / "a.parquet")
    assert own.class_names == ("zebra", "ant", "bee")  # no row is a cow
    assert own.source.labels.tolist() == [0, 1, 2, 1] * 2


def test_class_numbers_without_a_name(tmp_path, refusal):
    pq.write_table(HUGGING_FACE.set_column(1, "label", pa.array([0, 1, 4, 1, 0, -1, 0, 1])), tmp_path / "a.parquet")
    assert "row 2 (id 'a-00002'): column 'label' holds 4, but its class names are for 0..3" in refusal(
        tmp_path / "a.parquet"
    )
    own = read(tmp_path / "a.parquet", skip_bad=True)
    assert [each.row for each in own.skipped] == [2, 5] and "holds no label" in own.skipped[1].reason


def test_bytes_of_images(tmp_path, pixels, packed):
    arrays = [pixels() for _ in range(6)]
    content = [packed(array) for array in arrays]
    (tmp_path / "there.png").write_bytes(content[5])
    structs = [{"bytes": one, "path": f"{row}.png"} for row, one in enumerate(content[:5])]
    structs.append({"bytes": None, "path": "there.png"})
    for column, ids in ((content, "a-00001"), (structs, "1.png")):
        pq.write_table(pa.table({"picture": column, "label": list("aabbcc")}), tmp_path / "a.parquet", row_group_size=4)
        own = read(tmp_path / "a.parquet")
        assert own.kind == "images" and np.array_equal(own.source.inputs, arrays) and own.source.ids[1] == ids


def test_saved_data_set(tmp_path):
    write_stream(tmp_path / "one" / "data-00000-of-00001.arrow", HUGGING_FACE)
    (tmp_path / "one" / "state.json").write_text("{}")
    assert read(tmp_path / "one").class_names == ("zebra", "ant", "bee")
    write_stream(tmp_path / "all" / "train" / "data-00000-of-00002.arrow", HUGGING_FACE)
    write_stream(tmp_path / "all" / "train" / "data-00001-of-00002.arrow", HUGGING_FACE.slice(0, 4))
    write_stream(tmp_path / "all" / "train" / "cache-1234.arrow", HUGGING_FACE)
    write_stream(tmp_path / "all" / "validation" / "data-00000-of-00001.arrow", HUGGING_FACE.slice(1, 3))
    own = read(tmp_path / "all")
    assert len(own.texts) == 12 and own.test_texts == TEXTS["text"].to_pylist()[1:4]
    assert own.test.labels.tolist() == [1, 2, 1] and not set(own.test.ids) & set(own.source.ids)


def test_parts_as_the_hub_keeps_them(tmp_path):
    (tmp_path / "data").mkdir()
    pq.write_table(HUGGING_FACE, tmp_path / "data" / "train-00000-of-00001.parquet")
    pq.write_table(HUGGING_FACE.slice(0, 2), tmp_path / "data" / "test-00000-of-00001.parquet")
    own = read(tmp_path)
    assert len(own.source.labels) == 8 and len(own.test.labels) == 2


def test_feather(tmp_path):
    with pa.OSFile(str(tmp_path / "a.feather"), "wb") as file, pa.ipc.new_file(file, TEXTS.schema) as writer:
        writer.write_table(TEXTS)
    assert len(read(tmp_path / "a.feather").texts) == 8


def test_bad_files(tmp_path, refusal):
    pq.write_table(TEXTS, tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(whole[:-20])
    assert "cannot be read as parquet" in refusal(tmp_path / "a.parquet")
    (tmp_path / "a.arrow").write_bytes(whole)
    assert "cannot be read as arrow" in refusal(tmp_path / "a.arrow")
    (tmp_path / "a.parquet").unlink()
    (tmp_path / "a.arrow").unlink()
    pq.write_table(TEXTS.slice(0, 0), tmp_path / "none.parquet")
    assert "holds no rows" in refusal(tmp_path / "none.parquet")


def test_parts_with_other_columns(tmp_path, refusal):
    pq.write_table(TEXTS, tmp_path / "train.parquet")
    pq.write_table(TEXTS.drop_columns("text"), tmp_path / "test.parquet")
    assert "do not have the same columns" in refusal(tmp_path)


def test_offsets_that_leave_the_file(tmp_path, refusal):
    path = tmp_path / "a.arrow"
    write_stream(path, pa.table({"text": ["a b c d", "e f g h", "i j k l"], "label": ["a", "b", "a"]}))
    offsets = [np.array(values, np.int32).tobytes() for values in ([0, 7, 14, 21], [0, 10**6, 14, 21])]
    content = path.read_bytes()
    assert content.count(offsets[0]) == 1
    path.write_bytes(content.replace(*offsets))
    assert "cannot be read as arrow" in refusal(path)


def test_texts_that_are_not_utf8(tmp_path, refusal):
    texts = pa.StringArray.from_buffers(2, *pa.array([b"a b c d", b"\xe9 f g h"]).buffers()[1:])
    pq.write_table(pa.table({"text": texts, "label": ["a", "b"]}), tmp_path / "a.parquet")
    assert "cannot be read as parquet (" in refusal(tmp_path / "a.parquet")


def test_too_many_rows(tmp_path, refusal, monkeypatch):
    pq.write_table(TEXTS, tmp_path / "a.parquet")
    monkeypatch.setattr("meta_noise.data.own.table.MOST_ROWS", 7)
    assert "has 8 rows; at most 7 are read" in refusal(tmp_path / "a.parquet")


@pytest.mark.parametrize("metadata", [b"no json", b"{}", b'{"info": {"features": {"label": 3}}}', b"[]"])
def test_strange_metadata_is_no_matter(tmp_path, metadata):
    pq.write_table(TEXTS.replace_schema_metadata({"huggingface": metadata}), tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").class_names == ("0", "1", "2")
