"""The last steps: a part of the rows drawn, equal inputs found, classes numbered, training and test part apart."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from meta_noise.data.images.streamed import Streamed
from meta_noise.data.own.columns import Roles
from meta_noise.data.own.encoding import Encoder, encode
from meta_noise.data.own.fitting import fitted
from meta_noise.data.own.forms import Field
from meta_noise.data.own.labels import class_order
from meta_noise.data.own.parsing import Rows, noted, taken
from meta_noise.data.own.result import Own
from meta_noise.data.source import Source
from meta_noise.errors import InputError

BLOCK = 2**20  # numbers that are looked at at a time


def drawn(rows: Rows, max_rows: int, of_each: int = 2) -> Rows:
    """Returns at most `max_rows` rows to train on and as many held out, in their order; all for 0.

    All trusted rows stay, and `of_each` rows of every class at least. The same rows are drawn every time.
    """
    if max_rows < 0:
        raise InputError(f"max_rows is {max_rows}; give 0 for all rows, or how many to draw.")
    rng = np.random.default_rng(0)
    chosen = [np.flatnonzero(part) for part in (~rows.test, rows.test)]
    if not max_rows or all(len(part) <= max_rows for part in chosen):
        return rows
    train, test = (rng.permutation(part) for part in chosen)
    train = train[np.argsort(~rows.trusted[train], kind="stable")]  # trusted ones first
    seen: Counter[str] = Counter()
    is_needed = np.zeros(len(train), bool)
    for position, row in enumerate(train.tolist()):
        seen[rows.labels[row]] += 1
        is_needed[position] = rows.trusted[row] or seen[rows.labels[row]] <= of_each
    if is_needed.sum() > max_rows:
        raise InputError(
            f"max_rows is {max_rows}, but the trusted rows and {of_each} of each class are {int(is_needed.sum())}; "
            "give more."
        )
    train = train[np.argsort(~is_needed, kind="stable")][:max_rows]
    part = taken(rows, np.sort(np.concatenate([train, test[:max_rows]])))
    done = f"{len(part.ids):,} of {len(rows.ids):,} rows drawn at random (max_rows), the same every time."
    return noted(part, done)


def with_twins(rows: Rows, kind: str) -> Rows:
    """Returns the rows with those found whose inputs are the same; trusted ones that are held out, too, are bad."""
    groups = same_inputs(rows.inputs)
    rows = rows._replace(twins=tuple(tuple(rows.ids[row] for row in group) for group in groups))
    if kind not in ("images", "texts"):  # equal rows of a small table may be different things
        return rows
    bad = {}
    for group in groups:
        held_out = [row for row in group if rows.test[row]]
        for row in group:
            if held_out and rows.trusted[row]:
                bad[row] = f"this trusted row is the same as {rows.places[held_out[0]]}, which is held out for testing"
    return rows._replace(bad=bad)


def same_inputs(inputs: Any) -> list[list[int]]:
    """Returns the groups of two or more rows with equal inputs ([N, ...] array, images or N texts), each in order."""
    groups: dict[Any, list[int]] = defaultdict(list)
    contents: Iterable[tuple[int, Any]] = enumerate(inputs)
    if isinstance(inputs, Streamed):
        contents = enumerate(inputs.batches(np.arange(len(inputs))[:, None]))
    elif isinstance(inputs, np.ndarray):
        contents = ((row, inputs[row]) for row in _alike(inputs).tolist())
    for row, content in contents:
        groups[content_of(content)].append(row)
    return [rows for rows in groups.values() if len(rows) > 1]


def _alike(inputs: np.ndarray) -> np.ndarray:
    """Returns the rows of [N, ...] that may be equal to another one, by a sum of their words times random numbers."""
    flat = np.ascontiguousarray(inputs).reshape(len(inputs), -1)
    if not flat.size:
        return np.arange(len(flat))
    words = flat.view(np.uint32 if flat.shape[1] * flat.itemsize % 4 == 0 else np.uint8)
    factors = np.random.default_rng(0).integers(0, 2**64, words.shape[1], np.uint64)
    size = max(BLOCK // words.shape[1], 1)
    sums = [(words[start : start + size] * factors).sum(axis=1) for start in range(0, len(words), size)]
    _, place, times = np.unique(np.concatenate(sums), return_inverse=True, return_counts=True)
    return np.flatnonzero(times[place] > 1)


def content_of(row: Any) -> Any:
    """Returns what two rows with equal inputs have in common: of an array its digest, of others themselves."""
    if not isinstance(row, np.ndarray):
        return row
    return hashlib.blake2b(np.ascontiguousarray(row).data, digest_size=16).digest()


def assembled(
    rows: Rows,
    roles: Roles,
    class_names: Sequence[str],
    name: str,
    fields: Sequence[Field] = (),
) -> Own:
    """Returns what was read, none of its rows being bad.

    Args:
        rows: with decoded inputs.
        roles: of the columns.
        class_names: names in the order of the file, () where it has none.
        name: of the data, for the source and messages.
        fields: of a table, how the cells in its inputs are coded.

    Raises:
        InputError: there is no row, or only rows that are trusted.
    """
    train, test, notes = rows, None, list(rows.notes)
    if rows.test.any():
        train, test = taken(rows, np.flatnonzero(~rows.test)), taken(rows, np.flatnonzero(rows.test))
        notes = [*notes, f"{len(test.ids):,} rows are held out for measuring, by column {roles.split!r}."]
    if train.trusted.all():
        raise InputError(f"All {len(train.ids):,} rows of {name} are trusted; some must be left to look for errors in.")
    encoders: tuple[Encoder, ...] = ()
    if roles.kind == "table":
        encoders, done = fitted(train.inputs, fields)
        notes = [*notes, *done]
        train = train._replace(inputs=encode(train.inputs, encoders))
        test = None if test is None else test._replace(inputs=encode(test.inputs, encoders))
    names = class_order(train.labels, class_names)
    number = {name: position for position, name in enumerate(names)}
    given = np.array([number.get(label, -1) for label in train.given], np.int32)  # [N]
    if train.trusted.any():
        replaced = int(np.sum((given >= 0) & (given != [number[label] for label in train.labels])))
        notes = [*notes, _trusted_note(train, replaced)]
    label_of = dict(zip(rows.ids, rows.labels, strict=True))
    groups = [tuple(identity for identity in group if identity in label_of) for group in rows.twins]
    groups = [group for group in groups if len(group) > 1]
    if groups:
        count, differ = sum(map(len, groups)), sum(len({label_of[one] for one in group}) > 1 for group in groups)
        members = f"{', '.join(groups[0][:3])}{', ...' if len(groups[0]) > 3 else ''}"
        what = f"{count:,} rows have the same inputs{' and different labels' if differ else ''}: {members}."
        if len(groups) > 1:
            what = f"{count:,} rows are in {len(groups):,} groups with the same inputs; labels differ in {differ:,} of "
            what += f"them. One is {members}."
        notes = [*notes, what]
    if rows.skipped:
        notes = [*notes, f"Rows left out: {len(rows.skipped):,}, the first: {rows.skipped[0].reason}"]
    return Own(
        source=_source(train, names, number, name),
        kind=str(roles.kind),
        class_names=names,
        given=given,
        columns=roles.inputs if roles.kind == "table" else (),
        texts=_texts(train),
        test=None if test is None else _source(test, names, number, name),
        test_texts=None if test is None else _texts(test),
        skipped=list(rows.skipped),
        duplicates=groups,
        notes=notes,
        encoders=encoders,
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
    found = f"{int(rows.trusted.sum()):,} of {len(rows.ids):,} rows are trusted{changed}."
    classes = {label for label, is_trusted in zip(rows.labels, rows.trusted, strict=True) if is_trusted}
    if len(classes) == 1 and len(set(rows.labels)) > 1 and rows.trusted.sum() > 1:
        found += f" All are of class {classes.pop()!r}, so they tell nothing of the others; draw them at random."
    return found
