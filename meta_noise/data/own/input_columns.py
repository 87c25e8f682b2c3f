"""Which columns are the inputs: as the user says, or by usual names and by what the cells look like."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from meta_noise.data.own.flags import flag_of
from meta_noise.data.own.image_folder import IMAGE_ENDINGS
from meta_noise.data.own.names import (
    FEATURES,
    ID,
    IMAGE,
    LABEL,
    PREDICTED,
    SAMPLE,
    TEXT,
    TRUE_LABEL,
    TRUSTED,
    Asked,
    existing,
    first_of,
    plain,
)
from meta_noise.data.own.numbers import counts_rows, looks_numeric
from meta_noise.data.own.table import Column, Table, cells, is_text, written
from meta_noise.errors import InputError


def input_columns(table: Table, asked: Asked, names: list[str]) -> tuple[str | None, tuple[str, ...], list[str]]:
    """Returns kind and columns of the inputs, and what was guessed."""
    wanted = {"image": asked.image, "text": asked.text, "features": asked.features}
    if len(given := [f"{what}={name!r}" for what, name in wanted.items() if name]) > 1:
        raise InputError(f"{' and '.join(given)} cannot both be the inputs; give one of them.")
    if table.inputs is not None:
        return ("images" if table.inputs.ndim > 2 else "features"), (), []
    if asked.features and not isinstance(asked.features, str):
        return "table", tuple(existing(table, name) for name in asked.features), []
    for what, kind in (("image", "images"), ("text", "texts"), ("features", "features")):
        name = wanted[what]
        if name and isinstance(name, str):
            return kind, (_of_kind(table, name, kind),), []
    columns = {name: table.columns[name] for name in names}
    found = {
        "images": None if asked.image == "" else _likeliest(columns, IMAGE, _holds_images),
        "texts": None if asked.text == "" else _likeliest(columns, TEXT, is_text) or _likeliest(columns, (), _wordy),
        "features": None if asked.features == "" else _likeliest(columns, FEATURES, _holds_vectors),
    }
    for kind, name in found.items():
        if name:
            rest = [other for other in found.values() if other and other != name]
            beside = f" Not used: {', '.join(map(repr, rest))}." if rest else ""
            return kind, (name,), [f"Inputs are the {kind} in column {name!r}.{beside}"]
    return _numeric(columns)


def _numeric(columns: Mapping[str, Column]) -> tuple[str | None, tuple[str, ...], list[str]]:
    """Returns the numeric columns among those that are left, and which were left out."""
    numeric: list[str] = []
    out: dict[str, list[str]] = {"hold no numbers": [], "hold labels, ids or flags": [], "only count rows": []}
    for name, column in columns.items():
        if _is_other(name, column, columns):
            out["hold labels, ids or flags"].append(name)
        elif not looks_numeric(column[:SAMPLE]):
            out["hold no numbers"].append(name)
        elif counts_rows(column[:SAMPLE]):
            out["only count rows"].append(name)
        else:
            numeric.append(name)
    notes = [f"Columns that {why} left out: {', '.join(left)}." for why, left in out.items() if left]
    if not numeric:
        return None, (), notes
    return "table", tuple(numeric), [f"Inputs are the numbers in {len(numeric)} columns: {_short(numeric)}.", *notes]


def _is_other(name: str, column: Column, names: Iterable[str]) -> bool:
    """Returns whether a column, by its name, holds labels, ids or flags that were not asked for."""
    if plain(name) == "y" and first_of(names, ("x",)):
        return False  # a coordinate
    if plain(name) in TRUSTED:
        return all(flag_of(written(cell)) is not None for cell in cells(column[:SAMPLE]))
    return plain(name) in (*LABEL, *TRUE_LABEL, *PREDICTED, *ID)


def _short(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 6 else f"{', '.join(names[:3])}, ..., {names[-1]}"


def _likeliest(columns: Mapping[str, Column], usual: Sequence[str], fits: Any) -> str | None:
    """Returns the column with a usual name, or else the first of all, whose cells fit; `fits` looks at a few."""
    fitting = [name for name, column in columns.items() if fits(column[:SAMPLE])]
    named = first_of(fitting, usual)
    if named or fits is is_text:
        return named
    if fits is _wordy and len(fitting) > 1:
        raise InputError(f"Columns {', '.join(map(repr, fitting))} all look like texts; name one by text=... (--text).")
    return next(iter(fitting), None)


def _holds_images(column: Column) -> bool:
    if isinstance(column, list):
        return False
    if pa.types.is_struct(column.type):
        return {"bytes", "path"} <= {field.name for field in column.type}
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return True
    found = [text for cell in cells(column)[:20] if (text := written(cell))] if is_text(column) else []
    return bool(found) and sum(text.lower().endswith(IMAGE_ENDINGS) for text in found) * 2 > len(found)


def _wordy(column: Column) -> bool:
    """Returns whether cells have three blanks or more on average, as texts have and names of things have not."""
    found = [written(cell) for cell in cells(column)] if is_text(column) else []
    return sum(text.count(" ") for text in found) >= 3 * max(len(found), 1)


def _holds_vectors(column: Column) -> bool:
    if isinstance(column, list):
        return False
    kind = column.type
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return is_list and (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type))


def _of_kind(table: Table, name: str, kind: str) -> str:
    column = table.columns[existing(table, name)]
    is_packed = not isinstance(column, list) and not is_text(column)
    fits = {"texts": is_text(column), "images": is_text(column) or (is_packed and _holds_images(column))}
    if not fits.get(kind, _holds_vectors(column)):
        wanted = {"texts": "text", "images": "paths or bytes of images", "features": "lists of numbers"}[kind]
        held = "cells of several types" if isinstance(column, list) else f"cells of type {column.type}"
        raise InputError(f"Column {name!r} of {table.where} holds {held}; it should hold {wanted}.")
    return name
