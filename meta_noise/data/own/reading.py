"""`read`: from a user's file, folder or frame to a `Source`."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from meta_noise.data.own.assembly import assembled, drawn, with_twins
from meta_noise.data.own.frames import is_array
from meta_noise.data.own.in_memory import label_of
from meta_noise.data.own.labels import check_classes, lone_labels
from meta_noise.data.own.no_classes import classes_like_several, rows_of_several
from meta_noise.data.own.opening import open_table
from meta_noise.data.own.parsing import Rows, noted, parse_rows, settled, without_bad
from meta_noise.data.own.preparing import PicturesAsked, named, readable, table_with_roles, with_pictures
from meta_noise.data.own.result import Own
from meta_noise.data.own.spellings import LabelRules
from meta_noise.data.own.trusted import trusted_table, with_trusted_rows
from meta_noise.data.votes.crowd import VotesAsked
from meta_noise.data.votes.reading import with_votes
from meta_noise.errors import InputError
from meta_noise.visible import counted


def read(
    path_or_frame: Any,
    *,
    trusted: Any = None,
    label: Any = None,
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
    annotators: str | Sequence[str] | None = None,
    rules: str | os.PathLike[str] | Sequence[str] | None = None,
    long: Any = None,
    probabilities: str | Sequence[str] | None = None,
) -> Own:
    """Returns a user's own data, with sentences on everything that was guessed.

    Columns that are not named are told by usual names; "" means that there is no such column. Rows without a label, and
    those whose class no other row has, are left out and listed as skipped.

    Args:
        path_or_frame: CSV, TSV, JSON lines, Parquet, Arrow or NumPy file; folder of images with one folder for each
            class; folder of Parquet or Arrow files (Hugging Face `datasets`); a frame of pandas, Polars or pyarrow, or
            a dictionary of columns; a Hugging Face `Dataset` or `DatasetDict`; or, with `label` as values, a list of
            texts, an array, a series or a sparse matrix.
        trusted: a column that is true where the label is known to be right; or a second file (or frame) of rows whose
            labels are right: rows found in the data by id, image file or text, others added if they have inputs.
        label: the column of labels, or of a .npy file the .npy with them; or the labels themselves, one for each row.
        image: the column of image paths or bytes.
        text: the column of texts.
        id: the column of identifiers, each its own; where there is none, image paths, or the row numbers from 0.
        split: the column that says train, test or valid; all but train are held out for measuring.
        features: vectors in place of other inputs, one for each row: a .npy file, an array [N, D], a column of lists;
            or the names of the numeric columns to use.
        folder: where image paths begin; the folder of the file if None. No path may leave it.
        skip_bad: go on without rows that cannot be used, and list them.
        image_size: pixels of a side, or (height, width); the common size, or one that suits most images, if None.
        image_side: pixels of a side of the squares that image files become where no image_size is given, 0 for none.
        image_cut: cut the middle out of image files first, in the shape that they are brought to: nothing is distorted.
        max_rows: draw so many rows at random, 0 for all. Trusted rows all stay.
        keep_missing_words: labels such as NA, None and "-" are classes, and no words for a missing label.
        keep_spellings: labels that differ by case, blanks or Unicode form are different classes, and not one.
        annotators: columns of labels by several people, in a list or one text with commas, or a column of lists; the
            given label is their majority. Columns such as annotator_1 to annotator_3 are guessed where no label is.
        rules: the same of weak rules, -1 or nothing where a rule abstains; or an .npy or .npz file of whole numbers.
        long: a file or frame with one vote in each row (id, annotator, label), or True where the data are such.
        probabilities: columns of probabilities, one for each class (prob_cat, prob_dog), or one of lists.

    Raises:
        DataNotFoundError: a file is not there.
        InputError: the data cannot be used, or a row cannot and may not be skipped; the message names file and row.
    """
    asked = named(image=image, text=text, id=id, split=split)
    spelling = LabelRules(keep_missing_words, keep_spellings)
    votes = VotesAsked(annotators, rules, long, probabilities)
    pictures = PicturesAsked.checked(image_size, image_side, image_cut)
    voted = with_votes(readable(open_table(path_or_frame, folder, label)), votes, label, asked.id, spelling)
    name, _ = label_of(path_or_frame, label)
    asked = asked._replace(label=voted.label or (None if is_array(name) else name))
    read = table_with_roles(voted.table, asked, trusted, features)
    where = read.table.where
    steps: tuple[Callable[[Rows], Rows], ...] = (  # each may find bad rows, which are left out before the next
        lambda rows: _with_wrong_classes(rows, where),
        lambda rows: drawn(noted(rows, *read.inputs.notes), max_rows),
        lambda rows: with_pictures(rows, read, pictures),
        lambda rows: with_twins(rows, read.kind),
        lambda rows: _with_wrong_classes(rows, where),
    )
    rows = parse_rows(read.table, read.roles, read.inputs, read.name, spelling)
    places = {identity: row for row, identity in reversed(list(enumerate(rows.ids)))}
    notes = [*voted.notes, *read.notes]
    rows = _with_several(rows._replace(notes=(*notes, *rows.notes)), read.roles.label, where)
    if read.trusted is not None:  # before rows without a label are left out, as it may hold theirs
        extra = trusted_table(read.trusted, read.table)
        fields = read.inputs.fields
        rows = with_trusted_rows(without_bad(rows, skip_bad), read.table, read.roles, extra, spelling, fields)
    for step in steps:
        rows = step(settled(rows, skip_bad))
    class_names = read.table.class_names.get(read.roles.label, ())
    own = assembled(settled(rows, skip_bad), read.roles, class_names, read.name, read.inputs.fields)
    if voted.crowd is None:
        return own
    found = np.array([places.get(identity, -1) for identity in own.source.ids.tolist()])
    return own._replace(crowd=voted.crowd.taken(found, own.class_names))


def _with_several(rows: Rows, column: str, where: str) -> Rows:
    """Returns the rows, those let go whose label is several in one; refuses columns that hold no classes."""
    labelled = [row for row, label in enumerate(rows.labels) if label and row not in rows.bad]
    labels = [rows.labels[row] for row in labelled]
    found = rows_of_several(labels, column, where)
    if not found:
        return noted(rows, *classes_like_several(labels, column))
    several = {labelled[position]: why for position, why in found.items()}
    example = rows.labels[min(several)]
    done = f"Left out, as their label is several in one, such as {example!r:.60}: {counted(len(several), 'row')}."
    return noted(rows._replace(let_go={**rows.let_go, **several}), done)


def _with_wrong_classes(rows: Rows, where: str) -> Rows:
    """Returns the rows, those of a class that no other row to train on has let go, those held out of no class bad."""
    train = np.flatnonzero(~rows.test).tolist()
    if not train:
        raise InputError(f"All rows of {where} are held out by its column of parts; some must be left to train on.")
    labels = [rows.labels[row] for row in train]
    try:
        check_classes(labels, where)
    except InputError as error:
        if not rows.skipped:
            raise
        raise InputError(f"{error} Left out: {len(rows.skipped):,}, the first: {rows.skipped[0].reason}") from error
    lone = {train[position]: why for position, why in lone_labels(labels).items()}
    gone = {rows.labels[row]: why for row, why in lone.items()}
    classes, bad, let_go = set(labels), {}, dict(lone)
    for row in np.flatnonzero(rows.test).tolist():
        if rows.labels[row] in gone:
            let_go[row] = (
                f"label {rows.labels[row]!r:.60} is that of one row to train on, and a class needs two or more"
            )
        elif rows.labels[row] not in classes:
            bad[row] = f"label {rows.labels[row]!r} is that of no row to train on; correct it"
    if lone:
        names = [f"{label:.40}" for label in gone]
        shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        what = f"{len(names):,} class{'es' * (len(names) > 1)} of one row"
        rows = noted(rows, f"Left out, as a class needs two rows or more: {what} ({shown}).")
    return rows._replace(bad=bad, let_go=let_go)
