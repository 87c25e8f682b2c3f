"""Which rows are trusted: a column of the data, or a second file, its rows found among those of the first or added."""

import functools
import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from meta_noise.data.own.assembly import content_of
from meta_noise.data.own.columns import Roles, find_roles
from meta_noise.data.own.forms import Field
from meta_noise.data.own.labels import nearest
from meta_noise.data.own.names import LABEL, TRUE_LABEL, Asked, first_of, known_column, listed, plain
from meta_noise.data.own.opening import open_table
from meta_noise.data.own.parsing import Inputs, Rows, noted, parse_rows, read_inputs
from meta_noise.data.own.spellings import ABSTAINS, LabelRules, same_as
from meta_noise.data.own.table import Table
from meta_noise.errors import DataNotFoundError, InputError
from meta_noise.visible import counted


def trusted_form(trusted: Any, table: Table) -> tuple[str | None, Any]:
    """Returns the name of a trusted column ("" for none, None to guess) and the second file or frame, or None."""
    if trusted is None or (isinstance(trusted, str) and (not trusted or trusted in table.columns)):
        return trusted, None
    if isinstance(trusted, str) and not Path(trusted).exists():
        if not Path(trusted).suffix:
            known_column(table, trusted)
        raise DataNotFoundError(
            f"trusted={trusted!r} is neither a column of {table.where} ({', '.join(table.columns)}) nor a file."
        )
    return None, os.fspath(trusted) if isinstance(trusted, os.PathLike) else trusted


def trusted_table(data: Any, table: Table) -> Table:
    """Returns the rows of a trusted file or frame; image paths begin in its own folder or else in that of `table`."""
    extra = open_table(data)
    return extra._replace(folders=(*extra.folders, *table.folders))


def with_trusted_rows(
    rows: Rows,
    table: Table,
    roles: Roles,
    extra: Table,
    rules: LabelRules,
    fields: tuple[Field, ...] = (),
    wrong: Callable[[str], str] | None = None,
) -> Rows:
    """Returns the rows with those of a trusted table joined, what is wrong with any kept as bad.

    Its columns are those of the first file where it has them; of several columns of labels, one named as true counts.
    Labels are read by the same `rules`, and are those of the first file however they are spelt; where others may be,
    `wrong` says what is wrong with one, "" if nothing is.
    """
    labels = (*TRUE_LABEL, plain(roles.label), *LABEL)
    if first_of(extra.columns, labels) is None:
        raise InputError(
            f"{extra.where} has no column of trusted labels; its columns: {listed(extra)}. Call the one that holds the "
            f"right labels {roles.label!r}, as in {table.where}, or {TRUE_LABEL[0]!r}."
        )
    extra_roles, _ = find_roles(extra, _asked(extra, roles), labels)
    if extra_roles.kind != roles.kind or (roles.kind == "table" and extra_roles.inputs != roles.inputs):
        extra_roles = extra_roles._replace(kind=None, inputs=())
    inputs = read_inputs(extra, extra_roles, fields)
    parsed = parse_rows(extra, extra_roles, Inputs(inputs.values, {}, inputs.names), "trusted", rules)
    if wrong is None:
        classes = _classes(rows)
        parsed = _named_once(_as_classes(parsed, classes, rules))
        wrong = functools.partial(_wrong_label, classes=classes, where=table.where)
    together, found, added = joined(rows, parsed, inputs.bad, extra_roles.id is not None, table.where, wrong)
    done = (
        f"Trusted labels are in column {extra_roles.label!r} of {extra.where}: {counted(found, 'row')} of "
        f"{table.where} found, {counted(added, 'row')} added."
    )
    return noted(together, done, *parsed.notes)


def _classes(rows: Rows) -> list[str]:
    return sorted({label for row, label in enumerate(rows.labels) if row not in rows.let_go})


def _as_classes(extra: Rows, classes: list[str], rules: LabelRules) -> Rows:
    """Returns trusted rows with their labels spelt as the classes are; -1 that is no class says that there is none."""
    usual = {} if rules.keep_spellings else {same_as(label): label for label in classes}
    labels = [label if label in classes else usual.get(same_as(label), label) for label in extra.labels]
    if ABSTAINS in classes or rules.keep_missing_words:
        return extra._replace(labels=labels)
    none = {row: f"label {ABSTAINS} says that there is none" for row, label in enumerate(labels) if label == ABSTAINS}
    return extra._replace(labels=labels, let_go={**extra.let_go, **none})


def _named_once(extra: Rows) -> Rows:
    """Returns trusted rows without those that say again what a row of the same id says; two that contradict each other
    are told."""
    first: dict[str, int] = {}
    bad, let_go = dict(extra.bad), dict(extra.let_go)
    for row, (identity, label) in enumerate(zip(extra.ids, extra.labels, strict=True)):
        if (before := first.setdefault(identity, row)) == row or row in let_go or before in let_go:
            continue
        if label == extra.labels[before]:
            bad.pop(row, None)
            let_go[row] = f"id {identity!r} stands there before, with the same label"
        else:
            for one, other in ((before, row), (row, before)):  # nobody knows which of them is right
                bad[one] = (
                    f"trusted label {extra.labels[one]!r:.60} contradicts {extra.labels[other]!r:.60}, which "
                    f"{extra.places[other]}, gives; a trusted row has the one label that is right, so correct or "
                    "delete one of the two"
                )
    return extra._replace(bad=bad, let_go=let_go)


