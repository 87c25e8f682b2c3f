"""Answers in files of other tools: the same rows, labels and bad rows as from our own page, or one clear sentence."""

import csv
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from meta_noise.data.answers import read_answers
from meta_noise.data.foreign_answers import NONE_OF_THESE
from meta_noise.data.own import read
from meta_noise.errors import InputError

ROOT = "run1"


@pytest.fixture
def own(tmp_path):
    data = tmp_path / "rows.csv"
    data.write_text("id,label,x\n" + "".join(f"r{n},{('cat', 'dog')[n % 2]},{n}\n" for n in range(8)))
    return read(data)


def told(path, own, **columns):
    return [(one.id, one.label, one.is_bad, one.why) for one in read_answers(path, own, (), ROOT, **columns)]


def annotation(*choices, cancelled=False, question="answer"):
    result = [{"from_name": question, "to_name": "row", "type": "choices", "value": {"choices": list(choices)}}]
    return {"id": 1, "completed_by": 1, "result": result, "was_cancelled": cancelled, "lead_time": 3.1}


def task(identity, *annotations):
    data = {"meta_noise_id": identity, "meta_noise_run": ROOT, "why": "random", "text": "..."}
    return {"id": 7, "project": 1, "data": data, "annotations": list(annotations), "predictions": []}


def test_label_studio(own, tmp_path):
    path = tmp_path / "project-1.json"
    tasks = [
        task("r0", annotation("dog")),
        task("r1", annotation("dog"), annotation("cat"), annotation("cat")),
        task("r2", annotation(NONE_OF_THESE)),
        task("r3", annotation("cat", cancelled=True)),
        task("r4", annotation("cat", question="other")),
        task("r5"),
    ]
    path.write_text(json.dumps(tasks))
    assert told(path, own) == [
        ("r0", "dog", False, "random"),
        ("r1", "cat", False, "random"),
        ("r2", "", True, "random"),
    ]
    assert told(path, own, answer="other") == [("r4", "cat", False, "random")]


def test_label_studio_as_csv_and_json_min(own, tmp_path):
    rows = [
        {"id": 7, "meta_noise_id": "r0", "meta_noise_run": ROOT, "why": "random", "answer": "dog", "annotator": 1},
        {"id": 8, "meta_noise_id": "r2", "meta_noise_run": ROOT, "why": "", "answer": NONE_OF_THESE, "annotator": 1},
    ]
    rows += [{**rows[0], "answer": answer, "annotator": 2} for answer in ("cat", "dog")]  # the most people count
    path = tmp_path / "min.json"
    path.write_text(json.dumps(rows))
    expected = [("r0", "dog", False, "random"), ("r2", "", True, "")]
    assert told(path, own) == expected
    path = tmp_path / "export.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert told(path, own) == expected


def record(identity, *values, **status):
    responses = {"answer": [{"value": value, "user_id": f"user{n}", **status} for n, value in enumerate(values)]}
    metadata = {"meta_noise_run": ROOT, "why": "uncertain"}
    return {"id": identity, "fields": {"text": "..."}, "metadata": metadata, "responses": responses, "vectors": {}}


def test_argilla_nested_and_flat(own, tmp_path):
    path = tmp_path / "records.json"
    records = [record("r0", "dog"), record("r1", "cat", status="draft"), record("r2", NONE_OF_THESE), record("r3")]
    path.write_text(json.dumps(records))
    expected = [("r0", "dog", False, "uncertain"), ("r2", "", True, "uncertain")]
    assert told(path, own) == expected
    flat = pa.table(
        {
            "id": ["r0", "r1", "r2", "r3"],
            "answer.responses": [["dog", "dog", "cat"], ["cat"], [NONE_OF_THESE], None],
            "answer.responses.status": [["submitted"] * 3, ["draft"], ["submitted"], None],
            "why": ["uncertain"] * 4,
            "meta_noise_run": [ROOT] * 4,
        }
    )
    pq.write_table(flat, tmp_path / "records.parquet")
    assert told(tmp_path / "records.parquet", own) == expected


def test_any_table_with_ids_and_labels(own, tmp_path):
    path = tmp_path / "checked.jsonl"
    path.write_text('{"row": "r0", "right": "dog", "why": "I think"}\n{"row": "r1", "right": null}\n')
    assert told(path, own, answer="right", identity="row") == [("r0", "dog", False, "")]
    path.write_text('{"ID": "r0", "Answer": "dog"}\n')
    assert told(path, own) == [("r0", "dog", False, "")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ([task("r0", annotation("dog"), annotation("cat"))], "as many people call row 'r0' 'dog' as 'cat' .1 each"),
        ([task("r0", annotation("dog", "cat"))], "row 'r0' has 2 choices in one annotation"),
        ([{"id": 3, "data": {"text": "x"}, "annotations": []}], "task 3 has no meta_noise_id"),
        ([task("elsewhere", annotation("dog"))], "there is no row with id 'elsewhere'"),
        ([task("r0", annotation("dg"))], "'dg' is no class of this run. Did you mean 'dog'"),
        ([{**task("r0", annotation("dog")), "data": {"meta_noise_id": "r0", "meta_noise_run": "other"}}], "run other"),
        ([task("r0")], "no new answers"),
        ([record("r0", "dog", "cat")], "as many people"),
        ([{"x": 1}], "has no column 'id'; .*--answer-id.*Its columns: x"),
        ({"annotations": 1}, "has no column 'id'"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(own, tmp_path, content, sentence):
    path = tmp_path / "export.json"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=sentence):
        told(path, own)
