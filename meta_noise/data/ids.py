"""Identifiers of rows: made from a row number, and matched between files and data sets."""

import os
from collections.abc import Iterable

import numpy as np

from meta_noise.errors import InputError


def row_ids(prefix: str, rows: int | Iterable[int], digits: int = 5) -> np.ndarray:
    """Returns `prefix-00000`, `prefix-00001`, ... as [N] str, for `rows` rows or for the row numbers given."""
    numbers = range(rows) if isinstance(rows, int) else rows
    return np.array([f"{prefix}-{number:0{digits}d}" for number in numbers], dtype=np.str_)


def check_unique(ids: np.ndarray, where: str | os.PathLike[str]) -> None:
    """Raises InputError naming the first identifier that occurs twice, and both rows."""
    seen: dict[str, int] = {}
    for row, identifier in enumerate(np.asarray(ids).tolist()):
        if identifier in seen:
            raise InputError(
                f"{where}: id {identifier!r} occurs in rows {seen[identifier]} and {row}; every row needs its own id."
            )
        seen[identifier] = row


def rows_of(ids: np.ndarray, stored: np.ndarray, where: str | os.PathLike[str]) -> np.ndarray:
    """Returns the row in `stored` [M] of each of `ids` [N], as [N] int64.

    Rows are matched by identifier, so neither order nor further rows in `stored` matter. An id that `stored` lacks
    raises InputError with how many are lacking and the first of them; `where` names the file in the message.
    """
    check_unique(stored, where)
    position = {identifier: row for row, identifier in enumerate(np.asarray(stored).tolist())}
    rows = [position.get(str(identifier), -1) for identifier in np.asarray(ids).tolist()]
    lacking = [str(identifier) for identifier, row in zip(ids, rows, strict=True) if row < 0]
    if lacking:
        shown = ", ".join(repr(identifier) for identifier in lacking[:3])
        raise InputError(
            f"{where} lacks {len(lacking)} of {len(rows)} ids: {shown}{', ...' if len(lacking) > 3 else ''}. "
            f"It knows {len(stored)} ids such as {str(stored[0])!r}. Is it the file of another data set or part?"
            if len(stored)
            else f"{where} holds no rows; {len(rows)} ids are wanted."
        )
    return np.array(rows, dtype=np.int64)
