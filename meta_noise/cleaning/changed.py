"""Which suggestions a round changed, as `changed.csv` in its folder."""

import io
from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
import pyarrow as pa
from rich.console import Console

from meta_noise.cleaning.corrected import write_once
from meta_noise.report.labels import write_csv
from meta_noise.terminal import say

CHANGED = "changed.csv"


def changed_file(before: pa.Table, known: Collection[str], console: Console) -> Callable[[Path, pa.Table], None]:
    """Returns `(run folder, label table) -> None`, which writes what differs from the table `before` of the last round;
    `known` are the ids of rows whose label is trusted by now."""

    def leave(folder: Path, labels: pa.Table) -> None:
        for name in write_once(folder, {CHANGED: changed(before, labels, known)}):
            say(console, f"{folder / name} was changed since it was written here, and is left as it is.")

    return leave


def changed(before: pa.Table, now: pa.Table, known: Collection[str] = ()) -> bytes:
    """Returns the content of changed.csv: rows of both label tables, those with `known` ids apart, that have another
    suggestion now, the surest first."""
    skipped = frozenset(known)
    place = {identity: row for row, identity in enumerate(before["id"].to_pylist()) if identity not in skipped}
    there = np.array([place.get(identity, -1) for identity in now["id"].to_pylist()], np.int64)
    was, said = before["suggested_label"].to_pylist(), now["suggested_label"].to_pylist()
    rows = np.array([row for row, old in enumerate(there.tolist()) if old >= 0 and was[old] != said[row]], np.int64)
    probability = now["suggested_probability"].fill_null(0.0).to_numpy()
    rows = rows[np.argsort(-probability[rows], kind="stable")]
    old, new = before.take(pa.array(there[rows])), now.take(pa.array(rows))
    table = pa.table(
        {
            "id": new["id"],
            "given_label": new["given_label"],
            "suggested_before": old["suggested_label"],
            "suggested_label": new["suggested_label"],
            "probability_before": old["suggested_probability"],
            "suggested_probability": new["suggested_probability"],
            "label_quality": new["label_quality"],
        }
    )
    sink = io.BytesIO()
    write_csv(table, sink)
    return sink.getvalue()
