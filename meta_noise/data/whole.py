"""The rows of a user's data as they came, all of them, found again with the ids and classes that a run gave them."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from meta_noise.data.own.columns import Roles, find_roles
from meta_noise.data.own.frames import column_name, is_array
from meta_noise.data.own.in_memory import label_of
from meta_noise.data.own.names import Asked
from meta_noise.data.own.opening import open_table
from meta_noise.data.own.parsing import Inputs, parse_rows
from meta_noise.data.own.picture_files import picture_files
from meta_noise.data.own.spellings import LabelRules
from meta_noise.data.own.table import Table
from meta_noise.data.votes.crowd import asked_of
from meta_noise.data.votes.reading import with_votes
from meta_noise.disk.identifiers import as_strings, positions


class Whole(NamedTuple):
    """All rows of a user's data.

    Attributes:
        table: the rows.
        roles: of the columns, as in training.
        judged: the same with inputs that a person can judge, not vectors.
        ids: N identifiers; those of rows that cannot be used may be double.
        labels: N class names as they were read, "" where there is none.
        is_bad: [N] bool, rows that cannot be used.
        is_held_out: [N] bool, rows that only measure.
        written: the M rows as they are written down, where these are others: the data have votes in place of labels.
        item: [M] the row that each of `written` is about; None where they are the same.
    """

    table: Table
    roles: Roles
    judged: Roles
    ids: list[str]
    labels: list[str]
    is_bad: np.ndarray
    is_held_out: np.ndarray
    written: Table | None = None
    item: np.ndarray | None = None

    def places_of(self, ids: Sequence[str] | np.ndarray | pa.ChunkedArray) -> np.ndarray:
        """Returns the row with each of these ids [n] among those that can be used, -1 where there is none."""
        usable = np.flatnonzero(~self.is_bad)
        found = positions(ids, as_strings(self.ids).take(pa.array(usable)))
        return np.where(found >= 0, usable[found], -1) if len(usable) else found


def read_whole(data: Any, settings: Mapping[str, Any]) -> Whole:
    """Returns all rows of a user's data; no picture is decoded.

    Args:
        data: as in `meta_noise.data.own.read`.
        settings: with which it was read.

    Raises:
        InputError: the data cannot be read.
    """
    opened = open_table(data, settings.get("folder"), settings.get("label"))
    rules = LabelRules(bool(settings.get("keep_missing_words")), bool(settings.get("keep_spellings")))
    voted = with_votes(opened, asked_of(settings), settings.get("label"), settings.get("id"), rules)
    whole = whole_of(voted.table, {**settings, **({"label": voted.label} if voted.label else {})}, rules)
    return whole._replace(written=opened, item=voted.item) if voted.label else whole


def whole_of(table: Table, settings: Mapping[str, Any], rules: LabelRules) -> Whole:
    """Returns all rows of a table with one label in each, read with these settings."""
    roles, judged = _roles(table, settings)
    is_file = roles.kind == "images" and table.inputs is None
    paths = picture_files(table, roles.inputs[0])[1] if is_file else None
    prefix = table.where.removeprefix("the ").split(".")[0] or "data"
    parsed = parse_rows(table, roles, Inputs(None, {}, paths), prefix, rules)
    is_bad = np.zeros(table.size, bool)
    is_bad[list(parsed.bad)] = True
    return Whole(table, roles, judged, parsed.ids, parsed.labels, is_bad, parsed.test)


def _are_vectors(features: Any, table: Table) -> bool:
    """Returns whether features are ready vectors, in a file or in memory, and no names of columns."""
    if features is None or (isinstance(features, str) and (not features or features in table.columns)):
        return False
    if isinstance(features, str | os.PathLike):
        return is_array(features)
    return hasattr(features, "ndim") or not all(isinstance(name, str | int) for name in features)


def _roles(table: Table, settings: Mapping[str, Any]) -> tuple[Roles, Roles]:
    """Returns the roles of columns as in training, and those with inputs that a person can judge, not vectors."""
    label, trusted, features = (settings.get(name) for name in ("label", "trusted", "features"))
    name, _ = label_of(None, label)
    asked = Asked(
        label=None if is_array(name) else name,
        trusted=trusted if isinstance(trusted, str) and trusted in table.columns else None,
        **{role: settings.get(role) for role in ("image", "text", "id", "split")},
    )
    if _are_vectors(features, table):
        vectors = table._replace(inputs=np.zeros((table.size, 1), np.float32))  # the numbers do not matter here
        return find_roles(vectors, asked)[0], find_roles(table, asked._replace(features=""))[0]
    columns = features if features is None or isinstance(features, str) else tuple(map(column_name, features))
    roles = find_roles(table, asked._replace(features=columns))[0]
    if roles.kind != "features" or table.inputs is not None:
        return roles, roles
    return roles, find_roles(table, asked._replace(features=""))[0]
