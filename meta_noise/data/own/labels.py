"""Labels as they are written, their kinds, and the classes they make."""

import difflib
import json
import math
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from meta_noise.data.own.no_classes import listed_labels
from meta_noise.data.own.spellings import (
    MISSING,
    LabelRules,
    missing_labels,
    missing_note,
    spelling_note,
    usual_spellings,
)
from meta_noise.data.own.table import Column, Table, cells, written
from meta_noise.errors import InputError

_DECIMAL = re.compile(r"\s*[+-]?[0-9]+(\.[0-9]+)?\s*")
_NUMBER, _WORD, _FLAG = "a number", "a word", "true or false"


class Labels(NamedTuple):
    """The labels of N rows as text.

    Attributes:
        texts: N labels, "" where there is none.
        bad: row -> what is wrong with its label.
        missing: row -> why it has none.
        notes: sentences on what was done.
    """

    texts: list[str]
    bad: dict[int, str]
    missing: dict[int, str]
    notes: tuple[str, ...] = ()


def read_labels(table: Table, name: str, rules: LabelRules) -> Labels:
    """Returns the label of each row as text, spellings of a class made one, and what is wrong with some rows.

    Whole numbers are written without a fraction. In a table without types, what looks like a number is one. A list of
    one label is that label.
    """
    column = table.columns[name]
    if names := table.class_names.get(name):
        return _named(cells(column), names, name, table.bad)
    values, of_row = distinct(column)
    if example := next((value for value in values if isinstance(value, Mapping)), None):
        parts = ", ".join(map(str, example))
        raise InputError(
            f"Column {name!r} of {table.where} holds objects of several parts ({parts:.60}); give one label a row, a "
            "word or a number."
        )
    if table.is_made:  # a folder was given its name on purpose
        rules = rules._replace(keep_missing_words=True)
    is_there = np.ones(table.size, bool)
    is_there[list(table.bad)] = False
    read = [_kind_and_text(value, table.typed) for value in values]
    counts = Counter[str]()
    for (_, text), times in zip(read, np.bincount(of_row[is_there], minlength=len(values)).tolist(), strict=True):
        counts.update({text: times} if times else {})
    missing = missing_labels(counts, rules)
    words = {text: times for text, times in counts.items() if text not in missing}
    usual = {} if rules.keep_spellings else usual_spellings(words)
    texts = [usual.get(text, text) for _, text in read]
    kinds = [
        _NUMBER if not table.typed and _is_number(text) else kind for (kind, _), text in zip(read, texts, strict=True)
    ]
    is_missing = np.array([text in missing for text in texts], bool)[of_row]  # [N]
    has_label = is_there & ~is_missing
    why = {text: f"holds {text!r}, a word for a missing value" if text else "holds no label" for text in missing}
    return Labels(
        np.array([*texts, ""], object)[np.where(has_label, of_row, len(texts))].tolist(),
        _of_other_kind(texts, kinds, of_row, has_label),
        {row: f"column {name!r} {why[texts[of_row[row]]]}" for row in np.flatnonzero(is_there & is_missing).tolist()},
        (*missing_note(name, counts, missing), *spelling_note(name, counts, usual)),
    )


def distinct(column: Column) -> tuple[list[Any], np.ndarray]:
    """Returns the different cells as Python values in the order in which they come, and which one each row has [N].

    True, 1 and 1.0 are equal, not alike. Cells that are lists may be there several times.
    """
    if isinstance(column, pa.ChunkedArray) and not pa.types.is_nested(column.type):
        coded = column.combine_chunks().dictionary_encode()
        values = [*cells(pa.chunked_array([coded.dictionary])), None]
        return values, coded.indices.cast(pa.int64()).fill_null(len(values) - 1).to_numpy()
    known: dict[tuple[type, Any], int] = {}
    values, of_row = list[Any](), []
    for value in cells(column):
        key = (type(value), value if isinstance(value, Hashable) else None)
        if key[1] is None or isinstance(value, tuple) or key not in known:
            known[key] = len(values)
            values.append(value)
        of_row.append(known[key])
    return values, np.array(of_row, np.int64)


def _kind_and_text(value: Any, typed: bool) -> tuple[str, str]:
    entries = listed_labels(value)
    if entries is not None and len(entries) > 1:
        return _WORD, json.dumps(entries, ensure_ascii=False, default=str)
    if entries is not None:
        value = entries[0] if entries else None
    return _kind(value, typed), _text(value, typed)


