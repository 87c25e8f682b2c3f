import json

import pytest

from meta_noise.data.own import read
from meta_noise.data.own.text_files import read_json_lines
from meta_noise.errors import InputError

ENTRIES = [{"text": f"words and words {row}", "label": "ab"[row % 2]} for row in range(6)]


def lines(entries):
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)


def test_lines_and_lists_hold_the_same(write):
    for path in (
        write("a.jsonl", lines(ENTRIES)),
        write("b.json", json.dumps(ENTRIES)),
        write("c.json", lines(ENTRIES)),
    ):
        own = read(path)
        assert own.texts == [entry["text"] for entry in ENTRIES] and own.source.labels.tolist() == [0, 1] * 3


def test_keys_may_be_missing_and_types_mixed(write):
    table = read_json_lines(write("a.jsonl", '{"x": 1, "y": 1}\n\n{"y": "1"}\n'))
    assert table.columns["x"].to_pylist() == [1, None] and table.columns["y"] == [1, "1"]
    assert table.lines.tolist() == [1, 3]


def test_labels_keep_their_text(write):
    numbers = [{**entry, "label": row % 3} for row, entry in enumerate(ENTRIES)]
    flags = [{**entry, "label": row % 2 == 0} for row, entry in enumerate(ENTRIES)]
    assert read(write("n.jsonl", lines(numbers))).class_names == ("0", "1", "2")
    assert read(write("f.jsonl", lines(flags))).class_names == ("false", "true")


@pytest.mark.parametrize(
    "line, said",
    [
        (b'{"text": "a b c"', "is not JSON"),
        (b'["a", "b"]', "not an object"),
        (b'{"text": "\\ud800", "label": "a"}', "is not JSON"),
        (b'{"text": "\xe9", "label": "a"}', "is not UTF-8"),
        (b'{"text": "x y z", "label": 3}', "is a number, but 6 labels are a word"),
        (b'{"text": "x y z", "label": true}', "is true or false, but"),
        (b'{"text": " ", "label": "a"}', "holds no text"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"text": "a b", "label": "a", "label": "b"}', "the key 'label' stands twice"),
    ],
)
def test_bad_lines(write, line, said):
    entries = [*ENTRIES[:-1], {**ENTRIES[-1], "text": "wörds and words 5"}]
    path = write("a.jsonl", lines(entries).encode() + line + b"\n")
    with pytest.raises(InputError, match=f"a.jsonl, line 7 .*{said}"):
        read(path)
    own = read(path, skip_bad=True)
    assert len(own.texts) == 6 and own.skipped[0].row == 7


def test_a_line_without_a_label_is_left_out(write):
    own = read(write("a.jsonl", lines(ENTRIES) + '{"text": "x y z"}\n{"text": "x y z", "label": null}\n'))
    assert len(own.texts) == 6 and [each.row for each in own.skipped] == [7, 8]
    assert "holds no label" in own.skipped[0].reason


@pytest.mark.parametrize("encoding, called", [("utf-16", "is UTF-16 text"), ("cp1252", "read as Windows-1252")])
@pytest.mark.parametrize(
    "name, form", [("a.jsonl", lines), ("a.json", lambda rows: json.dumps(rows, ensure_ascii=False))]
)
def test_other_encodings_are_read_and_said(write, encoding, called, name, form):
    entries = [{**entry, "text": entry["text"].replace("words", "wörter")} for entry in ENTRIES]
    own = read(write(name, form(entries).encode(encoding)))
    assert own.texts == [entry["text"] for entry in entries] and any(called in note for note in own.notes)


def test_bad_files(write, refusal):
    assert "is empty" in refusal(write("a.jsonl", ""))
    assert "holds no rows" in refusal(write("a.json", "[]"))
    assert "not whole JSON" in refusal(write("a.json", "[{"))
    assert "holds columns (text, label), where a list of rows" in refusal(
        write("a.json", '{"text": ["a"], "label": [1]}')
    )
    assert "holds columns (text), where" in refusal(write("a.json", '{"text": {"0": "a", "1": "b"}}'))
    assert "Give its name without .gz" in refusal(write("a.jsonl.gz", lines(ENTRIES)))
    assert "holds no JSON object" in refusal(write("a.jsonl", "1\n2\n"))
