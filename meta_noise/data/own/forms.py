"""What the cells of a table are, numbers, dates or categories, and their values."""

import datetime
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from meta_noise.data.own.names import SAMPLE
from meta_noise.data.own.numbers import column_numbers, is_gap, is_number, looks_numeric
from meta_noise.data.own.table import Column, Table, cells, check_size, is_text, written
from meta_noise.errors import InputError

NUMBER, COMMA, THOUSANDS = "number", "decimal comma", "thousands comma"
DATE, DAY_FIRST, MONTH_FIRST = "date", "date, day first", "date, month first"
CATEGORY = "category"
NUMBERS, DATES = (NUMBER, COMMA, THOUSANDS), (DATE, DAY_FIRST, MONTH_FIRST)
_LARGEST = float(np.finfo(np.float32).max)
_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_DAY = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[ T](.*))?")
SLIPS = 0.02  # of the cells of a column may be wrong by chance
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class Field(NamedTuple):
    """A column of inputs.

    Attributes:
        name: of the column.
        form: one of `NUMBERS`, `DATES`, or `CATEGORY`.
        values: of a category, the most frequent first; a cell is coded by its place in them.
    """

    name: str
    form: str
    values: tuple[str, ...] = ()


def form_of(column: Column) -> str | None:
    """Returns the form of a column by its first cells, None where they are none of these."""
    column = column[:SAMPLE]
    if looks_numeric(column):
        return NUMBER
    if not isinstance(column, list) and (pa.types.is_timestamp(column.type) or pa.types.is_date(column.type)):
        return DATE if column.null_count < len(column) else None
    if not isinstance(column, list) and not is_text(column):
        return None
    found = [value for value in cells(column) if not is_gap(value)]
    if not found or any(isinstance(value, list | tuple | dict | bytes | set) for value in found):
        return None
    texts = [written(value) for value in found]
    return _number_form(texts) or _date_form(texts) or CATEGORY


def fields_of_table(table: Table, names: Sequence[str]) -> tuple[Field, ...]:
    """Returns the fields of columns that are inputs.

    Raises:
        InputError: one holds neither numbers nor dates nor categories.
    """
    fields = []
    for name, form in _alike(table, {name: form_of(table.columns[name]) for name in names}).items():
        column = table.columns[name]
        if form is None:
            held = "cells of several types" if isinstance(column, list) else f"cells of type {column.type}"
            raise InputError(
                f"Column {name!r} of {table.where} holds {held} or nothing; inputs are numbers, dates, yes and no, or "
                "words. Leave the column out."
            )
        values: tuple[str, ...] = ()
        if form == CATEGORY:
            counts = Counter(written(value) for value in cells(column) if not is_gap(value))
            values = tuple(sorted(counts, key=lambda value: (-counts[value], value)))
        fields.append(Field(name, form, values))
    return tuple(fields)


def is_constant(column: Column) -> bool:
    """Returns whether a column of categories holds one value, without gaps."""
    return len({None if is_gap(value) else written(value) for value in cells(column)}) < 2


def names_rows(column: Column) -> bool:
    """Returns whether a column of categories holds another value in most rows, as names, ids and short texts do."""
    found = [written(value) for value in cells(column) if not is_gap(value)]
    return 2 * len(set(found)) > len(found)


def raw(table: Table, fields: Sequence[Field]) -> tuple[np.ndarray, dict[int, str]]:
    """Returns the cells as [N, D] float64, and what is wrong with rows that cannot be used.

    A gap is NaN; a date days since 1970; a category its code, and `len(values)` for an unknown value.
    """
    size = table.size * len(fields) * 8
    check_size(size, f"{table.size:,} rows of {len(fields)} cells", "Give fewer rows or columns")
    matrix = np.zeros((table.size, len(fields)))
    bad: dict[int, str] = {}
    for position, (name, form, values) in enumerate(fields):
        column = table.columns[name]
        what, wrong = "number", dict[int, object]()
        if form == CATEGORY:
            matrix[:, position] = _codes(column, values)
        elif form in DATES:
            what = "date"
            matrix[:, position], wrong = _days(column, form)
        else:
            matrix[:, position], wrong = column_numbers(_pointed(column, form))
        for row, cell in wrong.items():
            bad.setdefault(row, f"column {name!r} holds {cell!r:.60}, which is no {what}; repair it")
        for row in np.flatnonzero(np.abs(matrix[:, position]) > _LARGEST).tolist():
            bad.setdefault(row, f"column {name!r} holds a number too large for 32 bits; repair it")
    for row in np.flatnonzero(np.isnan(matrix).all(axis=1)).tolist() if fields else []:
        bad.setdefault(row, "it has no value in any column")
    matrix[sorted(bad)] = 0
    return matrix, bad


