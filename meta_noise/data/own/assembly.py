"""The last step: rows with classes as numbers, training and test part apart."""

from collections.abc import Sequence

import numpy as np

from meta_noise.data.own.columns import Roles
from meta_noise.data.own.labels import class_order
from meta_noise.data.own.result import Own, Skipped
from meta_noise.data.own.rows import Rows, taken
from meta_noise.data.source import Source
from meta_noise.errors import InputError


def assembled(
    rows: Rows,
    roles: Roles,
    class_names: Sequence[str],
    name: str,
    twins: list[list[str]],
    skipped: list[Skipped],
    notes: list[str],
) -> Own:
    """Returns what was read, none of its rows being bad.

    Args:
        rows: with decoded inputs.
        roles: of the columns.
        class_names: names in the order of the file, () where it has none.
        name: of the data, for the source and messages.
        twins: groups of ids with the same inputs, of rows left out since too.
        skipped: the rows left out.
        notes: sentences on what was guessed so far.

    Raises:
        InputError: there is no row, or only rows that are trusted.
    """
    train, test = rows, None
    if rows.test.any():
        train, test = taken(rows, np.flatnonzero(~rows.test)), taken(rows, np.flatnonzero(rows.test))
        notes = [*notes, f"{len(test.ids):,} rows are held out for measuring, by column {roles.split!r}."]
    if train.trusted.all():
        raise InputError(f"All {len(train.ids):,} rows of {name} are trusted; some must be left to look for errors in.")
    names = class_order(train.labels, class_names)
    number = {name: position for position, name in enumerate(names)}
    given = np.array([number.get(label, -1) for label in train.given], np.int32)  # [N]
    if train.trusted.any():
        replaced = int(np.sum((given >= 0) & (given != [number[label] for label in train.labels])))
        notes = [*notes, _trusted_note(train, replaced)]
    label_of = dict(zip(rows.ids, rows.labels, strict=True))
    groups = [tuple(identity for identity in group if identity in label_of) for group in twins]
    groups = [group for group in groups if len(group) > 1]
    if groups:
        count, differ = sum(map(len, groups)), sum(len({label_of[one] for one in group}) > 1 for group in groups)
        what = f"{count:,} rows are in {len(groups):,} groups with the same inputs; in {differ:,} groups labels differ."
        notes = [*notes, what]
    if skipped:
        notes = [*notes, f"Bad rows skipped: {len(skipped):,}, the first: {skipped[0].reason}"]
    return Own(
        source=_source(train, names, number, name),
        kind=str(roles.kind),
        class_names=names,
        given=given,
        columns=roles.inputs if roles.kind == "table" else (),
        texts=_texts(train),
        test=None if test is None else _source(test, names, number, name),
        test_texts=None if test is None else _texts(test),
        skipped=skipped,
        duplicates=groups,
        notes=notes,
    )


def _source(rows: Rows, names: tuple[str, ...], number: dict[str, int], name: str) -> Source:
    inputs = np.zeros((len(rows.ids), 0), np.float32) if isinstance(rows.inputs, list) else rows.inputs
    labels = np.array([number[label] for label in rows.labels], np.int32)
    trusted = rows.trusted if rows.trusted.any() else None
    return Source(inputs, labels, np.array(rows.ids, np.str_), names, trusted=trusted, name=name)


def _texts(rows: Rows) -> list[str] | None:
    return list(rows.inputs) if isinstance(rows.inputs, list) else None


def _trusted_note(rows: Rows, replaced: int) -> str:
    changed = f"; {replaced:,} had another label before" if replaced else ""
    return f"{int(rows.trusted.sum()):,} of {len(rows.ids):,} rows are trusted{changed}."
