"""Data frames, dictionaries of columns and NumPy files as tables."""

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from meta_noise.data.own.arrow_files import class_names
from meta_noise.data.own.names import INPUTS, LABEL, first_of
from meta_noise.data.own.table import Column, Table, as_column, check_rows, check_size
from meta_noise.disk.arrays import forms, read_arrays
from meta_noise.disk.sealed import DamageError
from meta_noise.errors import DataNotFoundError, InputError


def frame_table(frame: Any) -> Table:
    """Returns the table of a frame of pandas, Polars or pyarrow (whatever exports Arrow), or a dictionary of columns.

    A dictionary may hold one array with more than one axis, or a sparse matrix: the inputs. The index of a pandas
    frame, unless it only counts, is a column `index`. Names that are no words become such: 0 is "0", ("a", 1) "a_1".
    """
    folders = (Path.cwd(),)
    if isinstance(frame, Mapping):
        return dictionary_table(
            {column_name(name): values for name, values in frame.items()}, "the dictionary", folders
        )
    if hasattr(frame, "iloc") and hasattr(frame, "columns"):  # pandas: column by column, as some hold several types
        names = [column_name(name) for name in frame.columns]
        columns = {name: as_column(frame.iloc[:, position]) for position, name in enumerate(names)}
        if len(columns) < len(names):
            raise InputError(f"The frame has two columns {max(names, key=names.count)!r}; rename one of them.")
        index = as_column(["/".join(map(str, one)) if isinstance(one, tuple) else one for one in frame.index])
        if "index" not in columns and not _counts(index):
            columns["index"] = index
        check_rows(len(frame), "The frame")
        return Table(columns, len(frame), "the frame", folders)
    if hasattr(frame, "__arrow_c_stream__"):
        table = pa.table(frame)
        columns = {name: as_column(table.column(name)) for name in dict.fromkeys(table.column_names)}
        check_rows(table.num_rows, "The frame")
        return Table(columns, table.num_rows, "the frame", folders, class_names=class_names(table.schema))
    if hasattr(frame, "collect"):
        raise InputError(f"A {type(frame).__name__} holds no rows yet; give data.collect().")
    raise InputError(
        f"Data of type {type(frame).__name__} cannot be read; give a path, a frame of pandas, Polars or pyarrow, or a "
        "dictionary of columns such as {'text': [...], 'label': [...]}."
    )


def column_name(name: Any) -> str:
    """Returns the name of a column as a word, parts of it joined by "_"."""
    return "_".join(str(part) for part in name if str(part)) if isinstance(name, tuple) else str(name)


def read_numpy(path: Path, label: str | Path | None) -> Table:
    """Returns the table of a .npz file (inputs and labels by name), or of .npy files (one of inputs, one of labels).

    Args:
        path: .npz with an array of inputs and one of labels, the names being those usual for columns, `x` and `y`, or
            `x_train`, `y_train`, `x_test`, `y_test`; or the .npy of the inputs.
        label: the .npy of the labels; not given: `labels.npy` or `y.npy` beside the inputs.
    """
    if path.suffix.lower() == ".npz":
        return dictionary_table(_joined(_arrays(path)), path.name, (path.parent,))
    names = [Path(label)] if label else [path.parent / "labels.npy", path.parent / "y.npy"]
    labels = next((name for name in names if name.is_file()), None)
    if labels is None:
        raise DataNotFoundError(
            f"{path} holds the inputs; {' or '.join(str(name) for name in names)} with the labels does not exist. Name "
            "their file by label=..., or put both arrays into one .npz."
        )
    return dictionary_table({"inputs": read_array(path), "label": read_array(labels)}, path.name, (path.parent,))


def is_array(name: Any) -> bool:
    """Returns whether something is the name of a .npy file."""
    return isinstance(name, str | os.PathLike) and os.fspath(name).lower().endswith(".npy")


def read_array(path: str | os.PathLike[str]) -> np.ndarray:
    """Returns the array in a .npy file; nothing is unpickled."""
    path = Path(path)
    if not path.is_file():
        raise DataNotFoundError(f"{path} does not exist; expected an array saved by numpy.save.")
    try:
        mapped = np.lib.format.open_memmap(path, mode="r")  # looks at the header only, and refuses objects
        check_size(mapped.nbytes, str(path), "Give a part of it, images as uint8 and numbers as float32")
        return np.load(path, allow_pickle=False)
    except InputError:
        raise
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{path} cannot be read as .npy without objects: {error}.") from error


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        size = sum(math.prod(form.shape) * form.dtype.itemsize for form in forms(path).values())
        check_size(size, str(path), "Give a part of it, or uint8 images")
        return read_arrays(path)
    except DamageError as error:
        raise InputError(f"{path} cannot be read as .npz without objects: {error}.") from error


