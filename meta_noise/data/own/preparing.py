"""A table of own data with what each column is, before its labels are looked at."""

import os
from typing import Any, NamedTuple

import numpy as np

from meta_noise.data.own.columns import Roles, find_roles, without_inputs
from meta_noise.data.own.frames import column_name, is_array, read_array
from meta_noise.data.own.names import Asked, known_column
from meta_noise.data.own.parsing import Inputs, Rows, noted, read_inputs
from meta_noise.data.own.pictures import check_image_size, decoded
from meta_noise.data.own.table import Table
from meta_noise.data.own.trusted import trusted_form
from meta_noise.errors import InputError


class Prepared(NamedTuple):
    """N rows whose columns are known.

    Attributes:
        table: the rows; vectors from a file are its `inputs`.
        roles: of the columns, `kind` never None.
        inputs: as they came, pictures not decoded.
        trusted: a second file or frame of trusted rows, None without one.
        name: of the data, for ids that nobody gave.
        notes: sentences on what was guessed.
    """

    table: Table
    roles: Roles
    inputs: Inputs
    trusted: Any
    name: str
    notes: list[str]

    @property
    def kind(self) -> str:
        return str(self.roles.kind)


class PicturesAsked(NamedTuple):
    """How image files are brought to one size, see `meta_noise.data.own.read`."""

    size: tuple[int, int] | None = None
    square: tuple[int, int] | None = None
    is_cut: bool = False

    @classmethod
    def checked(cls, size: Any, side: int, is_cut: bool) -> "PicturesAsked":
        """Returns it from settings, or raises InputError."""
        return cls(check_image_size(size), check_image_size(side or None), is_cut)


def named(**columns: Any) -> Asked:
    """Returns what the user says about columns, whose names may be numbers or tuples in a frame."""
    return Asked(**{what: name if name is None else column_name(name) for what, name in columns.items()})


def table_with_roles(table: Table, asked: Asked, trusted: Any, features: Any) -> Prepared:
    """Returns the rows with the roles of their columns.

    Args:
        table: with one label in each row.
        asked: what the user says of other columns than the next two.
        trusted: a column, a second file or frame, "" for none, None to guess a column.
        features: columns, a file or an array of vectors, None to guess.

    Raises:
        InputError: a column is missing or holds something else, or there are no inputs.
    """
    table, columns = with_features(table, features)
    column, second = trusted_form(trusted, table)
    roles, notes = find_roles(table, asked._replace(trusted=column, features=columns))
    if roles.kind is None:
        raise without_inputs(table, f"beside the labels in {roles.label!r}", notes)
    name = table.where.removeprefix("the ").split(".")[0] or "data"
    return Prepared(table, roles, read_inputs(table, roles), second, name, notes)


def readable(table: Table) -> Table:
    """Returns the table, or raises InputError where not one row is whole."""
    if len(table.bad) < table.size:
        return table
    line = "row 0" if table.lines is None else f"line {table.lines[0]}"
    raise InputError(f"No row of {table.where} can be read. The first, {line}: {table.bad[0]}.")


def with_features(table: Table, features: Any) -> tuple[Table, Any]:
    """Returns the table, with vectors from a file or an array as its inputs, and what remains to be looked up in it."""
    if features is None or (isinstance(features, str) and (not features or features in table.columns)):
        return table, features
    if isinstance(features, str | os.PathLike):
        array = read_array(features if is_array(features) else known_column(table, os.fspath(features)))
    elif not hasattr(features, "ndim") and all(column_name(name) in table.columns for name in features):
        return table, tuple(map(column_name, features))
    elif all(isinstance(name, str) for name in features):
        return table, tuple(features)
    else:
        array = np.asarray(features)
    if len(array) != table.size:
        raise InputError(
            f"features hold {len(array):,} rows, {table.where} {table.size:,} (a header not counted); give one row of "
            "features for each row of data, in the same order."
        )
    return table._replace(inputs=array), None


def with_pictures(rows: Rows, read: Prepared, asked: PicturesAsked) -> Rows:
    """Returns the rows with image files decoded, and those that cannot be as bad; rows of another kind as they are."""
    if read.kind != "images":
        return rows
    if isinstance(rows.inputs, list):
        images, bad, how = decoded(rows.inputs, asked.size or asked.square, is_cut=asked.is_cut)
        return noted(rows._replace(inputs=images, bad=bad), *how)
    if asked.size:
        where = read.table.where
        raise InputError(f"image_size is for image files; the images of {where} come as an array, in one size.")
    return rows
