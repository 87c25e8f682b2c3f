"""Labels given beside the rows, from Python: lists of them, or a matrix of yes and no."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from meta_noise.data.own.in_memory import memory_table, with_labels
from meta_noise.data.own.table import Table, as_column
from meta_noise.errors import InputError


def is_values(label: Any) -> bool:
    """Returns whether `label` holds labels, and is no name of a column and no list of such names."""
    if label is None or isinstance(label, str):
        return False
    return not (isinstance(label, list | tuple) and all(isinstance(name, str) for name in label))


def with_label_values(table: Table, label: Any) -> tuple[Table, str | list[str]]:
    """Returns the table with columns of labels, and their name or names.

    Args:
        table: N rows.
        label: N lists of labels, or [N, L] yes and no: an array, a sparse matrix, or a frame or dictionary whose
            columns are the classes; of arrays classes are class_0, class_1, ....

    Raises:
        InputError: they are nothing of these, or of another number of rows.
    """
    if hasattr(label, "toarray"):
        label = label.toarray()
    if hasattr(label, "columns") or isinstance(label, Mapping):
        more = memory_table(label)
        _check(table, more.size, list(more.columns))
        return table._replace(columns={**table.columns, **more.columns}), list(more.columns)
    if getattr(label, "ndim", 1) == 2:
        values = np.asarray(label)
        names = [f"class_{place}" for place in range(values.shape[1])]
        _check(table, len(values), names)
        columns = {name: as_column(values[:, place]) for place, name in enumerate(names)}
        return table._replace(columns={**table.columns, **columns}), names
    if not isinstance(label, Sequence) and not hasattr(label, "tolist"):
        raise InputError(
            f"Labels are of type {type(label).__name__}; give the name of a column, a list of labels for each row, or "
            "a matrix of yes and no."
        )
    rows = label.tolist() if hasattr(label, "tolist") else list(label)
    lists = [sorted(one, key=str) if isinstance(one, set | frozenset) else one for one in rows]
    return with_labels(table, [list(one) if isinstance(one, tuple | np.ndarray) else one for one in lists]), "label"


def _check(table: Table, rows: int, names: Sequence[str]) -> None:
    if rows != table.size:
        raise InputError(f"Labels are given for {rows:,} rows, and {table.where} has {table.size:,}; give one a row.")
    if double := next((name for name in names if name in table.columns), None):
        raise InputError(f"{table.where} has a column {double!r}, which is a class of the labels, too; rename one.")