def _joined(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns the arrays, those for training and test (x_train, y_train, x_test, y_test) put one after the other."""
    if not {"x_train", "y_train"} <= set(arrays):
        return arrays
    parts = [part for part in ("train", "test") if f"x_{part}" in arrays and f"y_{part}" in arrays]
    together = {"x": [arrays[f"x_{part}"] for part in parts], "y": [arrays[f"y_{part}"] for part in parts]}
    for name, (first, *others) in together.items():
        if any(other.shape[1:] != first.shape[1:] for other in others):
            raise InputError(f"{name}_train has rows of shape {first.shape[1:]}, {name}_test {others[0].shape[1:]}.")
    split = np.repeat(parts, [len(labels) for labels in together["y"]])
    return {**{name: np.concatenate(values) for name, values in together.items()}, "split": split}


def is_sparse(data: Any) -> bool:
    """Returns whether something is a sparse matrix of SciPy."""
    return hasattr(data, "toarray") and hasattr(data, "nnz")


def dense(matrix: Any) -> np.ndarray:
    """Returns a sparse matrix [N, D] as float32; refuses one that would be too large."""
    advice = "Reduce its columns, for example by scikit-learn's TruncatedSVD; or give the texts themselves"
    check_size(4 * matrix.shape[0] * matrix.shape[1], f"A sparse matrix of shape {matrix.shape}, made dense,", advice)
    return matrix.astype(np.float32).toarray()


def dictionary_table(arrays: Mapping[str, Any], where: str, folders: tuple[Path, ...]) -> Table:
    """Returns the table of columns [N], and of one array [N, ...] of inputs among them."""
    arrays = {name: dense(values) if is_sparse(values) else values for name, values in arrays.items()}
    named = {name: np.asarray(values) if getattr(values, "ndim", 1) > 1 else values for name, values in arrays.items()}
    names = next((named.pop(key) for key in ("class_names", "label_names") if key in named), None)
    many = [name for name, values in named.items() if isinstance(values, np.ndarray) and values.ndim > 1]
    many = [name for name in many if named[name].ndim > 2 or named[name].shape[1] > 1 or first_of([name], INPUTS)]
    inputs_name = first_of(many, INPUTS) or next((name for name in many if not first_of([name], LABEL)), None)
    if wrong := [name for name in many if name != inputs_name]:
        raise InputError(
            f"{where}: {wrong[0]!r} has shape {named[wrong[0]].shape}; beside the inputs every array must be [N], one "
            "entry for each row. Of one-hot labels take the argmax."
        )
    inputs = None if inputs_name is None else named.pop(inputs_name)
    columns: dict[str, Column] = {}
    counts: dict[str, int] = {} if inputs is None else {str(inputs_name): len(inputs)}
    for name, values in named.items():
        flat = values[:, 0] if isinstance(values, np.ndarray) and values.ndim == 2 else values
        if isinstance(flat, str) or not np.iterable(flat) or (isinstance(flat, np.ndarray) and flat.ndim != 1):
            raise InputError(f"{where}: {name!r} is {values!r:.60}, not a column with one entry for each row.")
        columns[name] = as_column(flat if isinstance(flat, np.ndarray) else list(flat))
        counts[name] = len(columns[name])
    if len(set(counts.values())) > 1:
        raise InputError(
            f"{where}: columns must be equally long, got {', '.join(f'{k} {v}' for k, v in counts.items())}."
        )
    count = next(iter(counts.values()), 0)
    check_rows(count, where)
    labels = first_of(columns, LABEL)
    known = {labels: tuple(str(name) for name in names)} if names is not None and labels else {}
    return Table(columns, count, where, folders, class_names=known, inputs=inputs)


def _counts(index: Column) -> bool:
    """Returns whether an index is 0..N-1, as where none was asked for."""
    values = np.asarray(index)
    return values.dtype.kind in "iu" and np.array_equal(values, np.arange(len(values)))
