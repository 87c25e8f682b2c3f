"""From a table with labels of several annotators or rules to one with a single label, the votes kept beside it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from meta_noise.data.own.labels import class_order, read_labels
from meta_noise.data.own.names import LABEL, first_of
from meta_noise.data.own.spellings import ABSTAINS, LabelRules
from meta_noise.data.own.table import Column, Table, as_column, cells
from meta_noise.data.votes.crowd import Crowd, Kind, Voted, VotesAsked
from meta_noise.data.votes.guess import numbered, probability_columns
from meta_noise.data.votes.long_form import votes_of_long
from meta_noise.data.votes.probabilities import with_probabilities
from meta_noise.data.votes.vote_columns import vote_columns
from meta_noise.errors import InputError

MADE = "consensus_label"  # the column that holds the label made from votes
MOST_CELLS = 200_000_000  # votes, empty ones too


def with_votes(table: Table, asked: VotesAsked, label: Any, identity: str | None, rules: LabelRules) -> Voted:
    """Returns the table with one label for each row where it holds the labels of several, else the table as it is.

    Args:
        table: as it was opened.
        asked: what the user says of votes.
        label: what the user says of the column of labels: a name, values, or None.
        identity: the column of ids that the user named.
        rules: how labels are read.

    Raises:
        InputError: columns or a file of votes cannot be used as such.
    """
    said = [name for name, value in asked._asdict().items() if value is not None and value != ""]
    if len(said) > 1:
        raise InputError(f"{' and '.join(said)} cannot be combined; give one of them.")
    if asked.long not in (None, "", False):
        return votes_of_long(table, asked.long, label, identity, _voted, rules)
    if said and label is not None:
        raise InputError(f"label and {said[0]} both say what the labels are; give one of them.")
    if asked.probabilities:
        return with_probabilities(table, asked.probabilities, MADE)
    for kind in ("annotators", "rules"):
        if value := getattr(asked, kind):
            names, columns, classes = vote_columns(table, value, kind)
            return _voted(table, kind, names, _texts(columns, table, classes, rules), ())
    has_label = label is not None or first_of(table.columns, LABEL) is not None
    guess = None if has_label or asked.annotators == "" else numbered(table)
    if guess is not None:
        kind, names = guess
        what = "people" if kind == "annotators" else "rules"
        note = f"Labels of {len(names)} {what} are in columns {names[0]} to {names[-1]}, by their names (--{kind})."
        _, columns, classes = vote_columns(table, names, kind)
        return _voted(table, kind, names, _texts(columns, table, classes, rules), (note,))
    if not has_label and asked.probabilities is None and (names := probability_columns(table)):
        voted = with_probabilities(table, names, MADE)
        return voted._replace(notes=(f"Columns {names[0]} to {names[-1]} are taken as probabilities.", *voted.notes))
    return Voted(table)


def _texts(columns: Sequence[Column], table: Table, classes: Sequence[str], rules: LabelRules) -> list[list[str]]:
    """Returns the votes of each column as text, spelt alike in all of them, "" for none."""
    flat = [cell for column in columns for cell in cells(column)]
    whole = as_column(flat) if table.typed else [None if cell is None else str(cell) for cell in flat]
    joined = Table({"votes": whole}, len(flat), table.where, table.folders, typed=table.typed)
    if classes:
        joined = joined._replace(class_names={"votes": tuple(classes)})
    read = read_labels(joined, "votes", rules)
    texts = ["" if text == ABSTAINS and not rules.keep_missing_words else text for text in read.texts]
    if read.bad:
        row = min(read.bad)
        where = f"{table.where}, row {row % table.size} of the votes in column {row // table.size + 1}"
        raise InputError(f"{where}: {read.bad[row]}.")
    return [texts[start : start + table.size] for start in range(0, len(texts), max(table.size, 1))]


def _voted(
    table: Table,
    kind: Kind,
    names: Sequence[str],
    texts: Sequence[Sequence[str]],
    notes: tuple[str, ...],
    item: np.ndarray | None = None,
) -> Voted:
    """Returns the table with the label made of votes `texts`, one list of N for each of `names`."""
    classes = class_order(text for column in texts for text in column if text)
    if not classes:
        raise InputError(f"No votes are in {', '.join(names)[:80]} of {table.where}; name columns that hold some.")
    if len(names) * table.size > MOST_CELLS:
        raise InputError(f"{len(names):,} {kind} times {table.size:,} rows are too many; give a part of the rows.")
    number = {name: place for place, name in enumerate(classes)} | {"": -1}
    votes = np.array([[number[text] for text in column] for column in texts], np.int32).T
    crowd = Crowd(kind, tuple(names), classes, np.ascontiguousarray(votes))
    labels = [classes[label] if label >= 0 else None for label in crowd.label().tolist()]
    tie = "Dawid and Skene" if kind == "annotators" else "the larger class"
    done = [*notes, f"The given label is the majority of {len(names):,} {kind}, ties by {tie}."]
    if not crowd.overlaps:
        done.append(
            f"No row has votes of two {kind}, so nothing is told from their agreement: each vote is taken as a label."
        )
    column = MADE
    while column in table.columns:
        column = f"meta_noise_{column}"
    rest = {name: values for name, values in table.columns.items() if name not in names}
    return Voted(table._replace(columns={**rest, column: as_column(labels)}), column, crowd, tuple(done), item)
