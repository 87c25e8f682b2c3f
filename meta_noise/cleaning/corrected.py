"""Corrected data: the user's rows with their columns, the suggested label where one looks wrong, and why.

The rule: where a label looks wrong, the column of labels holds the suggestion; else it holds what it held. A label that
somebody answered or that is trusted is taken as it is. `cleaned.*` has all rows of the data in their order and form,
held out, trusted, answered and left-out ones, too, and after the user's columns those of `ADDED`. `issues.csv` lists
the labels that look wrong, the worst first; `moves.csv` what that means for a folder of images.

What lies in the run folder under one of these names and was not written so here, or was changed since, is left alone.
"""

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from rich.console import Console

from meta_noise.atomic import atomically
from meta_noise.cleaning.complete import complete_labels
from meta_noise.cleaning.moves import MOVES, is_image_folder, moves_csv
from meta_noise.cleaning.verdicts import Verdicts, verdicts
from meta_noise.data.answers import Answer
from meta_noise.data.own import Own
from meta_noise.data.own.table import cells, number, written
from meta_noise.data.rewritten import Rewrite, rewrite, rewritten_name
from meta_noise.data.whole import Whole, read_whole
from meta_noise.disk.sealed import DamageError, read_json, typed, write_json
from meta_noise.report.labels import write_csv
from meta_noise.terminal import say

ADDED = {
    "given_label": "The label as it came.",
    "suggested_label": "The label that is probably right: the given one, where it does not look wrong.",
    "suggested_probability": "How probable the suggested label is, from 0 to 1.",
    "label_quality": "How far the given label can be believed, from 0 to 1.",
    "is_label_issue": "True where the label looks wrong. Empty where nothing was found out.",
    "label_source": "Where the label of the row comes from: given, suggested, trusted or answered. bad: somebody said "
    "that no class is right. not judged: the row was held out or left out.",
}
ISSUES, RECORD, CLEANED = "issues.csv", "corrected.json", "cleaned"
LONGEST = 300  # characters of a text in issues.csv


class RecordFile(msgspec.Struct):
    """The content of corrected.json: the SHA-256 of each file as it was written."""

    files: dict[str, str]


def corrected_files(
    own: Own, data: Any, settings: Mapping[str, Any], console: Console, answers: Sequence[Answer] = ()
) -> Callable[[Path, pa.Table], pa.Table]:
    """Returns `(run folder, label table) -> label table of all rows`, which writes the corrected data there, too.

    Args:
        own: the data as they were read, with the answers.
        data, settings: what they were read from, and how.
        console: where is said which files were left alone.
        answers: of all rounds.
    """

    def leave(folder: Path, labels: pa.Table) -> pa.Table:
        whole = read_whole(data, settings)
        found = verdicts(whole, labels, own, answers)
        files = {
            CLEANED + rewritten_name(data, whole.table): cleaned(data, whole, found),
            ISSUES: issues(whole, found),
        }
        if is_image_folder(data, whole):
            files[MOVES] = moves_csv(whole, found.label, found.source)
        for name in write_once(folder, files):
            say(console, f"{folder / name} was changed since it was written here, and is left as it is.")
        return complete_labels(labels, whole, found, own)

    return leave


def cleaned(data: Any, whole: Whole, found: Verdicts) -> bytes:
    """Returns the content of `cleaned.*`: the data in their form."""
    name = whole.roles.label
    given = cells(whole.table.columns[name])
    cell_of = cells_of_classes(whole, given)
    labels = {
        row: cell_of.get(label, label)
        for row, (label, before) in enumerate(zip(found.label, whole.labels, strict=True))
        if label != before
    }
    values: tuple[Sequence[Any], ...] = (
        given,
        [labels.get(row, cell) for row, cell in enumerate(given)],
        _or_none(found.probability),
        _or_none(found.quality),
        [flag if known else None for flag, known in zip(found.is_issue.tolist(), found.is_known.tolist(), strict=True)],
        found.source,
    )
    sink = io.BytesIO()
    change = Rewrite({name: labels}, dict(zip(ADDED, values, strict=True)))
    if whole.written is not None:  # votes stay as they are
        change = Rewrite({}, {key: of_rows(column, whole.item) for key, column in change.columns.items()})
    rewrite(data, whole.written or whole.table, change, sink)
    return sink.getvalue()


def of_rows(values: Sequence[Any], item: np.ndarray | None) -> Sequence[Any]:
    """Returns the value of the thing that each written row is about."""
    return values if item is None else [values[row] for row in item.tolist()]


def cells_of_classes(whole: Whole, given: Sequence[Any]) -> dict[str, Any]:
    """Returns for each class the cell that stands for it in the data: the one that reads as its name, or the first."""
    found: dict[str, Any] = {}
    for label, cell in zip(whole.labels, given, strict=True):
        if label and (label not in found or (found[label] != cell and written(cell) == label)):
            found[label] = cell
    return found


def issues(whole: Whole, found: Verdicts) -> bytes:
    """Returns the content of issues.csv: the labels that look wrong, the worst first."""
    rows = np.flatnonzero(found.is_issue)
    rows = rows[np.argsort(found.quality[rows], kind="stable")].tolist()
    lines = "row" if whole.table.lines is None else "line"
    columns: dict[str, Any] = {
        "id": [whole.ids[row] for row in rows],
        lines: [number(whole.table, row) for row in rows],
        "given_label": [whole.labels[row] for row in rows],
        "suggested_label": [found.label[row] for row in rows],
        "suggested_probability": found.probability[rows],
        "label_quality": found.quality[rows],
    }
    if whole.judged.kind == "texts":
        texts = whole.table.columns[whole.judged.inputs[0]].take(pa.array(rows, pa.int64()))  # type: ignore[union-attr]
        columns["text"] = [written(text)[:LONGEST] for text in cells(texts)]
    kinds = {"id": pa.string(), lines: pa.int64(), "suggested_probability": pa.float64(), "label_quality": pa.float64()}
    table = pa.table({name: pa.array(values, kinds.get(name, pa.string())) for name, values in columns.items()})
    sink = io.BytesIO()
    write_csv(table, sink)
    return sink.getvalue()


def write_once(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Writes files into a run folder, and returns the names of those that are somebody else's or were changed since."""
    try:
        known = typed(read_json(folder / RECORD), RecordFile).files if (folder / RECORD).is_file() else {}
    except DamageError:
        known = {}
    left = []
    for name, content in files.items():
        path, digest = folder / name, hashlib.sha256(content).hexdigest()
        if path.exists():
            there = hashlib.sha256(path.read_bytes()).hexdigest()
            if there == digest:
                known[name] = digest
                continue
            if there != known.get(name):
                left.append(name)
                continue
        with atomically(path) as file:
            file.write(content)
        known[name] = digest
    write_json(folder / RECORD, {"files": known})
    return left


def _or_none(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]
