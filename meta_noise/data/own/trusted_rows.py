"""A second file of rows whose labels are right: found among the rows of the first, or added to them."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from meta_noise.data.own.labels import nearest
from meta_noise.data.own.rows import Rows
from meta_noise.errors import InputError


def joined(rows: Rows, extra: Rows, no_input: Mapping[int, str], has_ids: bool, where: str) -> tuple[Rows, int, int]:
    """Returns the rows with those of a trusted file, how many of these were found, and how many added.

    A trusted row is one of `rows` where its id is the same, or else its image file, or else its text; that row's label
    becomes the trusted one. Any other is a new row, if it has an input. What is wrong with a trusted row is kept as a
    bad row at the end.

    Args:
        rows: the data.
        extra: the trusted file; `inputs` is None where it holds none.
        no_input: rows of `extra` whose input cannot be used, which only matters in new rows.
        has_ids: whether the ids of `extra` are the user's.
        where: the name of the first file, for messages.

    Raises:
        InputError: inputs of the two are of different shapes, or there is neither id nor input.
    """
    if extra.inputs is None and not has_ids:
        raise InputError(
            f"{extra.places[0].split(', ')[0]} has nothing to find its rows in {where} by; give it a column id, or the "
            "column of images or texts."
        )
    _check_shapes(rows.inputs, extra.inputs, where)
    keys = [_index(rows.ids)] if has_ids else []
    keys_of_extra: list[list[Any]] = [list(extra.ids)] if has_ids else []
    if isinstance(rows.inputs, list) and extra.inputs is not None:
        keys.append(_index([_key(value) for value in rows.inputs]))
        keys_of_extra.append([_key(value) for value in extra.inputs])
    classes = sorted({label for row, label in enumerate(rows.labels) if row not in rows.bad})
    labels, trusted, new = list(rows.labels), rows.trusted.copy(), []
    bad: dict[int, str] = {}
    used: dict[int, int] = {}
    for row, label in enumerate(extra.labels):
        found = next((index[of[row]] for index, of in zip(keys, keys_of_extra, strict=True) if of[row] in index), [])
        wrong = extra.bad.get(row) or _wrong_label(label, classes, where) or _wrong_place(row, found, rows, extra, used)
        if not found and not wrong:
            missing = (
                f"id {extra.ids[row]!r} is not in {where} (its ids are such as {rows.ids[0]!r}), and there is no input "
                "to add it as a new row"
            )
            wrong = missing if extra.inputs is None else no_input.get(row, "")
        if wrong:
            bad[row] = wrong
        elif not found:
            new.append(row)
        for place in [] if wrong else found:
            labels[place], trusted[place], used[place] = label, True, row
    return _together(rows._replace(labels=labels, trusted=trusted), extra, new, bad), len(used), len(new)


def _wrong_label(label: str, classes: list[str], where: str) -> str:
    """Returns what is wrong with a trusted label, "" if nothing is."""
    if label in classes:
        return ""
    shown = ", ".join(classes[:10]) + (", ..." if len(classes) > 10 else "")
    return f"trusted label {label!r:.60} is no class of {where}.{nearest(label, classes)} Its classes: {shown}"


def _wrong_place(row: int, found: list[int], rows: Rows, extra: Rows, used: Mapping[int, int]) -> str:
    """Returns what is wrong with the rows that a trusted row was found as, "" if nothing is."""
    if held_out := [place for place in found if rows.test[place]]:
        return f"this trusted row is {rows.places[held_out[0]]}, which is held out for testing; a row can be only one"
    if again := [place for place in found if place in used]:
        return f"{extra.places[used[again[0]]]} is the same row, {rows.places[again[0]]}; name it once"
    return ""


def _together(rows: Rows, extra: Rows, new: list[int], bad: dict[int, str]) -> Rows:
    """Returns rows, then new rows, then bad ones."""
    more = new + sorted(bad)
    known = set(rows.ids)
    ids = []
    for row in more:
        identity = extra.ids[row]
        while identity in known and row not in bad:
            identity = f"trusted/{identity}"
        known.add(identity)
        ids.append(identity)
    inputs = rows.inputs
    if isinstance(inputs, list):
        inputs = inputs + [None if extra.inputs is None else extra.inputs[row] for row in more]
    elif more:
        blank = np.zeros((len(more), *inputs.shape[1:]), inputs.dtype)
        inputs = np.concatenate([inputs, blank if extra.inputs is None else extra.inputs[more]])
    count = len(rows.ids)
    return Rows(
        inputs,
        rows.ids + ids,
        rows.labels + [extra.labels[row] for row in more],
        rows.given + [""] * len(more),
        np.concatenate([rows.trusted, np.ones(len(more), bool)]),
        np.concatenate([rows.test, np.zeros(len(more), bool)]),
        rows.numbers + [extra.numbers[row] for row in more],
        rows.places + [extra.places[row] for row in more],
        rows.bad | {count + len(new) + position: bad[row] for position, row in enumerate(sorted(bad))},
    )


def _index(keys: list[Any]) -> dict[Any, list[int]]:
    """Returns key -> rows, without rows that have none."""
    index = defaultdict(list)
    for row, key in enumerate(keys):
        if key is not None:
            index[key].append(row)
    return dict(index)


def _key(value: Any) -> Any:
    """Returns what a text or an image file is found by; bytes are not looked into."""
    return value.strip() or None if isinstance(value, str) else value if isinstance(value, Path) else None


def _check_shapes(inputs: Any, extra: Any, where: str) -> None:
    if extra is None or (isinstance(inputs, list) and isinstance(extra, list)):
        return
    shapes = [value.shape[1:] if isinstance(value, np.ndarray) else "files" for value in (inputs, extra)]
    if shapes[0] != shapes[1]:
        raise InputError(
            f"Inputs of the trusted file are {shapes[1]}, those of {where} {shapes[0]}; they must be alike, or leave "
            "them out and name rows by id."
        )
