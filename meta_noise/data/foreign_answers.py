"""Answers in the files of other tools, as the table of a queue: id, answer, verdict, why, run.

Formats: Label Studio 1.x exports as JSON (tasks with `annotations`, https://labelstud.io/guide/task_format), JSON-MIN
and CSV (a column for each name of the labelling config); Argilla 2.x records, nested as `records.to_json` writes them
or flat as `to_list(flatten=True)` and its data sets have them (`answer.responses`); any other table with a column of
ids and one of labels.

Where several people answered about a row, the answer of most of them counts.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from meta_noise.data.own.delimited import read_delimited
from meta_noise.data.own.names import first_of, listed
from meta_noise.data.own.opening import open_table
from meta_noise.data.own.table import Table, as_column, cells, written
from meta_noise.errors import InputError

ID, RUN, ANSWER = "meta_noise_id", "meta_noise_run", "answer"
NONE_OF_THESE = "None of these, or a bad row"
BAD = "bad"
_TYPED = (".json", ".jsonl", ".ndjson", ".parquet", ".pq", ".arrow", ".feather")
_SAID = ("submitted", "", None)  # statuses of an answer of Argilla that count


class Said(NamedTuple):
    """What was answered about a row: `label` is "" for no answer, `NONE_OF_THESE` for a bad row."""

    id: str
    label: str
    why: str = ""
    run: str = ""


def read_table(path: Path, answer: str = "", identity: str = "") -> Table:
    """Returns the table of a file of answers, with the columns id and answer, and maybe verdict, why and run.

    Args:
        path: CSV, JSON, JSON lines or Parquet.
        answer: the column (or question) of answers; "answer" if empty.
        identity: the column of ids; `meta_noise_id`, which our tasks carry, or "id" if empty.

    Raises:
        InputError: the file cannot be read, has no such columns, or as many people say one thing of a row as another.
    """
    if path.suffix.lower() == ".json":
        entries = _entries(path)
        if _has(entries, "annotations", "data"):
            return _table([_of_label_studio(entry, answer or ANSWER, path) for entry in entries], path)
        if _has(entries, "responses", "fields"):
            return _table([_of_argilla(entry, answer or ANSWER, path) for entry in entries], path)
    table = open_table(path) if path.suffix.lower() in _TYPED else read_delimited(path)
    flat = f"{answer or ANSWER}.responses"
    if flat in table.columns:
        return _table(_flat_argilla(table, flat, identity or "id", path), path)
    id_name = identity or (ID if ID in table.columns else first_of(table.columns, ["id"]) or "id")
    answer_name = answer or first_of(table.columns, [ANSWER]) or ANSWER
    for name in (id_name, answer_name):
        if name not in table.columns:
            raise InputError(
                f"{path} has no column {name!r}; answers have the columns id and answer, and maybe verdict, why and "
                "run, or say which columns they are by answer=... (--answer) and answer_id=... (--answer-id). Its "
                f"columns: {listed(table)}."
            )
    if id_name == ID:  # a line for each annotation, so a row may have several
        return _by_row(table, answer_name, path)
    columns = {"id": table.columns[id_name], ANSWER: table.columns[answer_name]}
    if answer in ("", ANSWER):  # in a table of another kind these words mean something else
        columns |= {name: table.columns[name] for name in ("verdict", "why", "run") if name in table.columns}
    return table._replace(columns=columns)


def _by_row(table: Table, answer: str, path: Path) -> Table:
    """Returns the answers of a table with a line for each annotation of a row."""
    names = (ID, answer, "why", RUN)
    columns = [
        [written(cell) for cell in cells(table.columns[name])] if name in table.columns else [""] * table.size
        for name in names
    ]
    labels: dict[str, list[str]] = {}
    first: dict[str, tuple[str, str]] = {}
    for identity, label, why, run in zip(*columns, strict=True):
        labels.setdefault(identity, []).append(label)
        first.setdefault(identity, (why, run))
    said = [Said(identity, _most(found, identity, path), *first[identity]) for identity, found in labels.items()]
    return _table(said, path)


def _entries(path: Path) -> list[Any]:
    """Returns the objects of a JSON file that is a list, [] for any other."""
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return []  # it is read as a table, which says what is wrong
    return found if isinstance(found, list) else []


def _has(entries: Sequence[Any], *keys: str) -> bool:
    return bool(entries) and all(isinstance(entry, Mapping) and set(keys) <= set(entry) for entry in entries)


def _table(said: Sequence[Said], path: Path) -> Table:
    columns = {
        "id": as_column([one.id for one in said]),
        ANSWER: as_column(["" if one.label == NONE_OF_THESE else one.label for one in said]),
        "verdict": as_column([BAD if one.label == NONE_OF_THESE else "" for one in said]),
        "why": as_column([one.why for one in said]),
        "run": as_column([one.run for one in said]),
    }
    return Table(columns, len(said), path.name, (path.parent,), False)


def _of_label_studio(task: Mapping[str, Any], question: str, path: Path) -> Said:
    """Returns the answer in a task, whose annotations are `choices`."""
    data = task["data"] if isinstance(task["data"], Mapping) else {}
    identity = written(data.get(ID, data.get("id", "")))
    if not identity:
        raise InputError(
            f"{path}: task {task.get('id')} has no {ID} in its data, so its row is not known; import the tasks that "
            "`meta-noise queue --for label-studio` writes."
        )
    labels = []
    for annotation in task["annotations"] or ():
        if not isinstance(annotation, Mapping) or annotation.get("was_cancelled"):
            continue
        results = [one for one in annotation.get("result") or () if isinstance(one, Mapping)]
        found = [one for one in results if one.get("type") == "choices" and one.get("from_name") == question]
        chosen = [written(choice) for one in found for choice in (one.get("value") or {}).get("choices") or ()]
        if len(chosen) > 1:
            raise InputError(f"{path}: row {identity!r:.60} has {len(chosen)} choices in one annotation; give one.")
        labels += chosen
    return Said(identity, _most(labels, identity, path), written(data.get("why")), written(data.get(RUN)))


def _of_argilla(record: Mapping[str, Any], question: str, path: Path) -> Said:
    """Returns the answer in a record, nested."""
    responses = (record.get("responses") or {}).get(question) or ()
    labels = [written(one.get("value")) for one in responses if isinstance(one, Mapping) and one.get("status") in _SAID]
    metadata = record.get("metadata") or {}
    identity = written(record.get("id"))
    return Said(identity, _most(labels, identity, path), written(metadata.get("why")), written(metadata.get(RUN)))


def _flat_argilla(table: Table, responses: str, identity: str, path: Path) -> list[Said]:
    """Returns the answers of records that lie flat in a table: lists of values and of their statuses."""
    if identity not in table.columns:
        raise InputError(f"{path} has no column {identity!r} of ids. Its columns: {listed(table)}.")

    def of(name: str) -> list[Any]:
        return cells(table.columns[name]) if name in table.columns else [None] * table.size

    found = []
    columns = (of(name) for name in (identity, responses, f"{responses}.status", "why", RUN))
    for name, values, statuses, why, run in zip(*columns, strict=True):
        values, statuses = list(values or ()), list(statuses or ())
        statuses += [None] * (len(values) - len(statuses))
        labels = [written(value) for value, status in zip(values, statuses, strict=True) if status in _SAID]
        found.append(Said(written(name), _most(labels, written(name), path), written(why), written(run)))
    return found


def _most(labels: Sequence[str], identity: str, path: Path) -> str:
    """Returns the label that most people gave, "" where nobody did."""
    counts = Counter(label for label in labels if label).most_common(2)
    if len(counts) == 2 and counts[0][1] == counts[1][1]:
        raise InputError(
            f"{path}: as many people call row {identity!r:.60} {counts[0][0]!r:.60} as {counts[1][0]!r:.60} "
            f"({counts[0][1]} each); settle it there, or take the row out of the file."
        )
    return counts[0][0] if counts else ""
