"""Reads a file of tokens and tags, and writes it again with other tags, every other byte as it was.

Form: E. F. Tjong Kim Sang, F. De Meulder, "Introduction to the CoNLL-2003 Shared Task", CoNLL 2003: a token a line, its
tag in the last column, columns parted by blanks or by one tab, a blank line between sentences, and maybe lines that
begin a document (-DOCSTART-). Of files with the ten columns of CoNLL-U the word is in the second column and its part of
speech in the fourth.
"""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from meta_noise.data.tagged.pieces import pieces_of
from meta_noise.data.tagged.tagged import Tagged
from meta_noise.errors import InputError

DOCUMENT = "-DOCSTART-"
COMMENT = re.compile(r"# ?[\w.:-]+( =.*)?$|#$")
CONLLU = 10  # columns
FORM = "a token and its tag on each line, between them a tab or blanks, and a blank line between sentences"


class Columns(NamedTuple):
    """Where things are: tabs or blanks part `width` columns, those of the token and the tag from 0."""

    has_tabs: bool
    token: int
    tag: int
    width: int


def read_lines(path: str | Path, token: str | None = None, tag: str | None = None, skip_bad: bool = False) -> Tagged:
    """Returns the tokens of a file of lines and their tags.

    Args:
        path: the file, its name ending in .gz if it is packed.
        token, tag: number of the column, from 1; told by the form of the file if None.
        skip_bad: go on without lines that cannot be used; they stay in the file as they are.

    Raises:
        InputError: the file is none of tokens and tags, or a line has no tag.
    """
    path = Path(path)
    pieces, encoding, note = pieces_of(path)
    lines = pieces[::2]
    columns = columns_of(lines, path.name, token, tag)
    tokens, tags, sentences, numbers, spans = [], [], [], [], []
    skipped: list[tuple[int, str]] = []
    sentence, is_open = -1, False
    for number, line in enumerate(lines, start=1):
        fields = fields_of(line, columns.has_tabs)
        if not fields or line[fields[0][0] : fields[0][1]] == DOCUMENT or is_comment(line, fields, columns.width):
            is_open = False
            continue
        if wrong := _wrong(line, fields, columns):
            if not skip_bad:
                raise InputError(
                    f"Line {number:,} of {path.name} {wrong}. Each line needs {FORM}; correct it, or go on without "
                    "such lines (--skip-bad)."
                )
            skipped.append((number, wrong))
            continue
        if columns.width == CONLLU and not line[slice(*fields[0])].isdecimal():
            continue  # 1-2 and 1.1 are no words of their own
        sentence, is_open = sentence + (not is_open), True
        tokens.append(line[slice(*fields[columns.token])])
        tags.append(line[slice(*fields[columns.tag])])
        spans.append(fields[columns.tag])
        sentences.append(sentence)
        numbers.append(number)
    notes = (*([note] if note else []), _said(columns))
    rows = np.array(sentences), np.array(numbers)

    def rewritten(changed: Mapping[int, str]) -> bytes:
        found = list(pieces)
        for row, tag in changed.items():
            begin, end = spans[row]
            place = 2 * (numbers[row] - 1)
            found[place] = found[place][:begin] + tag + found[place][end:]
        return "".join(found).encode(encoding)

    return Tagged(path.name, tokens, tags, *rows, notes, tuple(skipped), ".conll", rewritten)


def fields_of(line: str, has_tabs: bool) -> list[tuple[int, int]]:
    """Returns the (begin, end) of each column of a line, blanks around it left out; none of a blank line."""
    line = line.removeprefix("\ufeff") if not line.strip("\ufeff \t") else line
    if not line.strip(" \t\ufeff"):
        return []
    if not has_tabs:
        return [match.span() for match in re.finditer(r"[^ \t\ufeff]+", line)]
    found, begin = [], int(line.startswith("\ufeff"))
    for part in line[begin:].split("\t"):
        left = len(part) - len(part.lstrip(" "))
        found.append((begin + left, max(begin + left, begin + len(part.rstrip(" ")))))
        begin += len(part) + 1
    return found


def is_comment(line: str, fields: list[tuple[int, int]], count: int) -> bool:
    """Returns whether a line of a file with `count` columns is a remark, such as "# sent_id = 3"."""
    line = line.lstrip("\ufeff")
    return line.startswith("#") and (len(fields) != count or " = " in line) and COMMENT.match(line) is not None


def columns_of(lines: list[str], name: str, token: str | None = None, tag: str | None = None) -> Columns:
    """Returns where tokens and tags are; a number of columns that a line has most often is the right one.

    Raises:
        InputError: lines have one column, or a column is asked for that is none.
    """
    written = [line for line in lines if line.strip(" \t\ufeff") and DOCUMENT not in line]
    has_tabs = 2 * sum("\t" in line for line in written) > len(written)
    counts = Counter(len(fields_of(line, has_tabs)) for line in written)
    count = counts.most_common(1)[0][0] if counts else 0
    if count < 2:
        shown = written[0].strip()[:40] if written else ""
        raise InputError(f"{name} has no tags: most lines hold one word, such as {shown!r}. It needs {FORM}.")
    is_conllu = count == CONLLU and has_tabs
    found = []
    for what, asked, usual in (("--text", token, int(is_conllu)), ("--label", tag, 3 if is_conllu else count - 1)):
        if asked in (None, ""):
            found.append(usual)
            continue
        if not str(asked).isdecimal() or not 1 <= int(asked) <= count:
            raise InputError(f"{what} is {asked!r}; for tags give the number of a column of {name}, 1 to {count}.")
        found.append(int(asked) - 1)
    if found[0] == found[1]:
        raise InputError(f"Tokens and tags of {name} cannot both be in column {found[0] + 1}; see --text and --label.")
    return Columns(has_tabs, found[0], found[1], count)


def _wrong(line: str, fields: list[tuple[int, int]], columns: Columns) -> str:
    """Returns what is wrong with a line, "" for nothing."""
    if len(fields) > columns.width:
        return f"has {len(fields)} columns, and the others have {columns.width}: {line.strip()[:60]!r}"
    if columns.token >= len(fields) or not line[slice(*fields[columns.token])]:
        return f"has a tag and no token: {line.strip()[:60]!r}"
    if columns.tag >= len(fields) or not line[slice(*fields[columns.tag])]:
        return f"has a token and no tag: {line.strip()[:60]!r}"
    return ""


def _said(columns: Columns) -> str:
    parted = "tabs" if columns.has_tabs else "blanks"
    return (
        f"Tokens are in column {columns.token + 1} and tags in column {columns.tag + 1} of {columns.width}, parted by "
        f"{parted}; --text and --label with a number choose others."
    )
