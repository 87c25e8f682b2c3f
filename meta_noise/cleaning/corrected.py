"""Corrected data: the user's rows with their columns, the suggested label where one looks wrong, and why.

The rule: where a label looks wrong and the suggestion is not less probable, the column of labels holds the suggestion;
else it holds what it held. A label that somebody answered or that is trusted is taken as it is. `cleaned.*` has all
rows of the data in their order and form, held out, trusted, answered and left-out ones, too, and after the user's
columns those of `ADDED`. `issues.csv` lists the labels that look wrong, the worst first; `moves.csv` what that means
for a folder of images.

What lies in the run folder under one of these names and was not written so here, or was changed since, is left alone.
"""

import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import msgspec
import numpy as np
import pyarrow as pa
from rich.console import Console

from meta_noise.atomic import atomically
from meta_noise.cleaning.complete import complete_labels
from meta_noise.cleaning.moves import MOVES, is_image_folder, moves_csv
from meta_noise.cleaning.verdicts import Verdicts, verdicts
from meta_noise.data.answers import Answer
from meta_noise.data.change import Rewrite, cells_of, replaced
from meta_noise.data.own import Own
from meta_noise.data.own.table import Column, cells, number, written
from meta_noise.data.rewritten import rewrite, rewritten_name
from meta_noise.data.whole import Whole, read_whole
from meta_noise.disk.digest import sha256_of
from meta_noise.disk.sealed import DamageError, read_json, typed, write_json
from meta_noise.report.labels import write_csv
from meta_noise.terminal import say

ADDED = {
    "given_label": "The label as it came.",
    "suggested_label": "The label that is probably right: the given one, where it does not look wrong or no other is "
    "more probable.",
    "suggested_probability": "How probable the suggested label is, from 0 to 1.",
    "label_quality": "How far the given label can be believed, from 0 to 1.",
    "is_label_issue": "True where the label looks wrong. Empty where nothing was found out.",
    "label_source": "Where the label of the row comes from: given, suggested, trusted or answered. bad: somebody said "
    "that no class is right. not judged: the row was held out or left out.",
}
ISSUES, RECORD, CLEANED = "issues.csv", "corrected.json", "cleaned"
LONGEST = 300  # characters of a text in issues.csv

Content: TypeAlias = bytes | Callable[[BinaryIO], None]  # of a file, or what writes it, so much at a time


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
        files: dict[str, Content] = {
            CLEANED + rewritten_name(data, whole.table): partial(write_cleaned, data, whole, found),
            ISSUES: partial(write_issues, whole, found),
        }
        if is_image_folder(data, whole):
            files[MOVES] = moves_csv(whole, found.label, found.source)
        for name in write_once(folder, files):
            say(console, f"{folder / name} was changed since it was written here, and is left as it is.")
        return complete_labels(labels, whole, found, own)

    return leave


def write_cleaned(data: Any, whole: Whole, found: Verdicts, file: BinaryIO) -> None:
    """Writes the content of `cleaned.*`: the data in their form."""
    name = whole.roles.label
    given = replaced(whole.table.columns[name], {})
    cell_of = cells_of_classes(whole, given)
    rows = np.flatnonzero(found.label != np.array(whole.labels, object)).tolist()
    labels = {row: cell_of.get(found.label[row], found.label[row]) for row in rows}
    values: tuple[Column, ...] = (
        given,
        replaced(given, labels),
        _where(found.probability, ~np.isnan(found.probability)),
        _where(found.quality, ~np.isnan(found.quality)),
        _where(found.is_issue, found.is_known),
        pa.chunked_array([pa.array(found.source, pa.string())]),
    )
    change = Rewrite({name: labels}, dict(zip(ADDED, values, strict=True)))
    if whole.written is not None:  # votes stay as they are
        change = Rewrite({}, {key: of_rows(column, whole.item) for key, column in change.columns.items()})
    rewrite(data, whole.written or whole.table, change, file)


def of_rows(values: Column, item: np.ndarray | None) -> Column:
    """Returns the value of the thing that each written row is about."""
    if item is None:
        return values
    return [values[row] for row in item.tolist()] if isinstance(values, list) else values.take(pa.array(item))


def cells_of_classes(whole: Whole, given: Column) -> dict[str, Any]:
    """Returns for each class the cell that stands for it in the data: the one that reads as its name, or the first."""
    found: dict[str, Any] = {}
    for label, cell in zip(whole.labels, cells_of(given), strict=True):
        if label and (label not in found or (found[label] != cell and written(cell) == label)):
            found[label] = cell
    return found


def write_issues(whole: Whole, found: Verdicts, file: BinaryIO) -> None:
    """Writes the content of issues.csv: the labels that look wrong, the worst first."""
    rows = np.flatnonzero(found.is_issue)
    rows = rows[np.argsort(found.quality[rows], kind="stable")].tolist()
    lines = "row" if whole.table.lines is None else "line"
    columns: dict[str, Any] = {
        "id": [whole.ids[row] for row in rows],
        lines: [number(whole.table, row) for row in rows],
        "given_label": [whole.labels[row] for row in rows],
        "suggested_label": found.label[rows],
        "suggested_probability": found.probability[rows],
        "label_quality": found.quality[rows],
    }
    if whole.judged.kind == "texts":
        texts = whole.table.columns[whole.judged.inputs[0]].take(pa.array(rows, pa.int64()))  # type: ignore[union-attr]
        columns["text"] = [written(text)[:LONGEST] for text in cells(texts)]
    kinds = {"id": pa.string(), lines: pa.int64(), "suggested_probability": pa.float64(), "label_quality": pa.float64()}
    table = pa.table({name: pa.array(values, kinds.get(name, pa.string())) for name, values in columns.items()})
    write_csv(table, file)


def write_once(folder: Path, files: Mapping[str, Content]) -> list[str]:
    """Writes files into a run folder, and returns the names of those that are somebody else's or were changed since."""
    try:
        known = typed(read_json(folder / RECORD), RecordFile).files if (folder / RECORD).is_file() else {}
    except DamageError:
        known = {}
    left = []
    for name, content in files.items():
        path = folder / name
        if path.exists() and (there := sha256_of(path)) != known.get(name) and there != _sha256_of_content(content):
            left.append(name)
            continue
        with atomically(path) as file:
            _write(content, file)
        known[name] = sha256_of(path)
    write_json(folder / RECORD, {"files": known})
    return left


def _write(content: Content, file: BinaryIO) -> None:
    if isinstance(content, bytes):
        file.write(content)
    else:
        content(file)


def _sha256_of_content(content: Content) -> str:
    with tempfile.TemporaryFile() as file:
        _write(content, file)
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _where(values: np.ndarray, known: np.ndarray) -> pa.ChunkedArray:
    """Returns values [N] as a column, null where they are not known."""
    return pa.chunked_array([pa.array(values, mask=~known)])
