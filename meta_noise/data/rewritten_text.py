"""CSV and JSON files written again, line by line from their text."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from meta_noise.data.change import Rewrite, cell_text, cells_of
from meta_noise.data.own.delimited import delimiter_of, is_plain_text, long_cells
from meta_noise.data.own.table import Table
from meta_noise.data.own.text_files import Encoding, encoding_of, open_text
from meta_noise.disk.csv_lines import csv_line


def write_delimited(path: Path, table: Table, change: Rewrite, file: BinaryIO) -> None:
    """Writes a CSV or another file of delimited cells."""
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
        added = change.added()
        for row, record in enumerate(records):
            more = next(added)
            if row in table.bad:  # not as many cells as the header has, or no text
                text.write(record)
                continue
            if new := change.of_row(row):
                parts = parsed(record)
                for name, cell in new.items():
                    parts[places[name]] = cell_text(cell)
                record = _line(parts, delimiter, is_plain) + _end(record)
            write(record, list(map(cell_text, more)))
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
            for value in {
                cell_text(cell) for column in (*new, *map(cells_of, change.columns.values())) for cell in column
            }:
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
    return delimiter.join(parts) if is_plain else csv_line(parts, delimiter)


def _end(record: str) -> str:
    return record[len(record.rstrip("\r\n")) :]


def write_json_lines(path: Path, table: Table, change: Rewrite, file: BinaryIO) -> None:
    """Writes a file with a JSON object in each line."""
    encoding = encoding_of(path)
    text = _encoder(path, encoding, change, file)
    with open_text(path, encoding) as stream:
        row, added = 0, change.added()
        for line in stream:
            if not line.strip():
                text.write(line)
                continue
            more = change.named(next(added))
            text.write(line if row in table.bad else _with_keys(line, change.of_row(row), more))
            row += 1
    text.flush()
    text.detach()


def _with_keys(line: str, new: Mapping[str, Any], more: Mapping[str, Any]) -> str:
    body, added = line.rstrip(), json.dumps(more, ensure_ascii=False)
    if new:
        body = json.dumps({**json.loads(body), **new}, ensure_ascii=False)
    kept = body[:-1].rstrip()
    return f"{kept}{'' if kept.endswith('{') else ', '}{added[1:]}{_end(line)}"


def write_json_list(path: Path, change: Rewrite, file: BinaryIO) -> None:
    """Writes a file with a JSON list of objects."""
    encoding = encoding_of(path)
    with open_text(path, encoding) as stream:
        entries = json.loads(stream.read())
    added = change.added()
    for row, entry in enumerate(entries):
        more = change.named(next(added))
        if isinstance(entry, dict):
            entry |= change.of_row(row) | more
    file.write((json.dumps(entries, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace"))
