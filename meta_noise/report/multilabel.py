"""The page on rows with several labels: the answer, what to do next, the worst rows, and each class."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from meta_noise.report.html import rendered

TEMPLATE = "multilabel.html.jinja"
SHOWN = 200  # rows


class Label(NamedTuple):
    """A label as it is shown: `change` is "wrong" (it should not be there), "missing" or ""; `sure` says how sure."""

    name: str
    change: str = ""
    sure: str = ""


class Row(NamedTuple):
    """A row as it is shown.

    Attributes:
        id: of the row.
        place: file with line or row number, and the id.
        quality: in words.
        labels: given and missing ones.
        words: its text, or cells of its columns; "" without any.
        picture: a `data:` address, "" without any.
        is_small: the picture has few pixels.
    """

    id: str
    place: str
    quality: str
    labels: Sequence[Label]
    words: str = ""
    picture: str = ""
    is_small: bool = False


class Class(NamedTuple):
    """A class: rows that have the label, labels that look wrong and that look missing, and the noise in words."""

    name: str
    rows: int
    wrong: int
    missing: int
    noise: str


class Contents(NamedTuple):
    """What the page says.

    Attributes:
        title: of the page.
        answer: how many labels look wrong, and how many are estimated to be.
        how: what told it, or why nothing did.
        notes: further sentences.
        steps: (sentence, command to copy or "").
        files: name -> what is in it.
        rows: those with labels that look wrong, worst first, at most `SHOWN`.
        all_rows: how many there are of them.
        classes: in their order.
        columns: name -> meaning of the columns of labels.csv.
    """

    title: str
    answer: str
    how: str
    notes: Sequence[str]
    steps: Sequence[tuple[str, str]]
    files: Mapping[str, str]
    rows: Sequence[Row]
    all_rows: int
    classes: Sequence[Class]
    columns: Mapping[str, str]


def page(contents: Contents) -> str:
    """Returns the page as HTML: no script, nothing from the network, all that is the user's escaped."""
    values: dict[str, Any] = contents._asdict()
    return rendered(TEMPLATE, **values)
