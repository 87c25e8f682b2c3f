"""What cleanlab found, in the place of what a run found: its frame of issues, read as a label table.

Formats: cleanlab 2.x, `CleanLearning.get_label_issues()` (is_label_issue, label_quality, given_label, predicted_label)
and `Datalab.get_issues("label")` (the same with label_score), https://docs.cleanlab.ai; as CSV, Parquet or JSON lines.
"""

from typing import Any

import numpy as np
import pyarrow as pa

from meta_noise.data.own.names import flag_of, listed
from meta_noise.data.own.opening import open_table
from meta_noise.data.own.table import Table, cells, place, written
from meta_noise.data.whole import Whole
from meta_noise.errors import InputError
from meta_noise.report.labels import columns

QUALITY = ("label_quality", "label_score")
INDEX = ("id", "index")


def with_issues(labels: pa.Table, issues: Any, whole: Whole) -> pa.Table:
    """Returns a label table with quality, flags and suggestions of a frame of cleanlab; rows not in it are left out.

    Args:
        labels: of a run.
        issues: the frame, or its file. Its rows are those of the data in their order, or are named by a column `id`, or
            numbered from 0 by a column `index`.
        whole: the data of the run.

    Raises:
        InputError: the frame is none, or is about other data.
    """
    table = open_table(issues)
    quality = next((name for name in QUALITY if name in table.columns), None)
    lacking = [name for name in ("is_label_issue", "given_label", "predicted_label") if name not in table.columns]
    if quality is None or lacking:
        raise InputError(
            f"{table.where} is no frame of label issues by cleanlab, with the columns is_label_issue, label_quality "
            f"(or label_score), given_label and predicted_label. Its columns: {listed(table)}."
        )
    names = columns(labels).class_names
    given, predicted = (_classes(table, name, names) for name in ("given_label", "predicted_label"))
    row_of = dict(zip(_ids(table, whole), range(table.size), strict=True))
    kept = [row for row, identity in enumerate(labels["id"].to_pylist()) if identity in row_of]
    labels = labels.take(pa.array(kept, pa.int64()))
    rows = [row_of[identity] for identity in labels["id"].to_pylist()]
    for row, label in zip(rows, labels["given_label"].to_pylist(), strict=True):
        if given[row] != label:
            raise InputError(
                f"{place(table, row)}: given_label is {given[row]!r:.60}, in the data of the run it is {label!r:.60}; "
                "give the frame of these data, with a column id or index."
            )
    ours = labels["suggested_label"].to_pylist()
    chance = labels["suggested_probability"].to_pylist()
    flags = [bool(flag_of(written(cell))) for cell in _taken(table, "is_label_issue", rows)]
    suggested = [predicted[row] if flag else given[row] for row, flag in zip(rows, flags, strict=True)]
    shares = _shares(_taken(table, quality, rows), table.where)
    sure = [  # cleanlab says how sure a given label is, and no more
        share if not flag else value if label == other else None
        for share, flag, value, label, other in zip(shares.tolist(), flags, chance, suggested, ours, strict=True)
    ]
    values = {
        "label_quality": pa.array(shares),
        "is_label_issue": pa.array(flags),
        "suggested_label": pa.array(suggested, pa.string()),
        "suggested_probability": pa.array(sure, pa.float64()),
    }
    for name, column in values.items():
        labels = labels.set_column(labels.column_names.index(name), name, column)
    return labels


def _taken(table: Table, name: str, rows: list[int]) -> list[object]:
    found = cells(table.columns[name])
    return [found[row] for row in rows]


def _ids(table: Table, whole: Whole) -> list[str]:
    """Returns the id of each row of the frame."""
    name = next((name for name in INDEX if name in table.columns), None)
    if name is None:
        if table.size != len(whole.ids):
            raise InputError(
                f"{table.where} has {table.size:,} rows, the data {len(whole.ids):,}; keep the numbers of the rows: "
                "frame.to_csv(FILE, index_label='index')."
            )
        return list(whole.ids)
    found = [written(cell) for cell in cells(table.columns[name])]
    if name == "id":
        return found
    size = len(whole.ids)
    wrong = next((row for row, text in enumerate(found) if not (text.isdecimal() and int(text) < size)), None)
    if wrong is not None:
        raise InputError(f"{place(table, wrong)}: index {found[wrong]!r:.60} is no row number of 0..{size - 1}.")
    return [whole.ids[int(text)] for text in found]


def _classes(table: Table, name: str, names: tuple[str, ...]) -> list[str]:
    """Returns labels as class names; cleanlab numbers classes 0..C-1 in sorted order where it was given numbers."""
    found = [written(cell) for cell in cells(table.columns[name])]
    if not set(found) <= set(names) and all(text.isdecimal() and int(text) < len(names) for text in found):
        return [names[int(text)] for text in found]
    if unknown := next((text for text in found if text not in names), None):
        raise InputError(f"{table.where}: {name} {unknown!r:.60} is no class of this run: {', '.join(names[:10])}.")
    return found


def _shares(values: list[object], where: str) -> np.ndarray:
    """Returns label qualities [N] in 0..1."""
    try:
        shares = np.array([float(str(value)) for value in values])
    except ValueError as error:
        raise InputError(f"{where}: label_quality must be numbers of 0..1 ({error}).") from error
    if not (np.isfinite(shares).all() and shares.min(initial=0) >= 0 and shares.max(initial=0) <= 1):
        raise InputError(f"{where}: label_quality must be numbers of 0..1.")
    return shares