def _asked(extra: Table, roles: Roles) -> Asked:
    """Returns the roles of the first file where the trusted file has such columns, and no inputs of another kind."""
    has_all = bool(roles.inputs) and all(name in extra.columns for name in roles.inputs)
    identity = roles.id if roles.id in extra.columns else None
    asked = Asked(image="", text="", features="", id=identity, trusted="", split="")
    if roles.kind == "table":
        return asked._replace(features=roles.inputs if has_all else None)
    field = {"images": "image", "texts": "text", "features": "features"}[str(roles.kind)]
    return asked._replace(**{field: roles.inputs[0] if has_all else None})


def joined(
    rows: Rows, extra: Rows, no_input: Mapping[int, str], has_ids: bool, where: str, wrong_label: Callable[[str], str]
) -> tuple[Rows, int, int]:
    """Returns the rows with those of a trusted file, how many of these were found, and how many added.

    A trusted row is one of `rows` where its id is the same, or else its image file, or else its text, or else the
    numbers and words of its columns, where those are of one row alone; that row's label becomes the trusted one. Any
    other is a new row, if it has an input. What is wrong with a trusted row is kept as a bad row at the end.

    Args:
        rows: the data, none of them bad; those that are let go stay if a trusted label is found for them.
        extra: the trusted file; `inputs` is None where it holds none.
        no_input: rows of `extra` whose input cannot be used, which only matters in new rows.
        has_ids: whether the ids of `extra` are the user's.
        where: the name of the first file, for messages.
        wrong_label: says what is wrong with a trusted label, "" if nothing is.

    Raises:
        InputError: inputs of the two are of different shapes, or there is neither id nor input.
    """
    if extra.inputs is None and not has_ids:
        raise InputError(
            f"{extra.places[0].split(', ')[0]} has nothing to find its rows in {where} by; give it a column id, or the "
            "columns that the data are learned from."
        )
    _check_shapes(rows.inputs, extra.inputs, where)
    keys = [_index(rows.ids)] if has_ids else []
    keys_of_extra: list[list[Any]] = [list(extra.ids)] if has_ids else []
    if isinstance(rows.inputs, list) and extra.inputs is not None:
        keys.append(_index([_key(value) for value in rows.inputs]))
        keys_of_extra.append([_key(value) for value in extra.inputs])
    elif extra.inputs is not None:
        contents = list(map(content_of, extra.inputs))
        keys.append(_only(rows.inputs, set(contents)))
        keys_of_extra.append(contents)
    labels, trusted, new = list(rows.labels), rows.trusted.copy(), []
    bad: dict[int, str] = {}
    used: dict[int, int] = {}
    for row, label in enumerate(extra.labels):
        if row in extra.let_go:
            continue
        found = next((index[of[row]] for index, of in zip(keys, keys_of_extra, strict=True) if of[row] in index), [])
        wrong = extra.bad.get(row) or wrong_label(label) or _wrong_place(row, found, rows, extra, used)
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
    let_go = {row: why for row, why in rows.let_go.items() if row not in used}
    rows = rows._replace(labels=labels, trusted=trusted, let_go=let_go)
    return _together(rows, extra, new, bad), len(used), len(new)


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
    """Returns rows, then new rows, then bad ones and those that are let go."""
    out = {**bad, **extra.let_go}
    more = new + sorted(out)
    known = set(rows.ids)
    ids = []
    for row in more:
        identity = extra.ids[row]
        while identity in known and row not in out:
            identity = f"trusted/{identity}"
        known.add(identity)
        ids.append(identity)
    inputs = rows.inputs
    if isinstance(inputs, list):
        inputs = inputs + [None if extra.inputs is None else extra.inputs[row] for row in more]
    elif more:
        blank = np.zeros((len(more), *inputs.shape[1:]), inputs.dtype)
        inputs = np.concatenate([inputs, blank if extra.inputs is None else extra.inputs[more]])
    after = list(enumerate(sorted(out), len(rows.ids) + len(new)))  # where those come that are left out
    return rows._replace(
        inputs=inputs,
        ids=rows.ids + ids,
        labels=rows.labels + [extra.labels[row] for row in more],
        given=rows.given + [""] * len(more),
        trusted=np.concatenate([rows.trusted, np.ones(len(more), bool)]),
        test=np.concatenate([rows.test, np.zeros(len(more), bool)]),
        numbers=rows.numbers + [extra.numbers[row] for row in more],
        places=rows.places + [extra.places[row] for row in more],
        bad={place: bad[row] for place, row in after if row in bad},
        let_go={**rows.let_go, **{place: out[row] for place, row in after if row in extra.let_go}},
    )


def _index(keys: list[Any]) -> dict[Any, list[int]]:
    """Returns key -> rows, without rows that have none."""
    index = defaultdict(list)
    for row, key in enumerate(keys):
        if key is not None:
            index[key].append(row)
    return dict(index)


def _only(inputs: np.ndarray, wanted: set[Any]) -> dict[Any, list[int]]:
    """Returns content -> row of those that are wanted and of one row alone."""
    index = _index([content if content in wanted else None for content in map(content_of, inputs)])
    return {content: found for content, found in index.items() if len(found) == 1}


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
