"""Rows with their inputs, labels and flags as they come from a table, and what is wrong with some of them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from meta_noise.data.images.streamed import Streamed
from meta_noise.data.own.columns import Roles
from meta_noise.data.own.forms import Field, fields_of_table, raw
from meta_noise.data.own.labels import read_labels
from meta_noise.data.own.names import flag_of, split_of
from meta_noise.data.own.numbers import ready_images, ready_vectors, vectors
from meta_noise.data.own.picture_files import picture_files
from meta_noise.data.own.result import Skipped
from meta_noise.data.own.spellings import LabelRules
from meta_noise.data.own.table import Table, cells, number, place, written
from meta_noise.data.source import row_ids
from meta_noise.errors import InputError

PER_ROW = ("inputs", "ids", "labels", "given", "trusted", "test", "numbers", "places")  # fields of `Rows`


class Inputs(NamedTuple):
    """Inputs of N rows.

    Attributes:
        values: [N, ...] array, or a list of N texts or of where images are; None where the table holds none.
        bad: row -> what is wrong with it.
        names: N paths of images as written, where there are any.
        notes: what was done.
        fields: of a table, how its cells are coded in `values`.
    """

    values: Any
    bad: dict[int, str]
    names: list[str] | None = None
    notes: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()


class Rows(NamedTuple):
    """N rows, and what has happened to rows so far.

    Attributes:
        inputs: [N, ...] array, `Streamed` images, or a list of N texts or of where images are.
        ids: N identifiers.
        labels: N labels as text; of trusted rows the trusted ones.
        given: N labels as the data has them, "" where it has none.
        trusted: [N] bool.
        test: [N] bool, set apart for measuring.
        numbers: N line or row numbers.
        places: N file names with line or row, for messages.
        bad: row -> why it cannot be used; an error unless bad rows may be skipped.
        let_go: row -> why it is left out, whether or not bad rows may be skipped.
        skipped: rows that were left out.
        notes: sentences on what was guessed and done.
        twins: groups of ids with the same inputs, some of them of rows that were left out later.
    """

    inputs: Any
    ids: list[str]
    labels: list[str]
    given: list[str]
    trusted: np.ndarray
    test: np.ndarray
    numbers: list[int]
    places: list[str]
    bad: Mapping[int, str] = {}
    let_go: Mapping[int, str] = {}
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    twins: tuple[tuple[str, ...], ...] = ()


def read_inputs(table: Table, roles: Roles, fields: tuple[Field, ...] = ()) -> Inputs:
    """Returns the inputs of all rows of a table, cells coded by `fields` where these are known already."""
    if roles.kind is None:
        return Inputs(None, {})
    if table.inputs is not None and roles.kind == "images":
        values, bad, notes = ready_images(table.inputs, table.where)
        return Inputs(values, bad, notes=notes)
    if table.inputs is not None:
        return Inputs(*ready_vectors(table.inputs, table.where))
    if roles.kind == "images":
        pictures, names, bad = picture_files(table, roles.inputs[0])
        return Inputs(pictures, bad, names)
    if roles.kind == "texts":
        texts = ["" if cell is None else cell for cell in cells(table.columns[roles.inputs[0]])]
        empty = f"column {roles.inputs[0]!r} holds no text"
        return Inputs(texts, {row: empty for row, text in enumerate(texts) if not written(text)})
    if roles.kind == "table":
        fields = fields or fields_of_table(table, roles.inputs)
        return Inputs(*raw(table, fields), fields=fields)
    return Inputs(*vectors(table, roles.inputs[0]))


def parse_rows(table: Table, roles: Roles, inputs: Inputs, prefix: str, rules: LabelRules) -> Rows:
    """Returns the rows of a table; ids that nobody gave are image paths, or `prefix` and the row number from 0."""
    labels = read_labels(table, roles.label, rules)
    ids, wrong_ids = _ids(table, roles, inputs, prefix)
    trusted, wrong_flags = _flags(table, roles.trusted)
    test, wrong_parts = _parts(table, roles.split)
    both = "it is trusted and held out for testing; a row can be only one of them"
    wrong_both = {row: both for row in np.flatnonzero(trusted & test).tolist()}
    # of several reasons the last one here counts
    bad = wrong_both | wrong_parts | wrong_flags | inputs.bad | wrong_ids | labels.bad | dict(table.bad)
    places = [place(table, row) for row in range(table.size)]
    lines = [number(table, row) for row in range(table.size)]
    given = list(labels.texts)
    return Rows(
        inputs.values, ids, labels.texts, given, trusted, test, lines, places, bad, labels.missing, (), labels.notes
    )


def taken(rows: Rows, chosen: np.ndarray) -> Rows:
    """Returns the rows with these numbers, none of which is bad."""

    def of(values: Any) -> Any:
        if isinstance(values, Streamed):
            return values.take(chosen)
        return values[chosen] if isinstance(values, np.ndarray) else [values[row] for row in chosen.tolist()]

    return rows._replace(bad={}, let_go={}, **{name: of(getattr(rows, name)) for name in PER_ROW})


def noted(rows: Rows, *sentences: str) -> Rows:
    """Returns the rows with further notes."""
    return rows._replace(notes=(*rows.notes, *sentences))


def settled(rows: Rows, skip_bad: bool) -> Rows:
    """Returns the rows without those that are bad or let go, which are put to those that were skipped.

    Raises:
        InputError: a row is bad and may not be skipped (the first is named), or none is left.
    """
    rows = without_bad(rows, skip_bad)
    return _without(rows, rows.let_go)


def without_bad(rows: Rows, skip_bad: bool) -> Rows:
    """Returns the rows without bad ones, those that are let go still there; raises as `settled` does."""
    bad = {row: why for row, why in rows.bad.items() if row not in rows.let_go}
    if bad and not skip_bad:
        raise InputError(
            f"{_skipped(rows, min(bad), bad).reason}{_more(bad)} Or go on without bad rows: skip_bad=True (--skip-bad)."
        )
    return _without(rows, bad)


def _without(rows: Rows, out: Mapping[int, str]) -> Rows:
    """Returns the rows without some, which are put to those that were skipped with the reasons."""
    if not out:
        return rows
    skipped = [_skipped(rows, row, out) for row in sorted(out)]
    if len(out) == len(rows.ids):
        raise InputError(f"No row is left without the bad ones. The first: {skipped[0].reason}{_more(out)}")
    keep = np.ones(len(rows.ids), bool)
    keep[sorted(out)] = False
    now = np.cumsum(keep) - 1
    let_go = {int(now[row]): why for row, why in rows.let_go.items() if keep[row]}
    return taken(rows, np.flatnonzero(keep))._replace(skipped=(*rows.skipped, *skipped), let_go=let_go)


def _skipped(rows: Rows, row: int, why: Mapping[int, str]) -> Skipped:
    reason = f"{rows.places[row]} (id {rows.ids[row]!r:.60}): {why[row]}."
    return Skipped(rows.numbers[row], rows.ids[row], reason)


def _more(bad: Mapping[int, str]) -> str:
    return f" {len(bad) - 1:,} more row{'s are' if len(bad) > 2 else ' is'} bad." if len(bad) > 1 else ""


def _ids(table: Table, roles: Roles, inputs: Inputs, prefix: str) -> tuple[list[str], dict[int, str]]:
    if roles.id is None:
        names = inputs.names or []
        is_usable = len(set(names)) == table.size and "" not in names
        return names if is_usable else row_ids(prefix, table.size).tolist(), {}
    ids = [written(cell) for cell in cells(table.columns[roles.id])]
    seen: dict[str, int] = {}
    bad: dict[int, str] = {}
    for row, identity in enumerate(ids):
        if not identity:
            ids[row] = f"{prefix}-{row:05d}"
            bad[row] = f"column {roles.id!r} holds no id; give one, or say id='' (--id '') to number the rows"
        elif seen.setdefault(identity, row) != row:
            bad[row] = (
                f"{place(table, seen[identity]).removeprefix(table.where + ', ')} has this id too; every row needs its "
                "own, or say id='' (--id '') to number the rows"
            )
    return ids, bad


def _flags(table: Table, name: str | None) -> tuple[np.ndarray, dict[int, str]]:
    """Returns the trusted rows [N], and rows whose cell says neither yes nor no."""
    if name is None:
        return np.zeros(table.size, bool), {}
    texts = [written(cell) for cell in cells(table.columns[name])]
    bad = {
        row: f"column {name!r} holds {text!r:.60}; write true or false, 1 or 0, yes or no"
        for row, text in enumerate(texts)
        if flag_of(text) is None
    }
    return np.array([bool(flag_of(text)) for text in texts]), bad


def _parts(table: Table, name: str | None) -> tuple[np.ndarray, dict[int, str]]:
    """Returns the rows held out [N], and rows whose cell names no part."""
    if name is None:
        return np.zeros(table.size, bool), {}
    texts: Sequence[str] = [written(cell) for cell in cells(table.columns[name])]
    bad = {
        row: f"column {name!r} holds {text!r:.60}; write train, test or valid"
        for row, text in enumerate(texts)
        if not split_of(text)
    }
    return np.array([split_of(text) == "test" for text in texts]), bad