def _of_other_kind(texts: list[str], kinds: list[str], of_row: np.ndarray, has_label: np.ndarray) -> dict[int, str]:
    """Returns the rows whose label is of another kind than most; words for a missing value that are kept are of all.

    Args:
        texts, kinds: of the different labels.
        of_row: [N] which of them a row has.
        has_label: [N] bool.
    """
    counts, examples = Counter[str](), dict[str, str]()
    times = np.bincount(of_row[has_label], minlength=len(texts)).tolist()
    for text, kind, some in zip(texts, kinds, times, strict=True):
        if some:
            counts[kind] += some
            examples.setdefault(kind, text)
    if len(counts) < 2:
        return {}
    usual = counts.most_common(1)[0][0]
    is_odd = np.array([kind != usual and text.lower() not in MISSING for text, kind in zip(texts, kinds, strict=True)])
    return {
        row: f"label {texts[of_row[row]]!r:.60} is {kinds[of_row[row]]}, but {counts[usual]:,} labels are {usual}, "
        f"such as {examples[usual]!r}; write all labels in one way"
        for row in np.flatnonzero(is_odd[of_row] & has_label).tolist()
    }


def class_order(labels: Iterable[str], names: Sequence[str] = ()) -> tuple[str, ...]:
    """Returns the different labels: in the order of `names` where given, else numbers by size, else words sorted."""
    different = set(labels)
    if names:
        return tuple(name for name in names if name in different)
    try:
        numbers = {text: float(text) for text in different}
        return tuple(sorted(different, key=lambda text: (math.isnan(numbers[text]), numbers[text], text)))
    except ValueError:
        return tuple(sorted(different))


def check_classes(labels: Sequence[str], where: str) -> None:
    """Raises InputError where the labels make no classes: only one, or about as many as rows."""
    different = set(labels)
    if len(different) == 1:
        raise InputError(f"{where} has only one class, {labels[0]!r}; a classifier needs two or more.")
    if len(labels) >= 20 and 2 * len(different) > len(labels):
        raise InputError(
            f"{where} has {len(different):,} different labels in {len(labels):,} rows (such as {labels[0]!r:.60}); "
            "classes must repeat. Is another column the one of labels? Name it by label=... (--label)."
        )


def lone_labels(labels: Sequence[str]) -> dict[int, str]:
    """Returns the rows whose label no other row has, with the reason."""
    counts = Counter(labels)
    bad = {}
    for row, label in enumerate(labels):
        if counts[label] == 1:
            near = nearest(label, [other for other, times in counts.items() if times > 1])
            bad[row] = f"label {label!r:.60} is seen in no other row, and a class needs two or more.{near} Correct it"
    return bad


def nearest(label: str, classes: Iterable[str]) -> str:
    """Returns a question with the most similar class, "" where none is."""
    near = difflib.get_close_matches(label, list(classes), n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""


def _named(found: list[Any], names: Sequence[str], column: str, without: Mapping[int, str]) -> Labels:
    """Returns the names of class numbers, as a file with class names holds them; -1 is no label."""
    texts: list[str] = []
    bad: dict[int, str] = {}
    missing: dict[int, str] = {}
    for row, cell in enumerate(found):
        value = _of_list(cell, names)
        is_class = isinstance(value, int) and 0 <= value < len(names)
        texts.append(names[value] if is_class else written(value) if isinstance(value, str) else "")
        if texts[-1] or row in without:
            continue
        if value is None or value in (-1, ""):
            missing[row] = f"column {column!r} holds no label"
        else:
            bad[row] = f"column {column!r} holds {value!r}, but its class names are for 0..{len(names) - 1}"
    counts = Counter({"": len(missing)})
    return Labels(texts, bad, missing, tuple(missing_note(column, counts, [""] if missing else [])))


def _of_list(value: Any, names: Sequence[str]) -> Any:
    """Returns the class of a list of one, the names of several as text, and what is no list as it is."""
    entries = None if isinstance(value, str) else listed_labels(value)
    if entries is None:
        return value
    if len(entries) < 2:
        return entries[0] if entries else None
    words = [names[one] if isinstance(one, int) and 0 <= one < len(names) else one for one in entries]
    return json.dumps(words, ensure_ascii=False, default=str)


def _kind(value: Any, typed: bool) -> str:
    if isinstance(value, bool):
        return _FLAG
    if isinstance(value, int | float):
        return _NUMBER
    if isinstance(value, str):
        return _NUMBER if not typed and _is_number(value) else _WORD
    return f"of type {type(value).__name__}"


def _text(value: Any, typed: bool) -> str:
    text = written(value)
    return written(float(text)) if not typed and text.endswith((".0", ".00")) and _is_number(text) else text


def _is_number(text: str) -> bool:
    return _DECIMAL.fullmatch(text) is not None
