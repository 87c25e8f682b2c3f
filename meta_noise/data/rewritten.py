"""A user's data written again in their own form, with other labels in some rows and further columns at the end.

CSV and JSON lines are written line by line from the text of the file: a row whose label stays has its bytes as they
were. Parquet keeps the types of all columns. What came in another way is written as Parquet, or as CSV where it had no
columns but images of a folder or ready arrays.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TextIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from meta_noise.data.own.delimited import delimiter_of, is_plain_text, long_cells
from meta_noise.data.own.table import Table, as_column, cells, written
from meta_noise.data.own.text_files import Encoding, encoding_of, open_text

DELIMITED, LINES = (".csv", ".tsv", ".tab", ".txt"), (".jsonl", ".ndjson")
GROUP = 65_536  # rows of a Parquet file written at a time


class Rewrite(NamedTuple):
    """What is written into N rows.

    Attributes:
        changed: column -> row -> the cell that takes the place of the one there, in the type of the column.
        columns: further columns, name -> N cells; a name that the data have already is told apart by `fresh_names`.
    """

    changed: Mapping[str, Mapping[int, Any]]
    columns: Mapping[str, Sequence[Any]]

    def of_row(self, row: int) -> dict[str, Any]:
        """Returns column -> new cell of a row."""
        return {name: cells[row] for name, cells in self.changed.items() if row in cells}


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
        _delimited(Path(data), table, change, file)
    elif ending in (*LINES, ".json") and table.lines is not None:
        _json_lines(Path(data), table, change, file)
    elif ending == ".json":
        _json_list(Path(data), change, file)
    elif rewritten_name(data, table) == ".csv":
        _plain_csv(table, change, file)
    else:
        source = pq.ParquetFile(data).read() if ending == ".parquet" else _as_table(table)
        _parquet(source, change, file)


def fresh_names(table: Table, columns: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """Returns the columns by names that the data do not have: `x` is `meta_noise_x` where they have `x`."""
    found: dict[str, Sequence[Any]] = {}
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


def _delimited(path: Path, table: Table, change: Rewrite, file: BinaryIO) -> None:
    encoding = encoding_of(path)
    delimiter = delimiter_of(path, encoding)
    is_plain = is_plain_text(path, encoding, delimiter)
    text = _encoder(path, encoding, change, file)

    def parsed(record: str) -> list[str]:
        rows = csv.reader(
            io.StringIO(record, newline=""),
            delimiter=delimiter,
            quoting=csv.QUOTE_NONE if is_plain else csv.QUOTE_MINIMAL,
        )
        return next(row for row in rows if row)

    def write(record: str, added: Sequence[str]) -> None:
        body = record.rstrip("\r\n")
        text.write(body + delimiter + _line(added, delimiter, is_plain) + record[len(body) :])

    with open_text(path, encoding) as stream, long_cells():
        records = _raw_records(stream, [] if table.lines is None else table.lines.tolist())
        head = next(records)
        names = [name.strip() for name in parsed(head)]
        places = {name: names.index(name) for name in change.changed}
        write(head, list(change.columns))
        for row, record in enumerate(records):
            if row in table.bad:  # not as many cells as the header has, or no text
                text.write(record)
                continue
            if new := change.of_row(row):
                parts = parsed(record)
                for name, cell in new.items():
                    parts[places[name]] = cell_text(cell)
                record = _line(parts, delimiter, is_plain) + _end(record)
            write(record, [cell_text(values[row]) for values in change.columns.values()])
    text.flush()
    text.detach()


def _encoder(path: Path, encoding: Encoding, change: Rewrite, file: BinaryIO) -> io.TextIOWrapper:
    """Returns a writer in the encoding of the file, or in UTF-8 where a label has no place in that."""
    name, errors = encoding.name, "surrogateescape"
    if name == "utf-8-sig":
        with open_text(path, Encoding("utf-8")) as stream:
            name = "utf-8-sig" if stream.read(1) == "\ufeff" else "utf-8"
    else:
        errors = "strict"
        try:
            new = [column.values() for column in change.changed.values()]
            for value in {cell_text(cell) for cells in (*new, *change.columns.values()) for cell in cells}:
                value.encode(name)
        except UnicodeEncodeError:
            name = "utf-8"
    return io.TextIOWrapper(file, encoding=name, errors=errors, newline="")


def _raw_records(stream: TextIO, lines: Sequence[int]) -> Iterator[str]:
    """Yields the text of the header and then of each record, which begin on these lines, with blank lines after it."""
    starts = iter([*lines, None])
    start, kept = next(starts), list[str]()
    for number, line in enumerate(stream, start=1):
        if number == start:
            yield "".join(kept)
            start, kept = next(starts), []
        kept.append(line)
    yield "".join(kept)


def _line(parts: Sequence[str], delimiter: str, is_plain: bool) -> str:
    """Returns cells as one line without its end."""
    if is_plain:
        return delimiter.join(parts)
    sink = io.StringIO(newline="")
    csv.writer(sink, delimiter=delimiter, lineterminator="").writerow(parts)
    return sink.getvalue()


def _end(record: str) -> str:
    return record[len(record.rstrip("\r\n")) :]


def _json_lines(path: Path, table: Table, change: Rewrite, file: BinaryIO) -> None:
    encoding = encoding_of(path)
    text = _encoder(path, encoding, change, file)
    with open_text(path, encoding) as stream:
        row = 0
        for line in stream:
            if not line.strip():
                text.write(line)
                continue
            text.write(line if row in table.bad else _with_keys(line, row, change))
            row += 1
    text.flush()
    text.detach()


def _with_keys(line: str, row: int, change: Rewrite) -> str:
    body, added = line.rstrip(), json.dumps(_added(change, row), ensure_ascii=False)
    if new := change.of_row(row):
        body = json.dumps({**json.loads(body), **new}, ensure_ascii=False)
    kept = body[:-1].rstrip()
    return f"{kept}{'' if kept.endswith('{') else ', '}{added[1:]}{_end(line)}"


def _json_list(path: Path, change: Rewrite, file: BinaryIO) -> None:
    encoding = encoding_of(path)
    with open_text(path, encoding) as stream:
        entries = json.loads(stream.read())
    for row, entry in enumerate(entries):
        if isinstance(entry, dict):
            entry |= change.of_row(row) | _added(change, row)
    file.write((json.dumps(entries, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace"))


def _added(change: Rewrite, row: int) -> dict[str, Any]:
    return {name: _plain(values[row]) for name, values in change.columns.items()}


def _plain(value: Any) -> Any:
    """Returns a cell as JSON holds it, a number with six digits."""
    value = value.item() if isinstance(value, np.generic) else value
    return round(value, 6) if isinstance(value, float) else value


def cell_text(value: Any) -> str:
    """Returns a cell as a CSV file holds it: six digits of a number, nothing for None, a text as it is."""
    value = _plain(value)
    return value if isinstance(value, str) else repr(value) if isinstance(value, float) else written(value)


def _plain_csv(table: Table, change: Rewrite, file: BinaryIO) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*table.columns, *change.columns])
    columns = {name: cells(column) for name, column in table.columns.items()}
    for name, new in change.changed.items():
        for row, cell in new.items():
            columns[name][row] = cell
    for values in zip(*columns.values(), *change.columns.values(), strict=True):
        writer.writerow([cell_text(value) for value in values])
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


def _parquet(source: pa.Table, change: Rewrite, file: BinaryIO) -> None:
    kind = pa.string()
    for changed, new in change.changed.items():
        place = source.column_names.index(changed)
        field = source.schema.field(place)
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        column = cells(source.column(place))
        for row, label in new.items():
            column[row] = label
        source = source.set_column(place, field.with_type(kind), pa.chunked_array([_typed(column, kind)]))
    kind = kind if len(change.changed) == 1 else pa.string()
    for name, values in change.columns.items():
        added = _typed(values, kind) if any(value in name for value in ("given_label", "suggested_label")) else None
        source = source.append_column(name, as_column(list(values)) if added is None else pa.chunked_array([added]))
    pq.write_table(source, file, row_group_size=GROUP)


def _typed(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Returns cells in the type of a column; as text where they are of another one."""
    try:
        return pa.array(values, kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.array([None if value is None else written(value) for value in values], pa.string())
