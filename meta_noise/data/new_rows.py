"""New rows without labels, read for a network that is trained: checked against what it was trained on."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from meta_noise.data.images.streamed import Streamed
from meta_noise.data.own.arrow_files import arrow_parts
from meta_noise.data.own.columns import input_columns
from meta_noise.data.own.encoding import encode, fields_of
from meta_noise.data.own.forms import raw
from meta_noise.data.own.frames import is_array, read_array
from meta_noise.data.own.names import ID, Asked, first_of, listed
from meta_noise.data.own.numbers import ready_images, ready_vectors, vectors
from meta_noise.data.own.opening import open_table
from meta_noise.data.own.picture_files import IMAGE_ENDINGS, picture_files
from meta_noise.data.own.pictures import decoded
from meta_noise.data.own.table import Table, as_column, cells, check_rows, place, written
from meta_noise.data.reader import Reader, before_encoding, encoded
from meta_noise.data.source import row_ids
from meta_noise.data.text.tokens import check_tokens
from meta_noise.errors import InputError, unknown_name

_WHAT = {
    "images": "images",
    "texts": "texts",
    "table": "columns of a table",
    "features": "vectors",
    "tokens": "numbered words",
}


_WORD = {"images": "image", "texts": "text", "features": "features"}  # kind -> setting that names its column


class NewRows(NamedTuple):
    """Rows to predict.

    Attributes:
        inputs: [n, ...] of the rows that can be used, as the network takes them.
        rows: [n] their numbers among all m rows.
        ids: m identifiers.
        bad: number -> why a row cannot be used, a sentence.
    """

    inputs: np.ndarray
    rows: np.ndarray
    ids: list[str]
    bad: dict[int, str]


def new_inputs(data: Any, reader: Reader, vectors: Callable[[Any], np.ndarray] | None = None) -> np.ndarray:
    """Returns the inputs [n, ...] of new rows, all of which must be usable; see `read_new`."""
    new = read_new(data, reader, vectors=vectors)
    if new.bad:
        raise InputError(next(iter(new.bad.values())))
    return new.inputs


def read_new(
    data: Any,
    reader: Reader,
    id: str | None = None,
    vectors: Callable[[Any], np.ndarray] | None = None,
    **columns: str | None,
) -> NewRows:
    """Returns new rows as the network takes them; no column of labels is wanted, and one is not looked at.

    Args:
        data: file, folder or frame as `meta_noise.data.own.read` takes; a folder of images, in class folders or not,
            or one image; an array of inputs; or a list of texts.
        reader: of the run.
        id: the column of identifiers; guessed, or row numbers, where not given.
        vectors: gives features [n, D] of texts or images where the run has an encoder.
        columns: `image`, `text` or `features`, the column of the inputs, where it is not guessed right; `features` may
            be a .npy file.

    Raises:
        DataNotFoundError: there is no such file.
        InputError: the rows are of another kind or shape than those of training, or there are none.
    """
    reader = before_encoding(reader)
    if is_array(data):
        table = _array_table(read_array(data), Path(data).name, reader)
    elif isinstance(data, str | os.PathLike):
        table = _opened(Path(data), reader)
    elif isinstance(data, list) and data and isinstance(data[0], Mapping):
        table = open_table(data)
    elif isinstance(data, list | tuple) or (hasattr(data, "__array__") and not hasattr(data, "columns")):
        table = _array_table(_as_array(data), "the array", reader)
    else:
        table = open_table(data)
    _check_named(columns, reader)
    named = {**reader.named, **{key: name for key, name in columns.items() if name}}
    values, bad, names = _inputs(table, reader, named, columns)
    reasons = {row: f"{place(table, row)}: {why}." for row, why in sorted({**bad, **table.bad}.items())}
    if len(reasons) == table.size:
        raise InputError(f"No row of {table.where} can be used. The first: {reasons[0]}")
    rows = np.setdiff1d(np.arange(table.size), list(reasons))
    kept = values[rows] if isinstance(values, np.ndarray) else [values[row] for row in rows]
    if reader.encoded_by is not None:
        assert vectors is not None
        kept = vectors(kept)
    elif isinstance(kept, list):
        kept = encoded(kept, reader)
    return NewRows(kept, rows, _ids(table, id, reader, names), reasons)


def _check_named(columns: Mapping[str, str | None], reader: Reader) -> None:
    """Raises InputError where a column is named that the network does not look at."""
    for word, name in columns.items():
        if name and word != _WORD.get(reader.kind):
            raise InputError(
                f"{word}={name!r:.60} (--{word}) names what this network does not look at, as it was trained on "
                f"{_WHAT[reader.kind]}. Leave it out."
            )


def _opened(path: Path, reader: Reader) -> Table:
    """Returns the table of a path; folders of images need no classes here, and one image is a table of one row."""
    if reader.kind == "images" and path.is_file() and path.suffix.lower() in IMAGE_ENDINGS:
        return Table({"image": as_column([path.name])}, 1, path.name, (path.parent,))
    if path.is_dir() and not arrow_parts(path):
        if reader.kind != "images":
            raise InputError(f"{path} is a folder, and the network was trained on {_WHAT[reader.kind]}; give a file.")
        found = sorted(
            file.relative_to(path).as_posix()
            for file in path.rglob("*")
            if file.suffix.lower() in IMAGE_ENDINGS and not any(part.startswith(".") for part in file.parts)
        )
        check_rows(len(found), f"{path}, looked through for images,")
        return Table({"image": as_column(found)}, len(found), path.name, (path,))
    return open_table(path)


def _as_array(data: Any) -> np.ndarray:
    try:
        return np.asarray(data)
    except ValueError as error:
        raise InputError(f"The rows are not one array ({error}); give all of them the same shape.") from error


def _array_table(array: np.ndarray, where: str, reader: Reader) -> Table:
    """Returns rows given as one array or as a list of texts; rows of a table may come as [n, columns], too."""
    if array.ndim == 1 and array.size and all(isinstance(text, str) for text in array.tolist()):
        if reader.kind != "texts":
            raise InputError(f"A list of texts was given, and the network was trained on {_WHAT[reader.kind]}.")
        return Table({"text": as_column(array.tolist())}, len(array), "the list of texts", ())
    if reader.kind == "table" and array.ndim == 2 and array.shape[1] == len(reader.columns) and len(array):
        return Table(
            {name: as_column(cells) for name, cells in zip(reader.columns, array.T, strict=True)}, len(array), where, ()
        )
    if array.ndim < 2 or not array.size:
        raise InputError(
            f"{where[0].upper()}{where[1:]} has shape {array.shape}; the network was trained on {_WHAT[reader.kind]}, "
            f"rows of shape {_shape(reader)}. Give [n, {', '.join(map(str, _shape(reader)))}]."
        )
    return Table({}, len(array), where, (), inputs=array)


def _inputs(
    table: Table, reader: Reader, named: dict[str, str], asked: dict[str, Any]
) -> tuple[Any, dict[int, str], Sequence[str]]:
    """Returns inputs [m, ...] or m texts, what is wrong with some rows, and paths of images where there are any."""
    features = named.get("features")
    if reader.kind == "features" and is_array(features) and table.inputs is None:
        if not is_array(asked.get("features")):
            raise InputError(
                f"The network was trained on vectors from a file of their own ({Path(str(features)).name}); give those "
                f"of {table.where} by features=... (--features), or as the data."
            )
        vectors_of_rows = read_array(str(features))
        if len(vectors_of_rows) != table.size:
            raise InputError(f"{features} holds {len(vectors_of_rows):,} vectors, {table.where} {table.size:,} rows.")
        table = table._replace(inputs=vectors_of_rows)
    if reader.kind == "tokens":
        if table.inputs is None:
            raise InputError(f"{table.where} holds no tokens; the network takes an array of them, {_rows(reader)}.")
        return check_tokens(_fitting(table.inputs, reader, table.where), np.iinfo(np.int32).max), {}, ()
    if table.inputs is not None:
        return _ready(table, reader)
    if reader.kind == "table":
        missing = [name for name in reader.columns if name not in table.columns]
        if missing:
            raise InputError(
                f"{table.where} lacks {len(missing)} of the {len(reader.columns)} columns that the network was trained "
                f"on: {', '.join(missing[:5])}{' and more' if len(missing) > 5 else ''}. Its columns: {listed(table)}."
            )
        found, bad = raw(table, fields_of(reader.encoders))
        return encode(found, reader.encoders), bad, ()
    name = _column(table, reader, named)
    if reader.kind == "texts":
        texts = [written(cell) for cell in cells(table.columns[name])]
        return texts, {row: f"column {name!r} holds no text" for row, text in enumerate(texts) if not text}, ()
    if reader.kind == "images":
        return _pictures(table, name, reader)
    values, bad = vectors(table, name)
    return _fitting(values, reader, f"column {name!r} of {table.where}"), bad, ()


def _column(table: Table, reader: Reader, named: dict[str, str]) -> str:
    """Returns the column of images, texts or vectors: as asked, as in training, or by its look."""
    word = _WORD[reader.kind]
    name = named.get(word)
    if name and (name in table.columns or name != reader.named.get(word)):
        found = input_columns(table, Asked(**{word: name}), list(table.columns))[1][0]
        return found
    others = {other: "" for other in ("image", "text", "features") if other != word}
    kind, found_columns, _ = input_columns(table, Asked(**others), list(table.columns))
    if kind != reader.kind:
        raise InputError(
            f"{table.where} has no column of {_WHAT[reader.kind]}, on which the network was trained. Its columns: "
            f"{listed(table)}. Name the right one by {word}=... (--{word})."
        )
    return found_columns[0]


def _pictures(table: Table, name: str, reader: Reader) -> tuple[np.ndarray, dict[int, str], list[str]]:
    pictures, names, bad = picture_files(table, name)
    height, width, channels = reader.shape
    is_cut = reader.encoded_by is not None and reader.encoded_by.is_cut
    found, broken, _ = decoded(pictures, (height, width), is_cut=is_cut)
    images = found[np.arange(len(found))] if isinstance(found, Streamed) else found
    if images.shape[-1] < channels:
        images = np.repeat(images, channels, axis=-1)
    elif images.shape[-1] > channels:
        coloured = np.flatnonzero((images != images[..., :1]).any(axis=(1, 2, 3))).tolist()
        broken |= {row: "the image is in colour, and the network was trained on grey ones" for row in coloured}
        images = images[..., :1]
    if reader.dtype == "float32":
        images = images.astype(np.float32) / 255
    return images, bad | broken, names


def _ready(table: Table, reader: Reader) -> tuple[np.ndarray, dict[int, str], Sequence[str]]:
    """Returns a ready array of images or vectors, checked."""
    assert table.inputs is not None
    values: np.ndarray
    where, bad = table.where, dict[int, str]()
    if reader.kind == "images" and table.inputs.ndim > 2:
        if reader.dtype == "float32" and table.inputs.dtype.kind == "f":
            values = table.inputs.astype(np.float32)
            values = values if values.ndim == 4 else values[..., None]
        else:
            values, bad, _ = ready_images(table.inputs, where)
            values = values if reader.dtype == "uint8" else np.asarray(values / 255, np.float32)
    elif reader.kind in ("table", "features") and table.inputs.ndim == 2:
        values, bad = ready_vectors(table.inputs, where)
    else:
        raise InputError(
            f"{where[0].upper()}{where[1:]} holds {table.inputs.dtype} of shape {table.inputs.shape}, and the network "
            f"was trained on {_WHAT[reader.kind]}. Give {_rows(reader)}."
        )
    return _fitting(values, reader, where), bad, ()


def _fitting(values: np.ndarray, reader: Reader, where: str) -> np.ndarray:
    if values.shape[1:] != _shape(reader):
        raise InputError(
            f"{where[0].upper()}{where[1:]} holds rows of shape {values.shape[1:]}; the network was trained on rows of "
            f"shape {_shape(reader)}. Give {_rows(reader)}."
        )
    return values


def _shape(reader: Reader) -> tuple[int, ...]:
    """Returns the shape of a row as the user knows it: of a table, how many columns."""
    return (len(reader.columns),) if reader.kind == "table" else reader.shape


def _rows(reader: Reader) -> str:
    return f"{_WHAT[reader.kind]} [n, {', '.join(map(str, _shape(reader)))}]"


def _ids(table: Table, asked: str | None, reader: Reader, paths: Sequence[str]) -> list[str]:
    """Returns what rows are called: by a column, by their image files, or by their numbers."""
    name = asked if asked is not None else reader.named.get("id")
    if asked and asked not in table.columns:
        raise unknown_name(f"column of {table.where}", asked, table.columns)
    if name not in table.columns:
        name = first_of(table.columns, ID) if name is None else None
    if name:
        return [written(cell) for cell in cells(table.columns[name])]
    if paths and all(paths):
        return list(paths)
    return row_ids("row", table.size).tolist()
