"""Reads a file of tokens and tags in any form."""

from pathlib import Path

from meta_noise.data.tagged import listed
from meta_noise.data.tagged.lines import FORM, read_lines
from meta_noise.data.tagged.looks import ending
from meta_noise.data.tagged.tagged import Tagged, check_tagged


def read_tagged(
    path: str | Path, token: str | None = None, tag: str | None = None, skip_bad: bool = False, fewest: int = 2
) -> Tagged:
    """Returns the tokens of a file and their tags.

    Args:
        path: lines of a token and its tag (its name ending in .gz if it is packed), JSON lines with lists of tokens and
            of tags, or Parquet with such columns.
        token, tag: the column: a number from 1 of lines, a name of JSON lines and Parquet; told by the form if None.
        skip_bad: go on without lines that cannot be used; they stay in the file as they are.
        fewest: sentences that are needed.

    Raises:
        InputError: the file is none of tokens and tags, or a line has no tag.
    """
    path = Path(path)
    if ending(path) in listed.JSON:
        return check_tagged(listed.read_json_lines(path, token, tag, skip_bad), listed.FORM, fewest)
    if ending(path) in listed.PARQUET:
        return check_tagged(listed.read_parquet(path, token, tag, skip_bad), listed.FORM, fewest)
    return check_tagged(read_lines(path, token, tag, skip_bad), FORM, fewest)
