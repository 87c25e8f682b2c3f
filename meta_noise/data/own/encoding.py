"""Cells of a table as the numbers that a network takes: gaps filled, dates and categories as numbers.

How each column is encoded is a plain value, kept with the network, so that new rows become the same numbers. The values
are found by scikit-learn's transformers, see `fitting.py`.
"""

import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from meta_noise.data.own.forms import CATEGORY, DATES, Field
from meta_noise.data.own.table import check_size


class Encoder(NamedTuple):
    """How one column is encoded.

    Attributes:
        name: of the column.
        form: as in `Field`.
        fill: what stands in place of a gap in numbers and dates, their median in training.
        mean, scale: numbers, dates and shares become (value - mean) / scale.
        has_gaps: an input of its own is 1 where there is a gap.
        values: all known categories; a cell is coded by its place in them.
        apart: codes that have an input of their own, which is 1 there and else 0.
        has_others: an input is 1 for all other categories, known or not; without one, all inputs are 0 for them.
        shares: how frequent each of `values` is, 0 to 1, as one more number; () where that is no input.
    """

    name: str
    form: str
    fill: float = 0.0
    mean: float = 0.0
    scale: float = 1.0
    has_gaps: bool = False
    values: tuple[str, ...] = ()
    apart: tuple[int, ...] = ()
    has_others: bool = False
    shares: tuple[float, ...] = ()


def fields_of(encoders: Sequence[Encoder]) -> tuple[Field, ...]:
    """Returns how cells of new rows are read."""
    return tuple(Field(encoder.name, encoder.form, encoder.values) for encoder in encoders)


def encode(raw: np.ndarray, encoders: Sequence[Encoder]) -> np.ndarray:
    """Returns rows as [N, K] float32: numbers, then flags of gaps in them, then categories, each in order of columns.

    Args:
        raw: [N, D] cells as `forms.raw` gives them.
        encoders: of the D columns.
    """
    numbers, flags, kinds = [], [], []
    for cell, encoder in zip(raw.T, encoders, strict=True):
        is_gap = np.isnan(cell)
        if encoder.form == CATEGORY:
            kinds += _indicators(cell, is_gap, encoder)
            if not encoder.shares:
                continue
            cell = np.array([*encoder.shares, 0.0])[np.where(is_gap, len(encoder.values), cell).astype(int)]
        else:
            cell = np.where(is_gap, encoder.fill, cell)
            flags += [is_gap] if encoder.has_gaps else []
        numbers.append((cell - encoder.mean) / encoder.scale)
    columns = [*numbers, *flags, *kinds]
    check_size(
        4 * len(raw) * len(columns), f"{len(raw):,} rows of {len(columns)} numbers", "Give fewer rows or columns"
    )
    matrix = np.zeros((len(raw), len(columns)), np.float32)
    for place, column in enumerate(columns):
        matrix[:, place] = column
    return matrix


def _indicators(cell: np.ndarray, is_gap: np.ndarray, encoder: Encoder) -> list[np.ndarray]:
    found = [cell == code for code in encoder.apart]
    found += [is_gap] if encoder.has_gaps else []
    return [*found, ~np.logical_or.reduce([np.zeros_like(is_gap), *found])] if encoder.has_others else found


def in_words(encoders: Sequence[Encoder], most: int) -> Callable[[np.ndarray], str]:
    """Returns `inputs [K] -> words`, which says the cells that they stand for: the first `most`, "?" for a gap."""
    numbers = [encoder for encoder in encoders if encoder.form != CATEGORY or encoder.shares]
    flagged = [encoder.name for encoder in encoders if encoder.form != CATEGORY and encoder.has_gaps]
    number_at = {encoder.name: place for place, encoder in enumerate(numbers)}
    flag_at = {name: place for place, name in enumerate(flagged, len(numbers))}
    start, kinds_at = len(numbers) + len(flagged), {}
    for encoder in encoders:
        if encoder.form == CATEGORY:
            kinds_at[encoder.name] = start
            start += len(encoder.apart) + encoder.has_gaps + encoder.has_others

    def cell(inputs: np.ndarray, encoder: Encoder) -> str:
        if encoder.form == CATEGORY:
            names = [*(encoder.values[code] for code in encoder.apart), *["?"] * encoder.has_gaps]
            begin = kinds_at[encoder.name]
            chosen = np.flatnonzero(inputs[begin : begin + len(names)])
            return names[chosen[0]] if len(chosen) else "another"
        if encoder.name in flag_at and inputs[flag_at[encoder.name]]:
            return "?"
        value = float(inputs[number_at[encoder.name]])
        if encoder.scale != 1:  # 32 bits keep about seven digits
            value = round(value * encoder.scale + encoder.mean, 5 - math.floor(math.log10(encoder.scale)))
        if encoder.form in DATES and abs(value) < 700_000:
            return str(datetime.date(1970, 1, 1) + datetime.timedelta(days=round(value)))
        return f"{value:g}"

    more = ", ..." if len(encoders) > most else ""
    shown = encoders[:most]
    return lambda inputs: ", ".join(f"{encoder.name} {cell(inputs, encoder)}" for encoder in shown) + more


def to_json(encoder: Encoder) -> dict[str, Any]:
    """Returns an encoder as plain values, without those that are as usual."""
    usual = Encoder._field_defaults
    return {name: value for name, value in encoder._asdict().items() if name not in usual or value != usual[name]}


def from_json(stored: Mapping[str, Any]) -> Encoder:
    """Returns the encoder of `to_json`.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    one = Encoder(**stored)
    return Encoder(
        str(one.name),
        str(one.form),
        float(one.fill),
        float(one.mean),
        float(one.scale),
        bool(one.has_gaps),
        tuple(map(str, one.values)),
        tuple(map(int, one.apart)),
        bool(one.has_others),
        tuple(map(float, one.shares)),
    )
