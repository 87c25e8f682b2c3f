"""Which column is what: as the user says, or by usual names and by what the cells look like."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from meta_noise.data.own.forms import CATEGORY, DATES, NUMBER, NUMBERS, form_of, is_constant, names_rows
from meta_noise.data.own.label_guess import likely_labels, perhaps
from meta_noise.data.own.names import (
    FEATURES,
    ID,
    IMAGE,
    LABEL,
    OURS,
    PREDICTED,
    SAMPLE,
    SPLIT,
    TEXT,
    TRUE_LABEL,
    TRUSTED,
    Asked,
    first_of,
    flag_of,
    known_column,
    listed,
    plain,
    split_of,
)
from meta_noise.data.own.numbers import counts_rows, looks_numeric
from meta_noise.data.own.picture_files import IMAGE_ENDINGS
from meta_noise.data.own.table import Column, Table, cells, is_text, written
from meta_noise.errors import InputError
from meta_noise.visible import counted

ENOUGH = 3  # columns of cells beside which short texts, such as names and addresses, are not the inputs
LEFT_OUT = "Columns that "  # how a sentence on them begins
NOT_USED = "Not used"  # how a sentence on columns beside the only one that is used begins
LONG = 6  # words on average from which texts are the inputs whatever is beside them


class Roles(NamedTuple):
    """Names of columns; None where there is none.

    Attributes:
        kind: "images", "texts", "table" or "features"; None where no column holds inputs.
        inputs: the column of images, texts or features, or the columns of cells; () where the table has a ready array.
    """

    label: str
    kind: str | None
    inputs: tuple[str, ...]
    id: str | None
    trusted: str | None
    split: str | None


def find_roles(table: Table, asked: Asked, labels: Sequence[str] = LABEL) -> tuple[Roles, list[str]]:
    """Returns the roles of the columns, and sentences on what was guessed.

    Args:
        table: the rows.
        asked: what the user says.
        labels: usual names of a column of labels, the likeliest first.

    Raises:
        InputError: a column that was asked for is missing, or no column of labels can be told.
    """
    label = _named(table, asked.label, labels)
    if label is None:
        likely = [] if _has_no_header(table) else likely_labels(table)
        cells_first = "; if these are no names but cells, put a line of names before them."
        raise InputError(
            f"{table.where} has no column of labels by a usual name ({', '.join(dict.fromkeys(labels))}). Its columns: "
            f"{listed(table)}. Name the right one by label=... (--label)"
            + (f".{perhaps(likely)}" if likely or table.typed else cells_first)
        )
    notes = [*table.notes] + ([f"Labels are in column {label!r}, by its name."] if asked.label is None else [])
    identity = _named(table, asked.id, ID)
    if identity is not None and identity == label and asked.id is not None:
        raise InputError(
            f"Column {label!r} of {table.where} is named as the ids and as the labels; they are two columns. It has: "
            f"{listed(table)}."
        )
    if asked.id is None and identity and first_of([identity], ID[-2:]) and not _is_unique(table.columns[identity]):
        identity = None  # an index, such as pandas keeps, is an id only where it is one
    trusted = _named(table, asked.trusted, TRUSTED, lambda name, text: name == "trusted" or flag_of(text) is not None)
    split = _named(table, asked.split, SPLIT, lambda name, text: name == "split" or split_of(text) != "")
    taken = [label, identity, trusted, split]
    kind, inputs, guess = input_columns(table, asked, [name for name in table.columns if name not in taken])
    for what, name, word in (("Ids", identity, asked.id), ("Trusted rows", trusted, asked.trusted)):
        notes += [f"{what} are in column {name!r}, by its name."] if name and word is None else []
    notes += [f"Parts are in column {split!r}, by its name."] if split and asked.split is None else []
    return Roles(label, kind, inputs, identity, trusted, split), [*table.notes] if table.is_made else notes + guess


def _has_no_header(table: Table) -> bool:
    """Returns whether names of columns are cells, as they are in their columns again."""
    return not table.typed and any(name in cells(column[:SAMPLE]) for name, column in table.columns.items())


def _named(table: Table, asked: str | None, usual: Sequence[str], fits: Any = None) -> str | None:
    """Returns the column that was asked for, or the one with a usual name whose first cells fit."""
    if asked is not None:
        return known_column(table, asked) if asked else None
    name = first_of(table.columns, usual)
    if name is None or fits is None:
        return name
    first = [written(cell) for cell in cells(table.columns[name][:SAMPLE])]
    return name if all(fits(name.lower(), text) for text in first) else None


def _is_unique(column: Column) -> bool:
    values = cells(column)
    return len(set(values)) == len(values) and None not in values


def input_columns(table: Table, asked: Asked, names: list[str]) -> tuple[str | None, tuple[str, ...], list[str]]:
    """Returns kind and columns of the inputs, and what was guessed."""
    wanted = {"image": asked.image, "text": asked.text, "features": asked.features}
    if len(given := [f"{what}={name!r}" for what, name in wanted.items() if name]) > 1:
        raise InputError(f"{' and '.join(given)} cannot both be the inputs; give one of them.")
    if table.inputs is not None:
        return ("images" if table.inputs.ndim > 2 else "features"), (), []
    if asked.features and not isinstance(asked.features, str):
        return "table", tuple(known_column(table, name) for name in asked.features), []
    for what, kind in (("image", "images"), ("text", "texts"), ("features", "features")):
        name = wanted[what]
        if name and isinstance(name, str):
            return kind, (_of_kind(table, name, kind),), []
    columns = {name: table.columns[name] for name in names}
    found = {
        "images": None if asked.image == "" else _likeliest(columns, IMAGE, _holds_images),
        "texts": None if asked.text == "" else _likeliest(columns, TEXT, is_text) or _called_text(columns),
        "features": None if asked.features == "" else _likeliest(columns, FEATURES, _holds_vectors),
    }
    cell_columns, out = _cell_columns(columns)
    if not found["texts"] and asked.text is None:
        wordy = [name for name, column in columns.items() if _wordy(column[:SAMPLE])]
        is_only = asked.features == "" or len(cell_columns) < ENOUGH
        if is_only or any(_words(columns[name][:SAMPLE]) >= LONG for name in wordy):
            found["texts"] = _only(wordy) if wordy and not (found["images"] or found["features"]) else None
    for kind, name in found.items():
        if name:
            rest = [other for other in [*found.values(), *cell_columns] if other and other != name]
            beside = f" {NOT_USED}: {_short(rest)}." if rest else ""
            return kind, (name,), [f"Inputs are the {kind} in column {name!r}.{beside}"]
    return _of_cells(cell_columns, out)


def without_inputs(table: Table, purpose: str, notes: Iterable[str]) -> InputError:
    """Returns the error of a table of whose columns none holds inputs, with what `notes` say of those left out."""
    why = " ".join([f"Its columns: {listed(table)}.", *(note for note in notes if note.startswith(LEFT_OUT))])
    return InputError(
        f"{table.where} has no column of images, texts, numbers or categories {purpose}. {why} Name one by image=..., "
        "text=... or features=...."
    )


def _cell_columns(columns: Mapping[str, Column]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Returns the columns of numbers, dates and categories with their forms, and why others are left out."""
    forms: dict[str, str] = {}
    out: dict[str, list[str]] = {
        "hold neither numbers, dates nor categories": [],
        "hold labels, ids or flags": [],
        "only count rows": [],
        "hold the same in every row": [],
        "hold numbers, but words in more than one of ten rows (empty such cells to use them)": [],
        "hold another word or text in most rows (text=... takes one of them alone)": [],
    }
    nothing, others, counters, same, mixed, names_of_rows = out.values()
    for name, column in columns.items():
        form = None if _is_other(name, column, columns) else form_of(column)
        if _is_other(name, column, columns):
            others.append(name)
        elif form is None:
            nothing.append(name)
        elif form == NUMBER and counts_rows(column[:SAMPLE]):
            counters.append(name)
        elif form == CATEGORY and is_constant(column):
            same.append(name)
        elif form == CATEGORY and names_rows(column) and looks_numeric(column, share=0.5):
            mixed.append(name)
        elif form == CATEGORY and names_rows(column):
            names_of_rows.append(name)
        else:
            forms[name] = form
    return forms, out


