"""Sentences as lists of tokens and of tags: lines of JSON, columns of Parquet, lists and data sets in memory.

A tag may be a number. Names of the numbers are taken from a `ClassLabel` of Hugging Face, where there is one; what is
written back has the numbers.
"""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from meta_noise.data.own.text_files import encoding_of, once, open_text
from meta_noise.data.tagged.pieces import pieces_of
from meta_noise.data.tagged.tagged import Tagged
from meta_noise.errors import InputError

TOKENS, TAGS = ("tokens", "words"), ("tags", "ner_tags", "pos_tags", "upos", "labels", "chunk_tags")
FORM = "in each row a list of tokens and a list of as many tags, such as tokens and tags"
LONGEST_LINE = 1 << 20  # characters of the first line that are looked at
JSON, PARQUET = (".jsonl", ".ndjson"), (".parquet",)

Write = Callable[[Mapping[int, list[Any]]], bytes]
"""`number of the sentence -> its new tags` to the content of a file."""


class Lists(NamedTuple):
    """Sentences as they are found.

    Attributes:
        name: of the file.
        tokens, tags: [S] lists.
        lines: [S] int line or row of each, from 1.
        known: names of tags that are numbers; None where they have none.
    """

    name: str
    tokens: list[Any]
    tags: list[Any]
    lines: Sequence[int]
    known: Sequence[str] | None = None


def read_json_lines(path: Path, token: str | None = None, tag: str | None = None, skip_bad: bool = False) -> Tagged:
    """Returns the tokens of a file with an object on each line: {"tokens": ["Kano", ...], "tags": ["B-LOC", ...]}.

    Raises:
        InputError: a line is no such object; its number is said.
    """
    pieces, encoding, note = pieces_of(path)
    lines = [line.removeprefix("\ufeff") for line in pieces[::2]]
    objects: list[Any] = []
    for number, line in enumerate(lines, start=1):
        try:
            objects.append(json.loads(line, object_pairs_hook=once) if line.strip() else None)
        except (ValueError, RecursionError) as error:
            if not skip_bad:
                raise InputError(f"Line {number:,} of {path.name} is no JSON object: {error}.") from None
            objects.append(None)
    rows = [one if isinstance(one, Mapping) else {} for one in objects]
    first = next((row for row in rows if row), {})
    names = columns_of(list(first), path.name, token, tag)
    numbers = [place for place, one in enumerate(objects) if one is not None]
    tokens, tags = ([rows[place].get(name) for place in numbers] for name in names)

    def write(changed: Mapping[int, list[Any]]) -> bytes:
        found = list(pieces)
        for sentence, tags in changed.items():
            place = numbers[sentence]
            mark = "\ufeff" * pieces[2 * place].startswith("\ufeff")
            found[2 * place] = mark + json.dumps({**rows[place], names[1]: tags}, ensure_ascii=False)
        return "".join(found).encode(encoding, "surrogatepass")

    lists = Lists(path.name, tokens, tags, [place + 1 for place in numbers])
    return as_tagged(lists, write, ".jsonl", skip_bad, (*([note] if note else []), _said(names)))


def read_parquet(path: Path, token: str | None = None, tag: str | None = None, skip_bad: bool = False) -> Tagged:
    """Returns the tokens of a Parquet file with a column of lists of tokens and one of lists of tags.

    Raises:
        InputError: it is none, or has other columns.
    """
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path.name} can't be read as Parquet: {error}.") from None
    names = columns_of(table.column_names, path.name, token, tag)
    tokens, old = (table.column(name).to_pylist() for name in names)

    def write(changed: Mapping[int, list[Any]]) -> bytes:
        tags = [changed.get(place, one) for place, one in enumerate(old)]
        place = table.column_names.index(names[1])
        other = table.set_column(place, table.schema.field(place), pa.array(tags, table.schema.field(place).type))
        sink = io.BytesIO()
        pq.write_table(other, sink, use_compliant_nested_type=False)  # lists keep the names of their parts
        return sink.getvalue()

    known = names_in(table.schema.metadata, names[1])
    lists = Lists(path.name, tokens, old, range(1, len(old) + 1), known)
    return as_tagged(lists, write, ".parquet", skip_bad, (_said(names),))


def read_lists(tokens: Sequence[Any], tags: Sequence[Any], known: Sequence[str] | None = None) -> Tagged:
    """Returns sentences in memory; `rewritten` gives JSON lines, and `known` names tags that are numbers."""
    if len(tokens) != len(tags):
        raise InputError(f"sentences has {len(tokens):,} lists and tags {len(tags):,}; give a list of tags for each.")
    tokens, tags = list(tokens), list(tags)

    def write(changed: Mapping[int, list[Any]]) -> bytes:
        rows = ({"tokens": list(one), "tags": changed.get(n, list(tags[n]))} for n, one in enumerate(tokens))
        return "".join(json.dumps(row, ensure_ascii=False, default=_plain) + "\n" for row in rows).encode()

    return as_tagged(Lists("sentences", tokens, tags, range(1, len(tokens) + 1), known), write, ".jsonl")