def _codes(column: Column, values: Sequence[str]) -> np.ndarray:
    code = {value: place for place, value in enumerate(values)}
    found = [np.nan if is_gap(cell) else code.get(written(cell), len(values)) for cell in cells(column)]
    return np.array(found, np.float64)


def _number_form(texts: list[str]) -> str | None:
    """Returns how commas are meant in numbers; where both are possible, they stand between thousands.

    Where most cells may be either, as 6,101 is, those that can be one thing alone tell, unless they are as rare as
    slips of the pen.
    """
    with_comma = [text for text in texts if "," in text]
    rest = [text for text in texts if "," not in text]
    if not with_comma or sum(is_number(text) for text in rest) < 0.9 * len(rest):
        return None
    decimal, grouped = _only(with_comma, _COMMA, _THOUSANDS), _only(with_comma, _THOUSANDS, _COMMA)
    forms = [(THOUSANDS, _THOUSANDS), (COMMA, _COMMA)]
    if decimal > max(grouped, SLIPS * len(with_comma)):
        forms.reverse()
    for form, pattern in forms:
        if sum(pattern.fullmatch(text) is not None for text in with_comma) >= 0.9 * len(with_comma):
            return form
    return None


def _only(texts: Sequence[str], pattern: re.Pattern[str], other: re.Pattern[str]) -> int:
    """Returns how many texts have one form and cannot have the other."""
    return sum(pattern.fullmatch(text) is not None and other.fullmatch(text) is None for text in texts)


def _alike(table: Table, forms: dict[str, str | None]) -> dict[str, str | None]:
    """Returns the forms; commas that may be either are those of a decimal number where other columns have such and none
    has thousands for sure."""
    unsure = [name for name, form in forms.items() if form == THOUSANDS]
    if COMMA not in forms.values():
        return forms
    for name in unsure:
        texts = [written(value) for value in cells(table.columns[name][:SAMPLE]) if not is_gap(value)]
        if _only(texts, _THOUSANDS, _COMMA):
            return forms
    return forms | dict.fromkeys(unsure, COMMA)


def _pointed(column: Column, form: str) -> Column:
    """Returns a column with numbers written with a point and no signs between thousands."""
    if form == NUMBER or isinstance(column, list) or not is_text(column):
        return column
    if form == THOUSANDS:  # 1,5 stays as it is, which is no number
        is_grouped = pc.match_substring_regex(column, rf"^\s*{_THOUSANDS.pattern}\s*$")
        return pc.if_else(is_grouped, pc.replace_substring(column, ",", ""), column)
    has_comma = pc.match_substring(column, ",")
    changed = pc.replace_substring(pc.replace_substring(column, ".", ""), ",", ".")
    return pc.if_else(has_comma, changed, column)


def _date_form(texts: list[str]) -> str | None:
    enough = 0.9 * len(texts)
    if sum(_iso(text) is not None for text in texts) >= enough:
        return DATE
    matches = [match for text in texts if (match := _DAY.fullmatch(text))]
    if len(matches) < enough:
        return None
    sign = Counter(match[2] for match in matches).most_common(1)[0][0]
    late = [sum(int(match[place]) > 12 for match in matches) for place in (1, 3)]
    if late[0] == late[1]:
        return MONTH_FIRST if sign == "/" else DAY_FIRST
    return DAY_FIRST if late[0] > late[1] else MONTH_FIRST


def _iso(text: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(text) if text[4:5] == "-" else None
    except ValueError:
        return None


def _moment(text: str, form: str) -> datetime.datetime | None:
    """Returns what a cell says in this form, None where it says none."""
    if form == DATE:
        return _iso(text)
    if not (match := _DAY.fullmatch(text)):
        return _iso(text)
    day, month = (match[1], match[3]) if form == DAY_FIRST else (match[3], match[1])
    return _iso(f"{match[4]}-{month:0>2}-{day:0>2}" + (f" {match[5]:0>5}" if match[5] else ""))


def _days(column: Column, form: str) -> tuple[np.ndarray, dict[int, object]]:
    """Returns [N] days since 1970 in float64, NaN for gaps, and the cells that are no dates."""
    if not isinstance(column, list) and not is_text(column):
        moments = column.cast(pa.timestamp("us", getattr(column.type, "tz", None)), safe=False).cast(pa.int64())
        return np.array(moments.cast(pa.float64(), safe=False).to_numpy(), np.float64) / 86_400e6, {}
    days = np.full(len(column), np.nan)
    wrong: dict[int, object] = {}
    for row, cell in enumerate(cells(column)):
        if is_gap(cell):
            continue
        moment = _moment(written(cell), form)
        if moment is None:
            wrong[row] = cell
        else:
            moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
            days[row] = (moment - _EPOCH) / datetime.timedelta(days=1)
    return days, wrong
