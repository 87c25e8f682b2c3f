"""Reads a file of tokens and tags, and writes it again with other tags, every other byte as it was.

Form: E. F. Tjong Kim Sang, F. De Meulder, "Introduction to the CoNLL-2003 Shared Task", CoNLL 2003: a token a line, its
tag in the last column, columns parted by blanks or by one tab, a blank line between sentences, and maybe lines that
begin a document (-DOCSTART-). Of files with the ten columns of CoNLL-U the word is in the second column and its part of
speech in the fourth.
"""

import codecs
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from meta_noise.data.own.text_files import Encoding, encoding_of, not_utf8, open_text
from meta_noise.errors import InputError

DOCUMENT = "-DOCSTART-"
ENDS = re.compile(r"(\r\n|\n|\r)")
COMMENT = re.compile(r"# ?[\w.:-]+( =.*)?$|#$")
CONLLU = 10  # columns
MOST = 2**30  # bytes
MOST_TOKENS = 2_000_000
FORM = "a token and its tag on each line, between them a tab or blanks, and a blank line between sentences"


class Tagged(NamedTuple):
    """N tokens with tags, in the order of the file.

    Attributes:
        name: of the file.
        tokens, tags: [N] words as they are written.
        sentence: [N] int number of the sentence, from 0.
        line: [N] int line of the file, from 1.
        notes: sentences on what was guessed.
        skipped: (line, reason) of lines that could not be used.
        pieces: lines and their ends in turn, as text; what the file is made of.
        spans: [N] (begin, end) of the tag in its line.
        encoding: of the file.
    """

    name: str
    tokens: list[str]
    tags: list[str]
    sentence: np.ndarray
    line: np.ndarray
    notes: tuple[str, ...]
    skipped: tuple[tuple[int, str], ...]
    pieces: list[str]
    spans: list[tuple[int, int]]
    encoding: str

    @property
    def sentences(self) -> int:
        return int(self.sentence[-1]) + 1

    @property
    def ids(self) -> list[str]:
        """Returns [N] sentence:token, both counted from 1."""
        places = np.arange(len(self.tokens)) - np.searchsorted(self.sentence, self.sentence)
        return [f"{sentence + 1}:{place + 1}" for sentence, place in zip(self.sentence, places, strict=True)]


class Columns(NamedTuple):
    """Where things are: tabs or blanks part `width` columns, those of the token and the tag from 0."""

    has_tabs: bool
    token: int
    tag: int
    width: int


def read_tagged(path: str | Path, token: str | None = None, tag: str | None = None, skip_bad: bool = False) -> Tagged:
    """Returns the tokens of a file and their tags.

    Args:
        path: the file, its name ending in .gz if it is packed.
        token, tag: number of the column, from 1; told by the form of the file if None.
        skip_bad: go on without lines that cannot be used; they stay in the file as they are.

    Raises:
        InputError: the file is none of tokens and tags, or a line has no tag.
    """
    path = Path(path)
    pieces, encoding, note = _text(path)
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
    _check(path.name, tokens, tags, sentence + 1)
    notes = (*([note] if note else []), _said(columns))
    rows = np.array(sentences), np.array(numbers)
    return Tagged(path.name, tokens, tags, *rows, notes, tuple(skipped), pieces, spans, encoding)


def retagged(tagged: Tagged, tags: Mapping[int, str]) -> bytes:
    """Returns the content of the file with other tags for the tokens numbered so, all else byte for byte the same."""
    pieces = list(tagged.pieces)
    for row, tag in tags.items():
        begin, end = tagged.spans[row]
        place = 2 * (int(tagged.line[row]) - 1)
        pieces[place] = pieces[place][:begin] + tag + pieces[place][end:]
    return "".join(pieces).encode(tagged.encoding)


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


def _text(path: Path) -> tuple[list[str], str, str]:
    """Returns lines and their ends in turn, the encoding that gives back the same bytes, and a note."""
    encoding = encoding_of(path, MOST)
    name = "utf-8" if encoding.name == "utf-8-sig" else encoding.name
    if name == "utf-16":
        with open_text(path, encoding._replace(name="latin-1"), MOST) as stream:
            is_little = stream.read(2).encode("latin-1") == codecs.BOM_UTF16_LE
        name = "utf-16-le" if is_little else "utf-16-be"
    read_as = encoding._replace(name="utf-8-sig") if name == "utf-8" else encoding._replace(name=name)
    with open_text(path, read_as, MOST) as stream:
        text = stream.read()
    if name == "utf-8":
        if wrong := not_utf8(text):
            raise InputError(f"{path.name}: {wrong}.")
        text = "\ufeff" * _has_mark(path, encoding.name) + text
    return ENDS.split(text), name, encoding.note


def _has_mark(path: Path, name: str) -> bool:
    """Returns whether a file in UTF-8 begins with a byte order mark."""
    with open_text(path, Encoding("latin-1"), MOST) as stream:
        return name == "utf-8-sig" and stream.read(3).encode("latin-1") == codecs.BOM_UTF8


def _wrong(line: str, fields: list[tuple[int, int]], columns: Columns) -> str:
    """Returns what is wrong with a line, "" for nothing."""
    if len(fields) > columns.width:
        return f"has {len(fields)} columns, and the others have {columns.width}: {line.strip()[:60]!r}"
    if columns.token >= len(fields) or not line[slice(*fields[columns.token])]:
        return f"has a tag and no token: {line.strip()[:60]!r}"
    if columns.tag >= len(fields) or not line[slice(*fields[columns.tag])]:
        return f"has a token and no tag: {line.strip()[:60]!r}"
    return ""


def _check(name: str, tokens: list[str], tags: list[str], sentences: int) -> None:
    if not tokens:
        raise InputError(f"{name} holds no token with a tag; it needs {FORM}.")
    if len(tokens) > MOST_TOKENS:
        raise InputError(f"{name} has {len(tokens):,} tokens; at most {MOST_TOKENS:,} are read. Give a part of them.")
    if sentences == 1 and len(tokens) > 1:
        raise InputError(
            f"The {len(tokens):,} tokens of {name} are one sentence, as no blank line parts them, and a tag is judged "
            "from other sentences. Put a blank line behind each sentence."
        )


def _said(columns: Columns) -> str:
    parted = "tabs" if columns.has_tabs else "blanks"
    return (
        f"Tokens are in column {columns.token + 1} and tags in column {columns.tag + 1} of {columns.width}, parted by "
        f"{parted}; --text and --label with a number choose others."
    )
