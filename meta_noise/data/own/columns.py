"""Which column is what: as the user says, or by usual names."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from meta_noise.data.own.flags import flag_of, split_of
from meta_noise.data.own.input_columns import input_columns
from meta_noise.data.own.names import ID, LABEL, SAMPLE, SPLIT, TRUSTED, Asked, existing, first_of, shown
from meta_noise.data.own.table import Column, Table, cells, written
from meta_noise.errors import InputError


class Roles(NamedTuple):
    """Names of columns; None where there is none.

    Attributes:
        kind: "images", "texts", "table" or "features"; None where no column holds inputs.
        inputs: the column of images, texts or features, or the numeric columns; () where the table has a ready array.
    """

    label: str
    kind: str | None
    inputs: tuple[str, ...]
    id: str | None
    trusted: str | None
    split: str | None


def find_roles(table: Table, asked: Asked, labels: Sequence[str] = LABEL) -> tuple[Roles, list[str]]:
    """Returns the roles of the columns, and sentences on what was guessed.

    Args:
        table: the rows.
        asked: what the user says.
        labels: usual names of a column of labels, the likeliest first.

    Raises:
        InputError: a column that was asked for is missing, or no column of labels can be told.
    """
    label = _named(table, asked.label, labels)
    if label is None:
        raise InputError(
            f"{table.where} has no column of labels by a usual name ({', '.join(labels)}). Its columns: "
            f"{shown(table)}. Name the right one by label=... (--label)"
            + ("." if table.typed else "; if these are no names but cells, put a line of names before them.")
        )
    notes = [*table.notes] + ([f"Labels are in column {label!r}, by its name."] if asked.label is None else [])
    identity = _named(table, asked.id, ID)
    if asked.id is None and identity and first_of([identity], ID[-2:]) and not _is_unique(table.columns[identity]):
        identity = None  # an index, such as pandas keeps, is an id only where it is one
    trusted = _named(table, asked.trusted, TRUSTED, lambda name, text: name == "trusted" or flag_of(text) is not None)
    split = _named(table, asked.split, SPLIT, lambda name, text: name == "split" or split_of(text) != "")
    taken = [label, identity, trusted, split]
    kind, inputs, guess = input_columns(table, asked, [name for name in table.columns if name not in taken])
    for what, name, word in (("Ids", identity, asked.id), ("Trusted rows", trusted, asked.trusted)):
        notes += [f"{what} are in column {name!r}, by its name."] if name and word is None else []
    notes += [f"Parts are in column {split!r}, by its name."] if split and asked.split is None else []
    return Roles(label, kind, inputs, identity, trusted, split), [*table.notes] if table.is_made else notes + guess


def _named(table: Table, asked: str | None, usual: Sequence[str], fits: Any = None) -> str | None:
    """Returns the column that was asked for, or the one with a usual name whose first cells fit."""
    if asked is not None:
        return existing(table, asked) if asked else None
    name = first_of(table.columns, usual)
    if name is None or fits is None:
        return name
    first = [written(cell) for cell in cells(table.columns[name][:SAMPLE])]
    return name if all(fits(name.lower(), text) for text in first) else None


def _is_unique(column: Column) -> bool:
    values = cells(column)
    return len(set(values)) == len(values) and None not in values
