"""The rows of a label table as compact JSON in the page, which sorts, filters and turns pages without a server.

Columns, not objects: an identifier, two class numbers and two probabilities in per cent take about 30 bytes a row. The
rows that look wrong come first, the worst of them first. Of more than `MOST` rows the first `WORST` in this order are
there, and others drawn by chance. Words and pictures are there for the rows that the run kept them of.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from meta_noise.report.drawing import passage
from meta_noise.report.labels import columns
from meta_noise.report.pictures import thumbnail
from meta_noise.report.sureness import LEVELS, level_of
from meta_noise.visible import visible

MOST, WORST = 200_000, 180_000  # rows in the page; those of them that come first
FIRST = 24  # rows that stand in the page itself, for paper and for browsers without scripts
LONGEST = 600  # characters of a text
SMALL = 64  # pixels below which a picture shows its pixels


class Shown(NamedTuple):
    """One row as it stands in the page; per cent are whole numbers, `text` and `picture` may be empty."""

    id: str
    given: str
    suggested: str
    given_percent: str
    suggested_percent: str
    word: str
    is_unsure: bool
    is_issue: bool
    text: str
    picture: str
    is_small: bool


def page_rows(labels: pa.Table, pictures: Mapping[str, np.ndarray], texts: Mapping[str, str]) -> dict[str, Any]:
    """Returns the rows as plain values for JSON, those that look wrong first, in each part the lowest quality first.

    `wrong` is how many of them look wrong, `all` how many rows the table has.

    Args:
        labels: settled, see `meta_noise.report.answer.settled`.
        pictures: id to picture [H, W, C] uint8.
        texts: id to words.
    """
    table = columns(labels)
    order = _few(np.lexsort((np.arange(labels.num_rows), table.quality, ~table.is_issue)))
    ids = labels["id"].cast(pa.string()).take(pa.array(order)).to_pylist()
    chance = table.quality
    if "suggested_probability" in labels.column_names:
        chance = labels["suggested_probability"].fill_null(0.0).to_numpy()
    place = {identity: position for position, identity in enumerate(ids)}
    return {
        "classes": [visible(name) for name in table.class_names],
        "levels": [[level.word, round(100 * level.least)] for level in LEVELS],
        "ids": [visible(identity) for identity in ids],
        "given": table.given[order].tolist(),
        "suggested": table.suggested[order].tolist(),
        "sure": per_cent(chance[order]),
        "quality": per_cent(table.quality[order]),
        "wrong": int(table.is_issue[order].sum()),
        "all": labels.num_rows,
        "texts": {place[name]: passage(text, LONGEST) for name, text in texts.items() if name in place},
        "pictures": {place[name]: thumbnail(image) for name, image in pictures.items() if name in place},
        "small": [place[name] for name, image in pictures.items() if name in place and max(image.shape[:2]) < SMALL],
    }


def _few(order: np.ndarray) -> np.ndarray:
    """Returns at most `MOST` of the rows in their order, the first ones and a random sample of the others."""
    if len(order) <= MOST:
        return order
    chosen = np.random.default_rng(0).choice(len(order) - WORST, MOST - WORST, replace=False)
    return np.concatenate([order[:WORST], order[WORST:][np.sort(chosen)]])


def first_rows(rows: Mapping[str, Any]) -> list[Shown]:
    """Returns the rows that stand in the page itself: those that look wrong, or else those of the lowest quality."""
    count = min(rows["wrong"] or len(rows["ids"]), FIRST)
    small = set(rows["small"])
    return [
        Shown(
            id=rows["ids"][row],
            given=rows["classes"][rows["given"][row]],
            suggested=rows["classes"][rows["suggested"][row]],
            given_percent=in_words(rows["quality"][row]),
            suggested_percent=in_words(rows["sure"][row]),
            word=level_of(rows["sure"][row] / 100).word,
            is_unsure=rows["sure"][row] < 70,
            is_issue=row < rows["wrong"],
            text=rows["texts"].get(row, ""),
            picture=rows["pictures"].get(row, ""),
            is_small=row in small,
        )
        for row in range(count)
    ]


def left_out(rows: Mapping[str, Any]) -> str:
    """Returns a sentence on the rows that the page has not, "" where it has all."""
    there, all_rows = len(rows["ids"]), rows["all"]
    if there == all_rows:
        return ""
    return (
        f"{there:,} of {all_rows:,} rows are in this page: {WORST:,} to look at first, those that look wrong and then "
        f"the least believable, and {there - WORST:,} of the others by chance. All are in labels.parquet."
    )


def per_cent(shares: np.ndarray) -> list[int]:
    """Returns shares [N] of 0..1 in whole per cent; 0 only up to 0.05% and 100 only from 99.95%."""
    whole = np.rint(100 * shares).astype(int)
    return np.where(
        (whole == 100) & (shares < 0.9995), 99, np.where((whole == 0) & (shares > 0.0005), 1, whole)
    ).tolist()


def in_words(percent: int) -> str:
    """Returns a whole per cent as text, nothing claimed to be certain."""
    return "over 99%" if percent >= 100 else "under 1%" if percent <= 0 else f"{percent}%"