def _of_cells(forms: Mapping[str, str], out: Mapping[str, list[str]]) -> tuple[str | None, tuple[str, ...], list[str]]:
    """Returns the kind and columns of a table of cells, and what was guessed."""
    notes = [f"{LEFT_OUT}{why} left out: {', '.join(left)}." for why, left in out.items() if left]
    if not forms:
        return None, (), notes
    groups = {
        "numbers": [name for name, form in forms.items() if form in NUMBERS],
        "dates": [name for name, form in forms.items() if form in DATES],
        "categories": [name for name, form in forms.items() if form == CATEGORY],
    }
    each = [
        f"the {kind} in {counted(len(names), 'column')}: {_short(names)}" for kind, names in groups.items() if names
    ]
    return "table", tuple(forms), [f"Inputs are {'; '.join(each)}.", *notes]


def _is_other(name: str, column: Column, names: Iterable[str]) -> bool:
    """Returns whether a column, by its name, holds labels, ids or flags that were not asked for."""
    if plain(name) == "y" and first_of(names, ("x",)):
        return False  # a coordinate
    if "id" in plain(name).split("_") and _is_unique(column):
        return True
    if plain(name) in TRUSTED:
        return all(flag_of(written(cell)) is not None for cell in cells(column[:SAMPLE]))
    return plain(name) in (*LABEL, *TRUE_LABEL, *PREDICTED, *OURS, *ID)


