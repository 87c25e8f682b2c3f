"""Votes in columns: one for each annotator or rule, one of lists, or an array in a file beside the data."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from meta_noise.data.own.frames import is_array, read_array
from meta_noise.data.own.names import known_column
from meta_noise.data.own.no_classes import listed_labels
from meta_noise.data.own.table import Column, Table, as_column, cells
from meta_noise.disk.arrays import read_arrays
from meta_noise.disk.sealed import DamageError
from meta_noise.errors import DataNotFoundError, InputError

NAMES = ("label_names", "class_names", "classes")  # of an .npz


def vote_columns(table: Table, asked: Any, kind: str) -> tuple[list[str], list[Column], tuple[str, ...]]:
    """Returns names and cells of votes, and the names of their classes where these are numbered.

    Args:
        table: the rows.
        asked: names of columns, or one text with commas between them; one column of lists; or an .npy or .npz file
            with integers [N, A], -1 where nothing was said.
        kind: annotators or rules, for messages.

    Raises:
        InputError: there is no such column, only one, or lists and arrays are not of N rows.
    """
    if isinstance(asked, os.PathLike) or is_array(asked) or str(asked).lower().endswith(".npz"):
        votes, classes = _from_file(Path(asked), table)
        return [f"{kind[:-1]} {place}" for place in range(1, votes.shape[1] + 1)], _split(votes), classes
    names = [name.strip() for name in asked.split(",") if name.strip()] if isinstance(asked, str) else list(asked)
    if isinstance(asked, str) and asked in table.columns:
        names = [asked]
    names = [known_column(table, str(name)) for name in names]
    if len(set(names)) != len(names):
        raise InputError(f"{kind} names a column twice: {', '.join(names)}; name each once.")
    if len(names) == 1:
        lists = [listed_labels(cell) if cell is not None else [] for cell in cells(table.columns[names[0]])]
        return *_from_lists(lists, names[0], table, kind), table.class_names.get(names[0], ())
    if not names:
        raise InputError(f"{kind} names no column; give two or more, such as annotator_1,annotator_2.")
    return names, [table.columns[name] for name in names], table.class_names.get(names[0], ())


def _from_lists(
    lists: Sequence[list[Any] | None], name: str, table: Table, kind: str
) -> tuple[list[str], list[Column]]:
    if None in lists or not any(lists):
        raise InputError(
            f"{kind} is the one column {name!r} of {table.where}, whose cells are no lists; name two or more columns "
            "with commas between them, or give a column of lists, one entry for each of them."
        )
    width = max(len(entries) for entries in lists if entries)
    wrong = next((row for row, entries in enumerate(lists) if entries and len(entries) != width), None)
    if wrong is not None:
        raise InputError(
            f"Column {name!r} of {table.where} holds {len(lists[wrong] or [])} labels in row {wrong} and {width} in "
            "others, so it is not clear whose they are; write as many in each row, null for none, or use --long."
        )
    rows = [entries or [None] * width for entries in lists]
    return [f"{name} {place}" for place in range(1, width + 1)], [as_column(list(of)) for of in zip(*rows, strict=True)]


def _from_file(path: Path, table: Table) -> tuple[np.ndarray, tuple[str, ...]]:
    """Returns votes [N, A] of a file, and names of classes where it has some."""
    names: tuple[str, ...] = ()
    if is_array(path):
        found = [read_array(path)]
    else:
        if not path.is_file():
            raise DataNotFoundError(f"{path} does not exist; expected an .npz with votes.")
        try:
            arrays = read_arrays(path)
        except DamageError as error:
            raise InputError(f"{path} cannot be read as .npz without objects: {error}.") from error
        found = list(arrays.values())
        names = next((tuple(map(str, arrays[key].tolist())) for key in NAMES if key in arrays), ())
    fitting = [array for array in found if array.ndim == 2 and array.dtype.kind in "iu" and len(array) == table.size]
    if len(fitting) != 1:
        shapes = ", ".join(str(array.shape) for array in found)
        raise InputError(
            f"{path} holds arrays of shape {shapes}; one of whole numbers with {table.size:,} rows is wanted, one "
            f"column for each rule, in the order of {table.where}."
        )
    return fitting[0], names


def _split(votes: np.ndarray) -> list[Column]:
    return [as_column([vote if vote >= 0 else None for vote in column]) for column in votes.T.tolist()]
