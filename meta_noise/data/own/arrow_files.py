"""Parquet and Arrow files, and folders of them as Hugging Face `datasets` writes, read without that package.

Format: Q. Lhoest et al., "Datasets: A Community Library for Natural Language Processing", EMNLP 2021 demos,
https://aclanthology.org/2021.emnlp-demo.21; `save_to_disk` writes Arrow streams beside a state.json, one folder for
each split; class names are in the schema's metadata.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from meta_noise.data.own.names import split_of
from meta_noise.data.own.table import Table, as_column, check_rows, check_size
from meta_noise.errors import InputError


def read_parquet(path: Path) -> Table:
    """Returns the table of a Parquet file, images as bytes left packed."""
    return _table(_whole(path, _parquet), path)


def read_arrow(path: Path) -> Table:
    """Returns the table of an Arrow IPC file (.arrow, .feather), mapped into memory."""
    return _table(_whole(path, _arrow), path)


def arrow_parts(folder: Path) -> list[Path]:
    """Returns the Parquet or Arrow files of a data set kept as a folder, [] where it is none.

    They lie in the folder itself, in `data` (a copy from the Hugging Face hub), or in a folder for each split
    (`save_to_disk` of a `DatasetDict`). Links out of the folder are left out.
    """
    root = folder.resolve()
    for pattern in ("*.parquet", "data/*.parquet", "*.arrow", "*/*.arrow"):
        found = sorted(path for path in folder.glob(pattern) if path.resolve().is_relative_to(root))
        # `datasets` leaves results of `map` beside the data
        if found := [path for path in found if not path.name.startswith(("cache-", "tmp"))]:
            return found
    return []


def read_arrow_folder(folder: Path, parts: Sequence[Path]) -> Table:
    """Returns the rows of all `parts`, one after another; a column `split` is made of their folders or names.

    Raises:
        InputError: the parts do not have the same columns, or a part is damaged.
    """
    tables = []
    for path in parts:
        table = _whole(path, _parquet if path.suffix == ".parquet" else _arrow)
        name = path.parent.name if path.parent.parent == folder and path.suffix == ".arrow" else path.stem
        split = next((word for word in name.replace("_", "-").split("-") if split_of(word)), "")
        if split and "split" not in table.column_names:
            table = table.append_column("split", pa.array([split] * table.num_rows, pa.string()))
        tables.append(table)
    kinds = {tuple(table.column_names) for table in tables}
    if len(kinds) > 1:
        first, second = sorted(kinds)[:2]
        raise InputError(
            f"The files in {folder} do not have the same columns: {', '.join(first)}; {', '.join(second)}. "
            "Give one file."
        )
    try:
        return _table(pa.concat_tables(tables, promote_options="permissive"), folder)
    except pa.ArrowException as error:
        raise InputError(f"The files in {folder} do not fit together: {error}. Give one file.") from error


def _whole(path: Path, reader: Callable[[Path], pa.Table]) -> pa.Table:
    try:
        table = reader(path)
        table.validate(full=True)  # offsets and texts come from the file and would be used as they are
        return table
    except InputError:
        raise
    except (pa.ArrowException, OSError, EOFError, ValueError) as error:
        why = (str(error).splitlines() or ["it is cut off"])[0].rstrip(".")
        raise InputError(f"{path} cannot be read as {path.suffix[1:]} ({why}); write it again.") from error


def _parquet(path: Path) -> pa.Table:
    with pq.ParquetFile(path) as file:
        check_rows(file.metadata.num_rows, str(path))
        size = sum(file.metadata.row_group(group).total_byte_size for group in range(file.metadata.num_row_groups))
        check_size(size, str(path), "Give a part of it, or smaller images")
        return file.read()


def _arrow(path: Path) -> pa.Table:
    check_size(path.stat().st_size, str(path), "Give a part of it, or smaller images")
    source = pa.memory_map(str(path))
    try:
        table = pa.ipc.open_stream(source).read_all()
    except pa.ArrowInvalid:  # `datasets` writes streams, most others files
        table = pa.ipc.open_file(source).read_all()
    return table


def _table(table: pa.Table, path: Path) -> Table:
    check_rows(table.num_rows, str(path))
    double = [name for name in table.column_names if table.column_names.count(name) > 1]
    if double:
        raise InputError(f"{path} has two columns {double[0]!r}; rename one of them.")
    columns = {name: as_column(table.column(name)) for name in table.column_names}
    folder = path if path.is_dir() else path.parent
    return Table(columns, table.num_rows, path.name, (folder,), class_names=class_names(table.schema))


def class_names(schema: pa.Schema) -> dict[str, tuple[str, ...]]:
    """Returns the class names that `datasets` keeps in a schema, for a class or a list of them: column -> names."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        found = {column: _class_label(feature) for column, feature in features.items()}
        return {column: tuple(str(name) for name in one["names"]) for column, one in found.items() if one.get("names")}
    except (KeyError, ValueError, TypeError, AttributeError):
        return {}


def _class_label(feature: Any) -> Mapping[str, Any]:
    """Returns a feature that is a class or the entry of a list of classes, {} for others."""
    inner = feature[0] if isinstance(feature, list) and feature else feature
    if isinstance(inner, dict) and inner.get("_type") != "ClassLabel":
        inner = inner.get("feature")
    return inner if isinstance(inner, dict) and inner.get("_type") == "ClassLabel" else {}