def _short(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 6 else f"{', '.join(names[:3])}, ..., {names[-1]}"


def _likeliest(columns: Mapping[str, Column], usual: Sequence[str], fits: Any) -> str | None:
    """Returns the column with a usual name, or else the first of all, whose cells fit; `fits` looks at a few."""
    fitting = [name for name, column in columns.items() if fits(column[:SAMPLE])]
    named = first_of(fitting, usual)
    return named if named or fits is is_text else next(iter(fitting), None)


def _called_text(columns: Mapping[str, Column]) -> str | None:
    """Returns the only column of several words a cell with a part of its name that is a usual one, as in tweet_text."""
    named = [name for name in columns if set(plain(name).split("_")) & {*TEXT, "texts"}]
    fitting = [name for name in named if _wordy(columns[name][:SAMPLE])]
    return fitting[0] if len(fitting) == 1 else None


def _only(wordy: Sequence[str]) -> str:
    if len(wordy) > 1:
        raise InputError(f"Columns {', '.join(map(repr, wordy))} all look like texts; name one by text=... (--text).")
    return wordy[0]


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
    """Returns whether cells have four words or more on average, as texts have and names of things have not."""
    return is_text(column) and _words(column) >= 4


def _words(column: Column) -> float:
    """Returns how many words, told by blanks, cells have on average."""
    found = [written(cell) for cell in cells(column)]
    return 1 + sum(text.count(" ") for text in found) / max(len(found), 1)


def _holds_vectors(column: Column) -> bool:
    if isinstance(column, list):
        return False
    kind = column.type
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return is_list and (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type))


def _of_kind(table: Table, name: str, kind: str) -> str:
    column = table.columns[known_column(table, name)]
    is_packed = not isinstance(column, list) and not is_text(column)
    fits = {"texts": is_text(column), "images": is_text(column) or (is_packed and _holds_images(column))}
    if not fits.get(kind, _holds_vectors(column)):
        wanted = {"texts": "text", "images": "paths or bytes of images", "features": "lists of numbers"}[kind]
        held = "cells of several types" if isinstance(column, list) else f"cells of type {column.type}"
        raise InputError(f"Column {name!r} of {table.where} holds {held}; it should hold {wanted}.")
    return name
