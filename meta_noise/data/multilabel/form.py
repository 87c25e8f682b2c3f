"""How several labels of a row are written: in one cell with a sign between them or as a list, or a column for each.

A set of labels is kept as one text, `written_set`, so that rows with sets are read as rows with labels are.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from meta_noise.data.own.no_classes import listed_labels
from meta_noise.data.own.table import written

SIGNS = ("|", ";", ",", "/", "+", "&")
EMPTY = ("none", "-", "--")  # words for a row of no class

Kind = Literal["sign", "list", "json text", "python text", "columns"]


class Form(NamedTuple):
    """How labels are written.

    Attributes:
        kind: in one cell with a `sign` between, as a list, as the text of one, or one column of yes and no for each.
        columns: the column of labels; or one for each class.
        names: L classes, those of columns in their order.
        sign: with the blanks that stand around it; "" of other kinds.
        cells: class -> what stands for it in a list; ("yes", "no") -> the words in columns.
        nothing: the cell of a row of no class, of kind "sign".
    """

    kind: Kind
    columns: tuple[str, ...]
    names: tuple[str, ...]
    sign: str = ""
    cells: Mapping[str, Any] = {}
    nothing: str = ""

    def written(self, before: Any, labels: Sequence[str]) -> Any:
        """Returns the cell for `labels` in place of the cell `before`, whose order stays."""
        values = [self.cells.get(label, label) for label in labels]
        if self.kind == "list":
            return values
        if self.kind == "json text":
            return json.dumps(values, ensure_ascii=False)
        return repr(values) if self.kind == "python text" else self.sign.join(labels) if labels else self.nothing


def written_set(labels: Collection[str]) -> str:
    """Returns a set of labels as one text, the same for every order."""
    return "all of " + json.dumps(sorted(labels), ensure_ascii=False)


def read_set(text: str) -> tuple[str, ...]:
    """Returns the labels of `written_set`."""
    return tuple(json.loads(text.removeprefix("all of ")))


def parts_of(cell: Any, sign: str) -> list[Any] | None:
    """Returns the entries of a cell of labels as they are, without doubles; None of a cell without any value."""
    if cell is None:
        return None
    entries = listed_labels(cell)
    if entries is None:
        text = written(cell)
        entries = [part.strip() for part in text.split(sign.strip())] if sign else [text]
        entries = [] if text.lower() in ("", *EMPTY) else entries
    found = {written(entry): entry for entry in entries if written(entry)}
    return list(found.values())


def usual_blanks(cells: Sequence[Any], sign: str) -> str:
    """Returns the sign with the blanks that most often stand around it."""
    counts: Counter[str] = Counter()
    for cell in cells:
        if isinstance(cell, str):
            for left, right in zip(cell.split(sign)[:-1], cell.split(sign)[1:], strict=True):
                counts[" " * left.endswith(" ") + sign + " " * right.startswith(" ")] += 1
    return counts.most_common(1)[0][0] if counts else sign
