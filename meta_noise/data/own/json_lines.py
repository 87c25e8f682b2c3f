"""JSON lines (one object a line), and JSON files that are one list of objects.

Format: "JSON Lines", https://jsonlines.org.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from meta_noise.data.own.table import Table, as_column, check_rows
from meta_noise.data.own.text_file import not_utf8, open_text
from meta_noise.errors import InputError

MOST_JSON = 2**30  # bytes; as Python objects a file takes several times its size


def read_json_lines(path: Path) -> Table:
    """Returns the table of a file with one JSON object a line; a key that an object lacks is a missing cell.

    A line that is no object, or not UTF-8, is a bad row. Blank lines are nothing.
    """
    with open_text(path, MOST_JSON) as stream:
        lines = ((line, text) for line, text in enumerate(stream, start=1) if text.strip())
        return _table(path, ((line, *_parsed(text)) for line, text in lines), has_lines=True)


def read_json(path: Path) -> Table:
    """Returns the table of a file that is one list of objects, or else JSON lines."""
    with open_text(path) as stream:
        is_list = next((line for line in stream if line.strip()), "").lstrip().startswith("[")
    if not is_list:
        return read_json_lines(path)
    with open_text(path, MOST_JSON) as stream:
        text = stream.read()
    if wrong := not_utf8(text):
        raise InputError(f"{path}: {wrong}.")
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not whole JSON: {error}.") from error
    return _table(path, ((row, *_checked(entry)) for row, entry in enumerate(entries)), has_lines=False)


def _table(path: Path, records: Iterable[tuple[int, dict[str, Any], str]], has_lines: bool) -> Table:
    """Returns the table of (line, object, what is wrong with it)."""
    numbers: list[int] = []
    objects: list[dict[str, Any]] = []
    bad: dict[int, str] = {}
    for number, record, wrong in records:
        if wrong:
            bad[len(numbers)] = wrong
        numbers.append(number)
        objects.append(record)
    check_rows(len(numbers), str(path))
    names = list(dict.fromkeys(key for record in objects for key in record))
    if not names:
        raise InputError(f"{path} holds no JSON object with a key; the first row: {bad.get(0, 'an empty object')}.")
    columns = {name: as_column([record.get(name) for record in objects]) for name in names}
    lines = np.array(numbers) if has_lines else None
    return Table(columns, len(numbers), path.name, (path.parent,), lines=lines, bad=bad)


def _parsed(text: str) -> tuple[dict[str, Any], str]:
    """Returns the object on a line, and what is wrong with it or ""."""
    if wrong := not_utf8(text):
        return {}, wrong
    try:
        entry = json.loads(text)
        if "\\ud" in text.lower():  # an escape may be half of a pair, which no file can hold
            json.dumps(entry, ensure_ascii=False).encode("utf-8")
        return _checked(entry)
    except (ValueError, RecursionError) as error:
        return {}, f'it is not JSON ({error}); write one object such as {{"label": "cat", "text": "..."}} on each line'


def _checked(entry: Any) -> tuple[dict[str, Any], str]:
    if isinstance(entry, dict):
        return entry, ""
    return {}, f"it holds {json.dumps(entry)[:40]}, not an object with a value for each column"
