"""Columns of labels that hold no classes: dates, ids, numbers to predict, several labels in one cell."""

import json
import re
from ast import literal_eval
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from meta_noise.errors import InputError

_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ]\d{1,2}:\d{2}.*)?|\d{1,2}([-/.])\d{1,2}\2\d{2,4}( \d{1,2}:\d{2}.*)?"
)
_BETWEEN = ("|", ";", ",", "/", "+", "&")  # signs that stand between several labels
FEW = 0.05  # share of rows up to which those with several labels are left out
MANY_NUMBERS = 20  # different fractions from which they are no classes
FEWEST = 4  # rows from which a column can be told to be none of labels
_RARE = ("|", ";")  # those of them that hardly stand in the name of one class
_ANOTHER = "Name another column by label=... (--label)"


class SeveralLabelsError(InputError):
    """A column often holds several labels in one cell."""


def is_date(text: str) -> bool:
    """Returns whether a cell is a day, with or without a time, such as 2024-02-29 or 29.2.24."""
    return _DATE.fullmatch(text) is not None


def listed_labels(value: Any) -> list[Any] | None:
    """Returns the entries of a cell that is a list, or a text that looks like one of JSON or Python; None of others."""
    if isinstance(value, str):
        text = value.strip()
        if not (text.startswith("[") and text.endswith("]")):
            return None
        for parse in (json.loads, literal_eval):
            try:
                return list(parse(text))
            except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
                continue
        return None
    if hasattr(value, "tolist") and not isinstance(value, bytes):
        value = value.tolist()
    return list(value) if isinstance(value, list | tuple | set | frozenset) else None


def rows_of_several(labels: Sequence[str], column: str, where: str) -> dict[int, str]:
    """Returns the few rows whose label is several in one, with the reason.

    Args:
        labels: of the rows that have one.
        column, where: names for messages.

    Raises:
        SeveralLabelsError: the column often holds several labels.
        InputError: it holds dates, a different value in each row, or numbers to predict.
    """
    counts = Counter(labels)
    rows = len(labels)
    if rows < FEWEST:
        return {}
    what = f"Column {column!r} of {where} holds"
    if sum(times for label, times in counts.items() if is_date(label)) >= 0.9 * rows:
        raise InputError(
            f"{what} dates, such as {labels[0]!r:.40}, and a classifier needs classes. {_ANOTHER}, or make one that "
            "holds a part of the date, such as the year."
        )
    fractions = sum(times for label, times in counts.items() if _is_fraction(label))
    if 2 * fractions >= rows and (len(counts) > MANY_NUMBERS or 2 * len(counts) > rows):
        raise InputError(
            f"{what} {len(counts):,} different numbers, such as {labels[0]!r:.40}: a quantity to predict (regression), "
            f"and only classes can be learned here. {_ANOTHER}, or make one with ranges such as low, middle and high."
        )
    if len(counts) == rows:
        raise InputError(
            f"{what} another value in each of its {rows:,} rows, such as {labels[0]!r:.40}, as an id or a text does; "
            f"classes must repeat. {_ANOTHER}."
        )
    sign, several = _several(counts)
    share = sum(counts[label] for label in several) / rows
    if share > FEW:
        example = max(several, key=lambda label: (counts[label], label))
        raise SeveralLabelsError(
            f"{what} several labels in one cell in {share:.0%} of the rows, such as {example!r:.60}, and here a row is "
            "of one class. meta_noise.clean_multilabel judges each label by itself, as `meta-noise clean` does with "
            "such data; or keep one label a row."
        )
    why = f"holds several labels in one cell{f', between {sign!r}' if sign else ''}; keep one of them"
    return {row: f"label {label!r:.60} {why}" for row, label in enumerate(labels) if label in several}


def classes_like_several(labels: Sequence[str], column: str) -> list[str]:
    """Returns a sentence on labels that may be several in one but are taken as classes, [] where none is.

    That they are several is sure where all their parts are labels, too (`rows_of_several`). Where one part is and
    others are not, such as `cat|dog` beside `cat`, they may as well be names of kinds below it. Of a sign that often
    stands in names nothing is said.
    """
    counts = Counter(labels)
    for sign in _RARE:
        beside = {label: [part for part in map(str.strip, label.split(sign)) if part in counts] for label in counts}
        found = [label for label, parts in beside.items() if sign in label and parts]
        if found:
            example = max(found, key=lambda label: (counts[label], label))
            rows = sum(counts[label] for label in found)
            return [
                f"Labels in column {column!r} such as {example!r:.60}, {rows:,} rows, are taken as classes of their "
                f"own beside {beside[example][0]!r:.40}. If they are several labels of one row, "
                f"meta_noise.clean_multilabel(..., sign={sign!r}) (--multilabel {sign!r}) judges each by itself."
            ]
    return []


def _is_fraction(label: str) -> bool:
    try:
        return not float(label.replace(",", ".")).is_integer() and label.lower() != "nan"
    except (ValueError, OverflowError):
        return False


def _several(counts: Mapping[str, int]) -> tuple[str, set[str]]:
    """Returns the sign between labels, "" for lists, and the labels that are several: their parts are labels, too."""
    lists = {label for label in counts if label.startswith("[") and len(listed_labels(label) or ()) > 1}
    if lists:
        return "", lists
    for sign in _BETWEEN:
        parts = {label: [part.strip() for part in label.split(sign)] for label in counts if sign in label}
        inside: dict[str, set[str]] = defaultdict(set)
        for label in counts:
            for part in parts.get(label, [label]):
                inside[part].add(label)
        known = {part for part, labels in inside.items() if len(labels) > 1 and part}
        several = {label for label, split in parts.items() if known.issuperset(split)}
        if several:
            return sign, several
    return "", set()
