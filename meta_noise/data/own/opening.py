"""Which form the data has, by its type, its ending or what a folder holds."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from meta_noise.data.own.arrow_files import arrow_parts, read_arrow, read_arrow_folder, read_parquet
from meta_noise.data.own.delimited import read_delimited
from meta_noise.data.own.frames import read_numpy
from meta_noise.data.own.in_memory import label_of, memory_table, with_labels
from meta_noise.data.own.picture_files import read_image_folder
from meta_noise.data.own.table import Table
from meta_noise.data.own.text_files import read_json, read_json_lines
from meta_noise.errors import DataNotFoundError, InputError, absent

_READERS: dict[str, Callable[[Path], Table]] = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt"), read_delimited),
    **dict.fromkeys((".jsonl", ".ndjson"), read_json_lines),
    ".json": read_json,
    **dict.fromkeys((".parquet", ".pq"), read_parquet),
    **dict.fromkeys((".arrow", ".feather"), read_arrow),
}
_ADVICE = {
    **dict.fromkeys((".xlsx", ".xls", ".ods"), "Save the sheet as CSV (UTF-8)"),
    **dict.fromkeys((".zip", ".tar", ".tgz", ".7z", ".rar"), "Unpack it and give the folder or the file in it"),
    **dict.fromkeys(
        (".pkl", ".pickle", ".pt", ".pth", ".joblib"),
        "Such a file may run any code when it is opened; save the rows as Parquet, CSV or .npz",
    ),
}


def open_table(data: Any, folder: str | os.PathLike[str] | None = None, label: Any = None) -> Table:
    """Returns the rows of a file, a folder or a frame.

    Args:
        data: path of a CSV, TSV, JSON lines (these also with .gz), Parquet, Arrow or NumPy file, of an image folder or
            of a folder of Parquet or Arrow files; or data in memory, see `memory_table`.
        folder: where relative image paths begin; the file's own folder if None, for a frame the current one.
        label: of a .npy file, the .npy with the labels; or the labels themselves.

    Raises:
        DataNotFoundError: there is no such path.
        InputError: the form is not known, or the content is not of it.
    """
    name, labels = label_of(data, label)
    table = _opened(Path(data), name) if isinstance(data, str | os.PathLike) else memory_table(data)
    if labels is not None:
        table = with_labels(table, labels)
    if folder is None:
        return table
    if not Path(folder).is_dir():
        raise DataNotFoundError(f"The folder of images {os.fspath(folder)} does not exist.")
    return table._replace(folders=(Path(folder),))


def _opened(path: Path, label: Any) -> Table:
    if not path.exists():
        raise absent(path)
    if path.is_dir():
        parts = arrow_parts(path)
        return read_arrow_folder(path, parts) if parts else read_image_folder(path)
    if not path.is_file():
        raise InputError(f"{path} is neither a file nor a folder.")
    ending = path.suffix.lower()
    if ending == ".gz":
        ending = Path(path.stem).suffix.lower()
        if _READERS.get(ending) not in (read_delimited, read_json, read_json_lines):
            raise InputError(f"{path} is packed; unpack it (only CSV, TSV and JSON lines are read packed).")
    if ending in (".npz", ".npy"):
        return read_numpy(path, label)
    if ending not in _READERS:
        known = ", ".join((*_READERS, ".npz", ".npy"))
        advice = _ADVICE.get(ending, f"Give one of {known}, an image folder or a folder of Parquet files")
        raise InputError(f"{path} is of no form that is read here. {advice}.")
    return _READERS[ending](path)