def as_tagged(lists: Lists, write: Write, ending: str, skip_bad: bool = False, notes: tuple[str, ...] = ()) -> Tagged:
    """Returns lists of tokens and of tags as one sequence; `write` takes the lists of tags of sentences that change."""
    words, given, sentence, line, source, skipped = [], [], [], [], [], []
    count = 0
    name, tokens, tags, lines, known = lists
    for place, (one, other) in enumerate(zip(tokens, tags, strict=True)):
        if wrong := _wrong(one, other, known):
            if not skip_bad:
                raise InputError(f"Row {lines[place]:,} of {name} {wrong}. It needs {FORM}.")
            skipped.append((lines[place], wrong))
            continue
        words += list(one)
        given += [_name(tag, known) for tag in other]
        sentence += [count] * len(one)
        line += [lines[place]] * len(one)
        source += [(place, step) for step in range(len(one))]
        count += bool(len(one))

    def rewritten(changed: Mapping[int, str]) -> bytes:
        found: dict[int, list[Any]] = {}
        for row, tag in changed.items():
            place, step = source[row]
            old = found.setdefault(place, [_plain(one) for one in tags[place]])
            old[step] = _as_before(tag, old[step], known)
        return write(found)

    arrays = np.array(sentence, int), np.array(line, int)
    return Tagged(name, words, given, *arrays, notes, tuple(skipped), ending, rewritten)


def columns_of(names: Sequence[str], name: str, token: str | None, tag: str | None) -> tuple[str, str]:
    """Returns the names of the columns of tokens and of tags.

    Raises:
        InputError: there are none of usual names, or none of the asked ones.
    """
    found = []
    for what, asked, usual in (("--text", token, TOKENS), ("--label", tag, TAGS)):
        if asked and asked not in names:
            raise InputError(f"{what} is {asked!r}, no column of {name}; it has {', '.join(names)[:200]}.")
        chosen = asked or next((one for one in usual if one in names), None)
        if chosen is None:
            shown = ", ".join(names)[:200]
            raise InputError(f"{name} has no column {' or '.join(usual[:3])} ({shown}); name it: {what}.")
        found.append(chosen)
    return found[0], found[1]


def names_in(metadata: Mapping[bytes, bytes] | None, column: str) -> list[str] | None:
    """Returns the names of classes that Hugging Face leaves in a schema for a column of lists; None without any."""
    try:
        found = json.loads((metadata or {})[b"huggingface"])["info"]["features"][column]
        inner = found.get("feature", found) if isinstance(found, dict) else found[0]
        names = inner["names"]
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    return [str(one) for one in names] if isinstance(names, list) else None


def has_lists(path: Path) -> bool:
    """Returns whether the first row of a file of JSON lines or Parquet has lists of tokens and of as many tags, under
    usual names."""
    try:
        if path.suffix.lower() in PARQUET:
            file = pq.ParquetFile(path)
            kinds = {field.name: field.type for field in file.schema_arrow}
            return all(any(_is_list(kinds.get(name)) for name in usual) for usual in (TOKENS, TAGS))
        with open_text(path, encoding_of(path)) as stream:
            row = json.loads(stream.readline(LONGEST_LINE))
        found = [next((row[name] for name in usual if name in row), None) for usual in (TOKENS, TAGS)]
    except (OSError, ValueError, TypeError, RecursionError, InputError, pa.ArrowException):
        return False
    tokens, tags = found
    return isinstance(tokens, list) and isinstance(tags, list) and len(tokens) == len(tags) > 0


def _is_list(kind: pa.DataType | None) -> bool:
    return kind is not None and (pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _wrong(tokens: Any, tags: Any, known: Sequence[str] | None) -> str:
    """Returns what is wrong with a sentence, "" for nothing."""
    for what, one in (("tokens", tokens), ("tags", tags)):
        if isinstance(one, str) or not hasattr(one, "__len__") or isinstance(one, Mapping):
            return f"has no list of {what}: {str(one)[:60]!r}"
    if len(tokens) != len(tags):
        return f"has {len(tokens):,} tokens and {len(tags):,} tags"
    for token, tag in zip(tokens, tags, strict=True):
        if not isinstance(token, str):
            return f"has a token that is no text: {str(token)[:60]!r}"
        if tag is None or str(tag).strip() == "" or (isinstance(tag, float) and tag != int(tag)):
            return f"has no tag for {token[:60]!r}"
        if known is not None and not isinstance(tag, str) and not 0 <= int(tag) < len(known):
            return f"has the tag {tag} for {token[:60]!r}; there are {len(known)} names of tags, from 0"
    return ""


def _name(tag: Any, known: Sequence[str] | None) -> str:
    if isinstance(tag, str):
        return tag
    return str(int(tag)) if known is None else known[int(tag)]


def _as_before(tag: str, old: Any, known: Sequence[str] | None) -> Any:
    """Returns a tag as text or as a number, as the old one was."""
    if isinstance(old, str):
        return tag
    return int(tag) if known is None else list(known).index(tag)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _said(names: tuple[str, str]) -> str:
    return f"Tokens are the lists in {names[0]} and tags those in {names[1]}; --text and --label name others."
