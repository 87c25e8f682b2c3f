"""Whether a file holds tokens and tags, by its name and its form."""

import gzip
import re
import zlib
from pathlib import Path

from meta_noise.data.own.text_files import encoding_of, not_utf8, open_text
from meta_noise.data.tagged.lines import DOCUMENT, columns_of, fields_of, is_comment
from meta_noise.data.tagged.listed import JSON, PARQUET, has_lists
from meta_noise.data.tagged.pieces import ENDS
from meta_noise.errors import InputError

ALWAYS = (".conll", ".conllu", ".bio", ".iob", ".iob2", ".bioes")
BY_FORM = (".txt", ".tsv", ".tab")
OTHERS = {".json": "JSON", ".csv": "CSV"}
LOOKED_AT = 1 << 16  # characters
BLANK = re.compile(rb"\n[\s\0]*\n|\r[ \t\0]*\r")
MOST_ODD = 0.1  # lines without a token and a tag for each one with them
FEWEST, SENTENCES = 20, 3  # tokens and sentences from which a form can be told


def ending(path: Path) -> str:
    """Returns the ending of a name without that of packing, such as ".conll"."""
    return Path(path.name.lower().removesuffix(".gz")).suffix


def check_form(data: object, form: str) -> None:
    """Raises InputError where a path cannot be a file of tokens and tags, which has this form."""
    path = Path(str(data))
    if path.is_dir() or ending(path) in OTHERS:
        what = "a folder" if path.is_dir() else OTHERS[ending(path)]
        raise InputError(
            f"{path.name} is {what}, and --tags needs a text file: {form}; or JSON lines or Parquet with lists of "
            "tokens and of tags. Write it so, or leave --tags out."
        )


def looks_tagged(data: object) -> bool:
    """Returns whether this is a file of tokens and tags: by its ending, or as lines with the same number of columns
    come in groups with blank lines between, the first line being one of them and no header."""
    if not isinstance(data, str | Path) or not (path := Path(data)).is_file():
        return False
    if ending(path) in ALWAYS or (ending(path) in (*JSON, *PARQUET) and has_lists(path)):
        return True
    if ending(path) not in BY_FORM or not _has_blank_line(path):
        return False
    try:
        with open_text(path, encoding_of(path)) as stream:
            text = stream.read(LOOKED_AT)
        lines = ENDS.split(text)[::2]
        lines = lines[:-1] if len(text) == LOOKED_AT else lines  # the last one is cut off
        columns = columns_of(lines, path.name)
    except InputError:
        return False
    groups, tags, odd, is_open = 0, [], 0, False
    for line in lines:
        fields = fields_of(line, columns.has_tabs)
        if not fields or DOCUMENT in line or is_comment(line, fields, columns.width):
            is_open = False
            continue
        if len(fields) != columns.width or not_utf8(line):
            odd += 1
            continue
        groups, is_open = groups + (not is_open), True
        tags.append(line[slice(*fields[columns.tag])])
    if odd > MOST_ODD * len(tags):
        return False
    return len(tags) >= FEWEST and groups >= SENTENCES and tags[0] in tags[1:] and 4 * len(set(tags)) < len(tags)


def _has_blank_line(path: Path) -> bool:
    """Returns whether the beginning of a file has a blank line, in any encoding; a large table is told by that."""
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opened(path, "rb") as file:
            return BLANK.search(file.read(LOOKED_AT)) is not None
    except (OSError, EOFError, zlib.error):
        return False
