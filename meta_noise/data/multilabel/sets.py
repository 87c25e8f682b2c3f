"""From a table with several labels in a row to one with a set of labels in a cell."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from meta_noise.data.multilabel.form import EMPTY, SIGNS, Form, Kind, parts_of, usual_blanks, written_set
from meta_noise.data.own.labels import class_order, nearest
from meta_noise.data.own.names import LABEL, TRUE_LABEL, first_of, flag_of, known_column, listed, plain
from meta_noise.data.own.no_classes import listed_labels
from meta_noise.data.own.spellings import MISSING, LabelRules, spelling_note, usual_spellings
from meta_noise.data.own.table import Table, as_column, cells, written
from meta_noise.errors import InputError

MADE = "labels"  # the column of sets that is made of several columns
MOST = 1_000  # classes


class Sets(NamedTuple):
    """A table whose column `label` holds a set of labels in each row, as text.

    Attributes:
        table: N rows, those whose labels cannot be read among the bad ones.
        label: the column.
        form: how labels are written in the data.
        opened: the rows as they came.
        labels: N lists of classes in the order of the cell; None of a row that nobody labelled, or that is bad.
        notes: sentences on what was guessed and done.
    """

    table: Table
    label: str
    form: Form
    opened: Table
    labels: list[list[str] | None]
    notes: tuple[str, ...] = ()


def named_columns(table: Table, label: Any) -> list[str]:
    """Returns the columns that `label` names, one for each class: a list, or a text with commas; [] for others.

    Raises:
        InputError: one of them is missing, or named twice.
    """
    names: list[str] = []
    if isinstance(label, str) and "," in label and label not in table.columns:
        names = [name.strip() for name in label.split(",")]
    elif isinstance(label, list | tuple) and len(label) > 1 and all(isinstance(name, str) for name in label):
        names = list(label)
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise InputError(f"The column {double!r} is named twice; name each column of yes and no once.")
    return [known_column(table, name) for name in names]


def with_sets(table: Table, label: str | Sequence[str] | None, sign: str, rules: LabelRules) -> Sets:
    """Returns the table with sets of labels.

    Args:
        table: as it was opened.
        label: the column of labels, those of classes (a list, or a text with commas), or None for a usual name.
        sign: that stands between labels, "" to guess.
        rules: how labels are spelt.

    Raises:
        InputError: there are no such columns, or no several labels in them.
    """
    if names := named_columns(table, label):
        return _of_columns(table, names)
    name = known_column(table, label) if isinstance(label, str) else first_of(table.columns, LABEL)
    if name is None:
        raise InputError(
            f"{table.where} has no column of labels by a usual name. Its columns: {listed(table)}. Name the one with "
            "several labels, or one for each class with commas between, by label=... (--label)."
        )
    return _of_cells(table, name, sign, rules)


def trusted_sets(extra: Table, form: Form, rules: LabelRules) -> Sets:
    """Returns a table of trusted rows with sets of the same classes; a label that is none of them makes a bad row."""
    if form.kind == "columns":
        missing = [name for name in form.columns if name not in extra.columns]
        if missing:
            raise InputError(
                f"{extra.where} lacks the column {missing[0]!r}; trusted rows have a column for each class, as the "
                f"data have ({', '.join(form.columns)[:200]})."
            )
        return _of_columns(extra, form.columns)
    name = first_of(extra.columns, (*TRUE_LABEL, plain(form.columns[0]), *LABEL))
    if name is None:
        raise InputError(f"{extra.where} has no column {form.columns[0]!r} of labels. Its columns: {listed(extra)}.")
    return _of_cells(extra, name, form.sign.strip(), rules, form)


def _of_columns(table: Table, names: Sequence[str]) -> Sets:
    """Returns the sets of a column of yes and no for each class; an empty cell is no where the column has no word for
    it."""
    bad = dict(table.bad)
    sets: list[list[str]] = [[] for _ in range(table.size)]
    counts: dict[bool, Counter[Any]] = {True: Counter(), False: Counter()}
    for name in names:
        column = cells(table.columns[name])
        texts = [written(cell) for cell in column]
        has_no = any(text and flag_of(text) is False for text in texts)
        for row, (cell, text) in enumerate(zip(column, texts, strict=True)):
            flag = flag_of(text) if text or not has_no else None
            if row in table.bad:
                continue
            if flag is None:
                bad[row] = f"column {name!r} holds {f'{text!r:.60}' if text else 'nothing'}; write 1 or 0, yes or no"
                continue
            counts[flag][cell] += 1
            if flag:
                sets[row].append(name)
    usual = {word: counts[flag].most_common(1)[0][0] for word, flag in (("yes", True), ("no", False)) if counts[flag]}
    form = Form("columns", tuple(names), tuple(names), cells={"yes": 1, "no": 0} | usual)
    made = MADE
    while made in table.columns:
        made = f"meta_noise_{made}"
    rest = {name: values for name, values in table.columns.items() if name not in names}
    found = [None if row in bad else labels for row, labels in enumerate(sets)]
    column = as_column([None if labels is None else written_set(labels) for labels in found])
    note = f"Each of the {len(names):,} columns of labels is a class of its own, to which a row may belong or not."
    return Sets(table._replace(columns={**rest, made: column}, bad=bad), made, form, table, found, (note,))


def _of_cells(table: Table, name: str, sign: str, rules: LabelRules, known: Form | None = None) -> Sets:
    """Returns the sets of a column of labels; `known` is the form of the data that trusted rows belong to."""
    column = [_named(cell, table.class_names.get(name)) for cell in cells(table.columns[name])]
    kind = known.kind if known else _kind(column)
    if kind == "sign" and not sign:
        sign = known.sign.strip() if known else _sign(column, name, table.where)
    elif kind == "sign" and not known and not any(sign in written(cell) for cell in column if cell is not None):
        raise InputError(
            f"No cell of column {name!r} of {table.where} holds {sign!r} between labels; give the sign there."
        )
    found = [_parts(cell, sign if kind == "sign" else "", table.typed, rules) for cell in column]
    counts = Counter(written(part) for parts in found for part in parts or ())
    usual = {} if rules.keep_spellings else usual_spellings(counts)
    names = known.names if known else class_order(usual.get(text, text) for text in counts)
    bad, sets = dict(table.bad), list[list[str] | None]()
    same = {text.casefold(): text for text in names}
    for row, parts in enumerate(found):
        labels = [usual.get(text, text) for text in map(written, parts or ())]
        if known and not rules.keep_spellings:
            labels = [text if text in names else same.get(text.casefold(), text) for text in labels]
        if wrong := next((text for text in labels if text not in names), None):
            near = nearest(wrong, names).strip(" ?")
            bad.setdefault(row, f"label {wrong!r:.60} is no class of the data{f'. {near}? Correct it' if near else ''}")
        sets.append(None if parts is None or row in bad else list(dict.fromkeys(labels)))
    if len(names) > MOST:
        raise InputError(
            f"Column {name!r} of {table.where} holds {len(names):,} different labels; at most {MOST:,} are judged. Is "
            f"another sign between labels than {sign!r}?"
        )
    values = {usual.get(written(part), written(part)): part for parts in found for part in parts or ()}
    if numbers := table.class_names.get(name):
        values = {text: place for place, text in enumerate(numbers)}
    words = Counter(written(cell) for cell, parts in zip(column, found, strict=True) if parts == [])
    nothing = words.most_common(1)[0][0] if words and kind == "sign" else ""
    form = Form(kind, (name,), names, usual_blanks(column, sign) if sign else "", values, nothing)
    notes = [_said(name, form, sum(words.values())), *spelling_note(name, counts, usual)]
    made = as_column([None if labels is None else written_set(labels) for labels in sets])
    changed = table._replace(columns={**table.columns, name: made}, bad=bad, class_names={})
    return Sets(changed, name, form, table, sets, tuple(notes))


def _parts(cell: Any, sign: str, is_typed: bool, rules: LabelRules) -> list[Any] | None:
    """Returns the entries of a cell, None where nobody labelled the row: an empty cell of a text file says no class."""
    if not rules.keep_missing_words and isinstance(cell, str) and cell.strip().lower() in MISSING.difference(EMPTY):
        return None
    return [] if cell is None and not is_typed else parts_of(cell, sign)


def _kind(column: Sequence[Any]) -> Kind:
    """Returns how labels are written in cells: as lists, as texts of them where most are such, or with a sign."""
    there = [cell for cell in column if cell is not None and written(cell)]
    lists = [cell for cell in there if listed_labels(cell) is not None]
    if not lists or 2 * len(lists) < len(there):
        return "sign"
    if not isinstance(lists[0], str):
        return "list"
    try:
        for cell in lists:
            json.loads(cell)
    except ValueError:
        return "python text"
    return "json text"


def _sign(column: Sequence[Any], name: str, where: str) -> str:
    """Returns the sign between labels whose parts are most often labels of other rows, too.

    Of those that part nearly as many cells, at least half, it is the one with the fewest labels: "food & drink|travel"
    has two with "|" between them.
    """
    texts = [written(cell) for cell in column if cell is not None]
    found = []  # (cells with several labels, labels, sign)
    for sign in SIGNS:
        parts = [[part.strip() for part in text.split(sign)] for text in texts]
        counts = Counter(part for one in parts for part in set(one))
        several = sum(len(one) > 1 and all(counts[part] > 1 and part for part in one) for one in parts)
        found.append((several, len(counts), sign))
    most = max(several for several, *_ in found)
    if not most:
        raise InputError(
            f'No cell of column {name!r} of {where} holds several labels, such as A|B, A;B or ["A", "B"]. For '
            "one label a row leave --multilabel out; for a column of yes and no for each class name all of them, with "
            "commas between, by label=... (--label)."
        )
    return min((one for one in found if 2 * one[0] >= most), key=lambda one: (one[1], -one[0]))[2]


def _named(cell: Any, names: Sequence[str] | None) -> Any:
    """Returns a cell with names of classes in place of numbers, where the file has such."""
    entries = listed_labels(cell) if names else None
    if entries is None or names is None:
        return cell
    return [names[one] if isinstance(one, int) and 0 <= one < len(names) else one for one in entries]


def _said(name: str, form: Form, empty: int) -> str:
    how = {"sign": f"with {form.sign!r} between them", "list": "as lists"}.get(form.kind, "as texts of lists")
    none = f" {empty:,} rows have none." if empty else ""
    return (
        f"Column {name!r} holds several labels a row, {how}; each of {len(form.names):,} is a class of its own.{none}"
    )
