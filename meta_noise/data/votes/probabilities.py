"""Labels as probabilities: one column for each class, or one column of lists."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from meta_noise.data.own.names import known_column
from meta_noise.data.own.no_classes import listed_labels
from meta_noise.data.own.table import Table, as_column, cells, place
from meta_noise.data.votes.crowd import Crowd, Voted
from meta_noise.data.votes.guess import class_of
from meta_noise.errors import InputError

NEAR_ONE = 0.02  # from which a row does not sum to one


def with_probabilities(table: Table, asked: str | Sequence[str], made: str) -> Voted:
    """Returns the table with a column `made` of the most probable class.

    Args:
        table: the rows.
        asked: columns, in a list or with commas between them, called by their classes with or without prob_ before
            them; a prefix such as prob_; or one column of lists, whose class names are in the file or are 0, 1, ....
        made: name of the new column.

    Raises:
        InputError: there are no such columns, or a row holds no probabilities.
    """
    names = [name.strip() for name in asked.split(",") if name.strip()] if isinstance(asked, str) else list(asked)
    if len(names) == 1 and names[0] not in table.columns:
        names = [name for name in table.columns if name.startswith(names[0])] or names
    names = [known_column(table, name) for name in names]
    if len(names) == 1:
        rows: list[Any] = [listed_labels(cell) if cell is not None else [] for cell in cells(table.columns[names[0]])]
        width = max((len(row) for row in rows if row), default=0)
        classes = table.class_names.get(names[0], tuple(map(str, range(width))))
        rows = [row if row else [None] * len(classes) for row in rows]
    else:
        classes = tuple(map(class_of, names))
        rows = [list(row) for row in zip(*(cells(table.columns[name]) for name in names), strict=True)]
    if len(classes) < 2 or len(set(classes)) < len(classes):
        raise InputError(f"Probabilities need two or more classes, each its own; {', '.join(names)} are of {classes}.")
    soft = np.array([_row(row, len(classes), table, number) for number, row in enumerate(rows)])
    crowd = Crowd("probabilities", (), classes, np.zeros((table.size, 0), np.int32), soft)
    labels = [classes[label] if label >= 0 else None for label in crowd.label().tolist()]
    rest = {name: column for name, column in table.columns.items() if name not in names}
    done = f"The given label is the most probable of {len(classes)} classes; how probable it is counts, too."
    return Voted(table._replace(columns={**rest, made: as_column(labels)}), made, crowd, (done,))


def _row(values: Sequence[Any], classes: int, table: Table, row: int) -> list[float]:
    """Returns the probabilities of a row, NaN for a row without any; raises InputError where they are none."""
    if all(value in (None, "") for value in values):
        return [math.nan] * classes
    try:
        found = [float(value or 0) for value in values]
    except (TypeError, ValueError):
        found = []
    if len(found) != classes or not all(0 <= one <= 1 for one in found) or abs(sum(found) - 1) > NEAR_ONE:
        shown = ", ".join(map(str, values))
        raise InputError(
            f"{place(table, row)}: {shown:.60} are no probabilities of {classes} classes; give numbers from 0 to 1 "
            "that sum to one, or leave all of them empty."
        )
    return [one / sum(found) for one in found]
