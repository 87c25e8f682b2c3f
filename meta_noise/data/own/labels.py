"""Labels as they are written, their kinds, and the classes they make."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from meta_noise.data.own.table import Table, cells, written
from meta_noise.errors import InputError

_DECIMAL = re.compile(r"\s*[+-]?[0-9]+(\.[0-9]+)?\s*")
_NUMBER, _WORD, _FLAG = "a number", "a word", "true or false"


def label_texts(table: Table, name: str) -> tuple[list[str], dict[int, str]]:
    """Returns the label of each row as text, and what is wrong with rows that have none or one of another kind.

    Whole numbers are written without a fraction. In a table without types, what looks like a number is one.
    """
    found = cells(table.columns[name])
    if names := table.class_names.get(name):
        return _named(found, names, name)
    known: dict[tuple[type, Any], tuple[str, str]] = {}
    texts, kinds = [], []
    for value in found:
        key = (type(value), value if value.__hash__ else None)  # True, 1 and 1.0 are equal, but not of one type
        if key not in known:
            known[key] = _kind(value, table.typed), _text(value, table.typed)
        kind, text = known[key]
        kinds.append(kind)
        texts.append(text)
    bad = {row: f"column {name!r} holds no label" for row, text in enumerate(texts) if not text}
    counts = Counter(kind for kind, text in zip(kinds, texts, strict=True) if text)
    usual = counts.most_common(1)[0][0] if counts else ""
    example = next((text for kind, text in zip(kinds, texts, strict=True) if kind == usual and text), "")
    for row, (kind, text) in enumerate(zip(kinds, texts, strict=True)):
        if text and kind != usual:
            bad[row] = (
                f"label {text!r:.60} is {kind}, but {counts[usual]:,} labels are {usual}, such as {example!r}; write "
                "all labels in one way"
            )
    return texts, bad


def class_order(labels: Iterable[str], names: Sequence[str] = ()) -> tuple[str, ...]:
    """Returns the different labels: in the order of `names` where given, else numbers by size, else words sorted."""
    different = set(labels)
    if names:
        return tuple(name for name in names if name in different)
    try:
        return tuple(sorted(different, key=lambda text: (float(text), text)))
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


def _named(found: list[Any], names: Sequence[str], column: str) -> tuple[list[str], dict[int, str]]:
    """Returns the names of class numbers, as a file with class names holds them; -1 is no label."""
    texts, bad = [], {}
    for row, value in enumerate(found):
        is_class = isinstance(value, int) and 0 <= value < len(names)
        texts.append(names[value] if is_class else written(value) if isinstance(value, str) else "")
        if not texts[-1]:
            is_missing = value is None or value == -1
            why = "no label" if is_missing else f"{value!r}, but its class names are for 0..{len(names) - 1}"
            bad[row] = f"column {column!r} holds {why}"
    return texts, bad


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
