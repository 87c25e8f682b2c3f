"""Votes in long form: a row for each vote, with the id of what was labelled, the annotator and the label."""

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from meta_noise.data.own.labels import read_labels
from meta_noise.data.own.names import ID, LABEL, first_of, known_column, listed
from meta_noise.data.own.opening import open_table
from meta_noise.data.own.spellings import LabelRules
from meta_noise.data.own.table import Table, cells, written
from meta_noise.data.votes.crowd import Voted
from meta_noise.errors import InputError

ANNOTATOR = ("annotator", "annotator_id", "annotated_by", "worker", "worker_id", "rater", "rater_id", "coder", "user")
ITEM = ("id", "item", "item_id", "task", "task_id", "example_id", "row_id", *ID)


def votes_of_long(
    table: Table, long: Any, label: str | None, identity: str | None, voted: Callable[..., Voted], rules: LabelRules
) -> Voted:
    """Returns the table with votes from a second file, or from its own rows, of which those with one id are one.

    Args:
        table: the data; with `long` being True or "same" it holds the votes, texts or features repeated in each row.
        long: a file or frame with the columns id, annotator and label; True or "same" for the data themselves.
        label, identity: columns that the user named.
        voted: see `meta_noise.data.votes.reading`.
        rules: how labels are read.

    Raises:
        InputError: a column is missing, or no vote is about a row of the data.
    """
    is_same = long is True or long == "same"
    votes = table if is_same else open_table(os.fspath(long) if isinstance(long, os.PathLike) else long)
    item = known_column(votes, identity) if identity and identity in votes.columns else first_of(votes.columns, ITEM)
    who, what = first_of(votes.columns, ANNOTATOR), label or first_of(votes.columns, LABEL)
    if item is None or who is None or what is None:
        raise InputError(
            f"Votes in long form have an id, an annotator and a label in each row; {votes.where} has {listed(votes)}. "
            "Call them so, or name them by id=... and label=...."
        )
    ids = [written(cell) for cell in cells(votes.columns[item])]
    people = [written(cell) for cell in cells(votes.columns[who])]
    read = read_labels(votes, known_column(votes, what), rules)
    notes = [f"Votes are in columns {item!r}, {who!r} and {what!r} of {votes.where}."]
    if is_same:
        first: dict[str, int] = {}
        for row, one in enumerate(ids):
            first.setdefault(one, row)
        chosen = np.array(list(first.values()))
        place = {one: number for number, one in enumerate(first)}
        about = np.array([place[one] for one in ids])
        table = _taken(table, chosen, (who, what))
        notes.append(f"{len(ids):,} rows are about {len(first):,} ids; of each id the first row is looked at.")
    else:
        column = identity or first_of(table.columns, ID)
        if column is None:
            raise InputError(f"{table.where} has no column of ids by which votes are found; name it by id=... (--id).")
        place = {written(cell): row for row, cell in enumerate(cells(table.columns[known_column(table, column)]))}
        about = None
        table = _without(table, (what,) if what in table.columns else ())
    names = sorted(set(people))
    texts: dict[str, list[str]] = {name: [""] * table.size for name in names}
    unknown = again = 0
    for one, person, text in zip(ids, people, read.texts, strict=True):
        row = place.get(one, -1)
        if row < 0:
            unknown += 1
        elif texts[person][row] and text:
            again += 1
        elif text:
            texts[person][row] = "" if text == "-1" else text
    if unknown == len(ids):
        raise InputError(
            f"No id of {votes.where}, such as {ids[0]!r:.40}, is one of {table.where}; ids of both must be the same."
        )
    notes += [f"{unknown:,} votes are about ids that {table.where} does not have."] if unknown else []
    notes += [f"{again:,} further votes of the same annotator on the same id do not count."] if again else []
    return voted(table, "annotators", names, list(texts.values()), (*notes, *read.notes), about)


def _without(table: Table, names: tuple[str, ...]) -> Table:
    return table._replace(columns={name: column for name, column in table.columns.items() if name not in names})


def _taken(table: Table, rows: np.ndarray, without: tuple[str, ...]) -> Table:
    """Returns these rows of a table, without some columns."""
    place = {int(row): number for number, row in enumerate(rows.tolist())}
    return _without(table, without)._replace(
        columns={
            name: [column[row] for row in rows.tolist()] if isinstance(column, list) else column.take(pa.array(rows))
            for name, column in table.columns.items()
            if name not in without
        },
        size=len(rows),
        lines=None if table.lines is None else table.lines[rows],
        bad={place[row]: why for row, why in table.bad.items() if row in place},
        inputs=None if table.inputs is None else table.inputs[rows],
    )
