"""A text file as lines and their ends, which give back the same bytes."""

import codecs
import re
from pathlib import Path

from meta_noise.data.own.text_files import Encoding, encoding_of, not_utf8, open_text
from meta_noise.errors import InputError

ENDS = re.compile(r"(\r\n|\n|\r)")
MOST = 2**30  # bytes


def pieces_of(path: Path) -> tuple[list[str], str, str]:
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
