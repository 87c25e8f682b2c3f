"""How the columns of a table are encoded, found on its training rows by scikit-learn, and sentences on it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from meta_noise.data.own.encoding import Encoder
from meta_noise.data.own.forms import CATEGORY, COMMA, DATES, DAY_FIRST, MONTH_FIRST, NUMBERS, THOUSANDS, Field

MOST_APART = 32  # inputs of one column of categories
_SHOWN = 5


def fitted(raw: np.ndarray, fields: Sequence[Field]) -> tuple[tuple[Encoder, ...], list[str]]:
    """Returns the encoders of a table, and sentences on what they do. No label is looked at.

    Where all columns are numbers without a gap they stay as they are.

    Args:
        raw: [N, D] cells of the training rows, see `forms.raw`.
        fields: of the D columns.
    """
    is_kind = np.array([field.form == CATEGORY for field in fields])
    has_gaps = np.isnan(raw).any(axis=0)
    if not has_gaps.any() and all(field.form in NUMBERS for field in fields):
        medians = np.median(raw, axis=0)
        plain = [Encoder(field.name, field.form, fill=float(fill)) for field, fill in zip(fields, medians, strict=True)]
        return tuple(plain), _comma_notes(fields)
    numbers, kinds = np.flatnonzero(~is_kind).tolist(), np.flatnonzero(is_kind).tolist()
    is_known = np.ones(len(raw), bool)  # rows of a second file may hold categories that the first has not
    for position in kinds:
        is_known &= ~(raw[:, position] >= len(fields[position].values))
    raw = raw[is_known]
    parts = transformer(numbers, kinds).fit(raw).named_transformers_
    made: dict[int, Encoder] = {}
    for place, position in enumerate(numbers):
        imputer, scaler = parts["numbers"][0], parts["numbers"][1]
        made[position] = Encoder(
            *fields[position][:2],
            fill=float(imputer.statistics_[place]),
            mean=float(scaler.mean_[place]),
            scale=float(scaler.scale_[place]),
            has_gaps=bool(has_gaps[position]),
        )
    for place, position in enumerate(kinds):
        rare = parts["kinds"].infrequent_categories_[place]
        made[position] = _categories(raw[:, position], fields[position], parts["kinds"].categories_[place], rare)
    encoders = tuple(made[position] for position in range(len(fields)))
    return encoders, [*_comma_notes(fields), *_notes(raw, encoders)]


def transformer(numbers: list[int], kinds: list[int]) -> Any:
    """Returns what `encode` does but for shares, as a `ColumnTransformer`, not fitted.

    Args:
        numbers: places of columns of numbers and dates.
        kinds: places of columns of categories.
    """
    from sklearn.compose import ColumnTransformer  # a second to import, which a help text should not take
    from sklearn.impute import MissingIndicator, SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    filled = make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
    indicators = OneHotEncoder(
        max_categories=MOST_APART, handle_unknown="infrequent_if_exist", sparse_output=False, dtype=np.float32
    )
    parts = [("numbers", filled, numbers), ("gaps", MissingIndicator(error_on_new=False), numbers)] if numbers else []
    return ColumnTransformer([*parts, *([("kinds", indicators, kinds)] if kinds else [])])


def _categories(cells: np.ndarray, field: Field, known: np.ndarray, rare: np.ndarray | None) -> Encoder:
    """Returns the encoder of a column of categories [N], some of the known ones rare."""
    out = np.array([]) if rare is None else rare
    kept = known[~np.isin(known, out) & ~(np.isnan(known) & np.isnan(out).any())]
    apart = tuple(int(code) for code in kept if not np.isnan(code))
    encoder = Encoder(field.name, field.form, values=field.values, apart=apart, has_gaps=bool(np.isnan(kept).any()))
    if rare is None:
        return encoder
    present = cells[~np.isnan(cells)].astype(int)
    shares = np.bincount(present, minlength=len(field.values) + 1)[: len(field.values)] / len(cells)
    of_rows = np.append(shares, 0.0)[np.where(np.isnan(cells), len(field.values), cells).astype(int)]
    scale = float(of_rows.std()) or 1.0
    return encoder._replace(has_others=True, shares=tuple(shares.tolist()), mean=float(of_rows.mean()), scale=scale)


def _comma_notes(fields: Sequence[Field]) -> list[str]:
    said = {
        COMMA: "The comma in numbers is a decimal one (1,5 is one and a half) in columns: {}.",
        THOUSANDS: "The comma in numbers stands between thousands (1,500 is fifteen hundred) in columns: {}.",
        DAY_FIRST: "Dates begin with the day in columns: {}.",
        MONTH_FIRST: "Dates begin with the month in columns: {}.",
    }
    found = {form: [field.name for field in fields if field.form == form] for form in said}
    return [said[form].format(_listed(names)) for form, names in found.items() if names]


def _notes(raw: np.ndarray, encoders: Sequence[Encoder]) -> list[str]:
    gaps = {encoder.name: int(np.isnan(column).sum()) for column, encoder in zip(raw.T, encoders, strict=True)}
    filled = [encoder.name for encoder in encoders if encoder.form != CATEGORY and encoder.has_gaps]
    notes = ["Numbers and dates are scaled to mean 0 and standard deviation 1."]
    if all(encoder.form == CATEGORY for encoder in encoders):
        notes = []
    if filled:
        notes.append(
            f"Gaps in numbers and dates, {sum(gaps[name] for name in filled):,} cells, are filled with the median of "
            f"their column, and an input for each column says where: {_listed(filled)}."
        )
    if dates := [encoder.name for encoder in encoders if encoder.form in DATES]:
        notes.append(f"Dates are counted in days: {_listed(dates)}.")
    kinds = [encoder for encoder in encoders if encoder.form == CATEGORY]
    if few := [f"{encoder.name} ({len(encoder.values)})" for encoder in kinds if not encoder.has_others]:
        also = ", and a gap another" if any(gaps[encoder.name] for encoder in kinds) else ""
        notes.append(f"Each category is an input of its own{also}; a new one is none of them: {_listed(few)}.")
    if many := [f"{encoder.name} ({len(encoder.values):,})" for encoder in kinds if encoder.has_others]:
        notes.append(
            f"Of columns with many categories the most frequent {MOST_APART - 1} have an input each, all others one "
            f"together, and how frequent each is is one more: {_listed(many)}."
        )
    return notes


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
