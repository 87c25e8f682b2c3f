"""What is said of all rows of a user's data, and where their labels come from."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from meta_noise.data.answers import Answer
from meta_noise.data.own import Own
from meta_noise.data.whole import Whole


class Verdicts(NamedTuple):
    """What is said of all N rows of the data.

    Attributes:
        label: [N] class names that the rows have now, objects, "" for none.
        quality, probability: [N], NaN where nobody judged.
        is_issue: [N] bool.
        is_known: [N] bool, whether anything was found out about the row.
        source: [N] words, objects, see `meta_noise.cleaning.corrected.ADDED`.
    """

    label: np.ndarray
    quality: np.ndarray
    probability: np.ndarray
    is_issue: np.ndarray
    is_known: np.ndarray
    source: np.ndarray


def verdicts(whole: Whole, labels: pa.Table, own: Own, answers: Sequence[Answer] = ()) -> Verdicts:
    """Returns what a label table, trusted rows and answers say of all rows; rows that only a trusted file has are left
    out."""
    found = _nothing(whole)
    _judge(found, whole, labels)
    answered = {answer.id: answer for answer in answers}
    _trust(found, whole, own, answered)
    bad = whole.places_of([identity for identity, answer in answered.items() if answer.is_bad])
    bad = bad[bad >= 0]
    found.source[bad], found.is_issue[bad], found.is_known[bad] = "bad", False, True
    return found


def _nothing(whole: Whole) -> Verdicts:
    size = len(whole.ids)
    quality, probability, is_issue, is_known = np.full(size, np.nan), np.full(size, np.nan), *np.zeros((2, size), bool)
    return Verdicts(
        np.array(whole.labels, object), quality, probability, is_issue, is_known, np.full(size, "not judged", object)
    )


def _judge(found: Verdicts, whole: Whole, labels: pa.Table) -> None:
    """Fills in what a label table says."""
    rows = whole.places_of(labels["id"])
    labels, rows = labels.filter(pa.array(rows >= 0)), rows[rows >= 0]
    flags = labels["is_label_issue"]
    wrong = flags.fill_null(False).to_numpy()
    found.quality[rows] = found.probability[rows] = labels["label_quality"].to_numpy()
    found.is_known[rows] = flags.is_valid().to_numpy()
    found.source[rows] = "given"
    found.is_issue[rows[wrong]] = True
    other = labels["suggested_probability"].to_numpy()
    wrong = wrong & ~(other < found.quality[rows])  # of labels flagged as asked for, the more probable ones stay
    changed, there = rows[wrong], labels.filter(pa.array(wrong))
    found.source[changed] = "suggested"
    found.label[changed] = there["suggested_label"].to_numpy()
    found.probability[changed] = other[wrong]


def _trust(found: Verdicts, whole: Whole, own: Own, answered: dict[str, Answer]) -> None:
    """Fills in what is known of trusted rows."""
    if own.source.trusted is None:
        return
    trusted = np.flatnonzero(own.source.trusted)
    ids = own.source.ids[trusted]
    rows = whole.places_of(ids)
    for position, row, identity in zip(trusted.tolist(), rows.tolist(), ids.tolist(), strict=True):
        if row >= 0:
            label = found.label[row] = own.class_names[own.source.labels[position]]
            found.source[row] = "answered" if identity in answered else "trusted"
            found.quality[row] = float(label == whole.labels[row])
            found.probability[row], found.is_issue[row], found.is_known[row] = 1.0, False, True
