"""`read_multilabel`: from a user's file, folder or frame with several labels a row to a `Multilabel`."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from meta_noise.data.multilabel.form import read_set
from meta_noise.data.multilabel.in_memory import is_values, with_label_values
from meta_noise.data.multilabel.multilabel import Multilabel
from meta_noise.data.multilabel.sets import Sets, trusted_sets, with_sets
from meta_noise.data.own.assembly import assembled, drawn, with_twins
from meta_noise.data.own.opening import open_table
from meta_noise.data.own.parsing import Rows, noted, parse_rows, settled, without_bad
from meta_noise.data.own.preparing import PicturesAsked, named, readable, table_with_roles, with_pictures
from meta_noise.data.own.spellings import LabelRules
from meta_noise.data.own.trusted import trusted_table, with_trusted_rows
from meta_noise.errors import InputError

SETS = LabelRules(keep_missing_words=True, keep_spellings=True)  # sets of labels are spelt in one way already


def read_multilabel(
    path_or_frame: Any,
    *,
    label: Any = None,
    sign: str = "",
    trusted: Any = None,
    image: str | None = None,
    text: str | None = None,
    id: str | None = None,
    split: str | None = None,
    features: str | os.PathLike[str] | Sequence[str] | np.ndarray | None = None,
    folder: str | os.PathLike[str] | None = None,
    skip_bad: bool = False,
    image_size: int | tuple[int, int] | None = None,
    image_side: int = 0,
    image_cut: bool = False,
    max_rows: int = 0,
    keep_missing_words: bool = False,
    keep_spellings: bool = False,
) -> Multilabel:
    """Returns a user's own data, each row of which may belong to several classes or to none.

    Args:
        path_or_frame: a file, a folder of Parquet or Arrow files, a frame or a data set, see
            `meta_noise.data.own.read`.
        label: the column with several labels in a cell (`A|B`, `A;B`, a list, the text of one); or a column of yes and
            no for each class, as a list or one text with commas. A usual name, such as labels, if None. Or the labels
            themselves, see `meta_noise.data.multilabel.in_memory`.
        sign: that stands between labels of a cell, guessed if "".
        trusted: a column that is true where all labels of the row are known to be right; or a second file or frame of
            rows with their right labels, in the same form.
        image, text, id, split, features, folder, skip_bad, image_size, image_side, image_cut, max_rows,
        keep_missing_words, keep_spellings: as for `meta_noise.data.own.read`. An empty cell of a text file is a row of
            no class; a word such as NA says that nobody labelled the row, which is then left out.

    Raises:
        DataNotFoundError: a file is not there.
        InputError: the data cannot be used, or a row cannot and may not be skipped; the message names file and row.
    """
    asked = named(image=image, text=text, id=id, split=split)
    rules = LabelRules(keep_missing_words, keep_spellings)
    pictures = PicturesAsked.checked(image_size, image_side, image_cut)
    found = table_of_sets(path_or_frame, label, sign, folder, rules)
    read = table_with_roles(found.table, asked._replace(label=found.label), trusted, features)
    rows = parse_rows(read.table, read.roles, read.inputs, read.name, SETS)
    rows = rows._replace(notes=(*found.notes, *read.notes, *rows.notes))
    if read.trusted is not None:
        extra = trusted_sets(trusted_table(read.trusted, read.table), found.form, rules)
        rows = without_bad(rows, skip_bad)
        fields = read.inputs.fields
        rows = with_trusted_rows(rows, read.table, read.roles, extra.table, SETS, fields, lambda label: "")
    steps: tuple[Callable[[Rows], Rows], ...] = (
        lambda rows: _with_some(drawn(noted(rows, *read.inputs.notes), max_rows, 0), read.table.where),
        lambda rows: with_pictures(rows, read, pictures),
        lambda rows: with_twins(rows, read.kind),
    )
    for step in steps:
        rows = step(settled(rows, skip_bad))
    rows = settled(rows, skip_bad)
    own = assembled(rows, read.roles, (), read.name, read.inputs.fields)
    before = dict(zip(rows.ids, rows.given, strict=True))
    given = [before[identity] for identity in own.source.ids.tolist()]
    labels = [own.class_names[place] for place in own.source.labels.tolist()]
    names = found.form.names
    trusted_rows = np.zeros(len(labels), bool) if own.source.trusted is None else own.source.trusted
    return Multilabel(own, names, _matrix(given, names), _matrix(labels, names), trusted_rows, found.form)


def table_of_sets(data: Any, label: Any, sign: str, folder: str | os.PathLike[str] | None, rules: LabelRules) -> Sets:
    """Returns the rows of a file, a folder or a frame with a set of labels in each, see `read_multilabel`."""
    table = readable(open_table(data, folder))
    if is_values(label):
        table, label = with_label_values(table, label)
    return with_sets(table, label, sign, rules)


def _with_some(rows: Rows, where: str) -> Rows:
    """Returns the rows, or raises InputError where none is left to judge."""
    if rows.test.all():
        raise InputError(f"All rows of {where} are held out by its column of parts; some must be left to judge.")
    return rows


def _matrix(sets: Sequence[str], names: Sequence[str]) -> np.ndarray:
    """Returns [N, L] int8 of sets of labels as text, -1 where a row has no text."""
    number = {name: place for place, name in enumerate(names)}
    found = np.zeros((len(sets), len(names)), np.int8)
    known: dict[str, list[int]] = {}
    for row, text in enumerate(sets):
        if not text:
            found[row] = -1
            continue
        if text not in known:
            known[text] = [number[name] for name in read_set(text)]
        found[row, known[text]] = 1
    return found
