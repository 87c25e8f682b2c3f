"""Suggestions for rows without any vote, by the network that a run trained."""

import io
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from meta_noise.cleaning.corrected import write_once
from meta_noise.data.new_rows import read_new
from meta_noise.data.own import Own
from meta_noise.data.own.table import number
from meta_noise.data.whole import read_whole
from meta_noise.report.labels import write_csv
from meta_noise.runs.trained import Trained, finite, in_batches

UNLABELLED = "unlabelled.csv"


def suggest_unlabelled(folder: Path, own: Own, data: Any, settings: Mapping[str, Any], model: Trained) -> int:
    """Writes unlabelled.csv into a run folder, where some rows of the data have no vote; returns how many there are.

    Args:
        folder: of the run.
        own: the data as they were read.
        data, settings: what they were read from, and how.
        model: the network of the run.
    """
    if own.crowd is None:
        return 0
    whole = read_whole(data, settings)
    if whole.item is not None:  # a file of votes has no rows without any
        return 0
    blank = [
        row for row, label in enumerate(whole.labels) if not (label or whole.is_bad[row] or whole.is_held_out[row])
    ]
    if not blank:
        return 0
    new = read_new(data, model.reader, vectors=model.encode and partial(model.encode, console=None))
    taken = np.isin(new.rows, blank)
    probabilities = finite(in_batches(model.compiled, new.inputs[taken]))
    best, rows = probabilities.argmax(axis=1), new.rows[taken].tolist()
    table = pa.table(
        {
            "id": pa.array([whole.ids[row] for row in rows], pa.string()),
            "row" if whole.table.lines is None else "line": pa.array([number(whole.table, row) for row in rows]),
            "suggested_label": pa.array([model.class_names[klass] for klass in best], pa.string()),
            "suggested_probability": pa.array(probabilities[np.arange(len(best)), best].astype(np.float64)),
        }
    )
    sink = io.BytesIO()
    write_csv(table, sink)
    write_once(folder, {UNLABELLED: sink.getvalue()})
    return len(rows)
