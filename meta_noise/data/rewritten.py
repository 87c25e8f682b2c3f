"""A user's data written again in their own form, with other labels in some rows and further columns at the end.

CSV and JSON lines are written line by line from the text of the file: a row whose label stays has its bytes as they
were. Parquet keeps the types of all columns. What came in another way is written as Parquet, or as CSV where it had no
columns but images of a folder or ready arrays.
"""

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from meta_noise.data.change import GROUP, Rewrite, cell_text, cells_of, replaced
from meta_noise.data.own.table import Column, Table, as_column, written
from meta_noise.data.rewritten_text import write_delimited, write_json_lines, write_json_list
from meta_noise.disk.csv_lines import csv_line

DELIMITED, LINES = (".csv", ".tsv", ".tab", ".txt"), (".jsonl", ".ndjson")


def rewritten_name(data: Any, table: Table) -> str:
    """Returns the ending of the file that `rewrite` makes: that of the data, or .parquet, or .csv."""
    ending = _ending(data)
    if ending in (*DELIMITED, *LINES, ".json", ".parquet"):
        return ending
    return ".csv" if table.is_made or not _own_columns(table) else ".parquet"


def rewrite(data: Any, table: Table, change: Rewrite, file: BinaryIO) -> None:
    """Writes the data with changed labels and further columns.

    Args:
        data: a path, or anything in memory, as in `meta_noise.data.own.read`.
        table: its rows.
        change: what is written into them.
        file: where to.
    """
    change = change._replace(columns=fresh_names(table, change.columns))
    ending = _ending(data)
    if ending in DELIMITED:
        write_delimited(Path(data), table, change, file)
    elif ending in (*LINES, ".json") and table.lines is not None:
        write_json_lines(Path(data), table, change, file)
    elif ending == ".json":
        write_json_list(Path(data), change, file)
    elif rewritten_name(data, table) == ".csv":
        _plain_csv(table, change, file)
    else:
        stored = pq.ParquetFile(data) if ending == ".parquet" else None
        source = _as_table(table) if stored is None else stored
        schema = source.schema if stored is None else stored.schema_arrow
        parts = source.to_batches(GROUP) if stored is None else stored.iter_batches(GROUP)
        _parquet(schema, parts, table, change, file)


def fresh_names(table: Table, columns: Mapping[str, Column]) -> dict[str, Column]:
    """Returns the columns by names that the data do not have: `x` is `meta_noise_x` where they have `x`."""
    found: dict[str, Column] = {}
    for name, values in columns.items():
        while name in table.columns or name in found:
            name = f"meta_noise_{name}"
        found[name] = values
    return found


def _ending(data: Any) -> str:
    """Returns the ending of a file without that of its packing, "" for folders and data in memory."""
    if not isinstance(data, str | Path) or not Path(data).is_file():
        return ""
    path = Path(data)
    ending = Path(path.stem).suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    return ".parquet" if ending == ".pq" else ending


def _own_columns(table: Table) -> list[str]:
    return [name for name in table.columns if name != "label"]


def _plain_csv(table: Table, change: Rewrite, file: BinaryIO) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="")
    text.write(csv_line([*table.columns, *change.columns]) + "\n")
    columns = {name: replaced(column, change.changed.get(name, {})) for name, column in table.columns.items()}
    for values in zip(*map(cells_of, (*columns.values(), *change.columns.values())), strict=True):
        text.write(csv_line([cell_text(value) for value in values]) + "\n")
    text.flush()
    text.detach()


def _as_table(table: Table) -> pa.Table:
    """Returns columns as an Arrow table, those of several types as text."""
    return pa.table(
        {
            name: pa.chunked_array([pa.array([written(cell) for cell in column], pa.string())])
            if isinstance(column, list)
            else column
            for name, column in table.columns.items()
        }
    )


def _parquet(schema: pa.Schema, parts: Iterable[pa.RecordBatch], table: Table, change: Rewrite, file: BinaryIO) -> None:
    """Writes the rows of a table with this schema part by part, each with its cells of the columns that are new."""
    kind, new = pa.string(), dict[str, pa.ChunkedArray]()
    for name, cells in change.changed.items():
        kind = schema.field(name).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        new[name] = replaced(_typed(table.columns[name], kind), cells)
    kind = kind if len(change.changed) == 1 else pa.string()
    for name, values in change.columns.items():
        is_label = any(word in name for word in ("given_label", "suggested_label"))
        column = _typed(values, kind) if is_label else as_column(values)
        new[name] = _typed(column, pa.string()) if isinstance(column, list) else column

    def with_new(part: pa.Table, start: int) -> pa.Table:
        for name, column in new.items():
            cells = column.slice(start, part.num_rows)
            if name in part.column_names:
                place = part.column_names.index(name)
                part = part.set_column(place, part.schema.field(place).with_type(column.type), cells)
            else:
                part = part.append_column(name, cells)
        return part

    start = 0
    with pq.ParquetWriter(file, with_new(schema.empty_table(), 0).schema) as writer:
        for batch in parts:
            writer.write_table(with_new(pa.Table.from_batches([batch]), start))
            start += batch.num_rows


def _typed(values: Column, kind: pa.DataType) -> pa.ChunkedArray:
    """Returns cells in the type of a column; as text where they are of another one."""
    try:
        return pa.chunked_array([pa.array(values, kind)]) if isinstance(values, list) else values.cast(kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        words = [None if value is None else written(value) for value in cells_of(values)]
        return pa.chunked_array([pa.array(words, pa.string())])
