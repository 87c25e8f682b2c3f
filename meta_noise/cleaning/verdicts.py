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
        label: N class names that the rows have now, "" for none.
        quality, probability: [N], NaN where nobody judged.
        is_issue: [N] bool.
        is_known: [N] bool, whether anything was found out about the row.
        source: N words, see `meta_noise.cleaning.corrected.ADDED`.
    """

    label: list[str]
    quality: np.ndarray
    probability: np.ndarray
    is_issue: np.ndarray
    is_known: np.ndarray
    source: list[str]


def verdicts(whole: Whole, labels: pa.Table, own: Own, answers: Sequence[Answer] = ()) -> Verdicts:
    """Returns what a label table, trusted rows and answers say of all rows; rows that only a trusted file has are left
    out."""
    size, places = len(whole.ids), whole.places()
    quality, probability = np.full(size, np.nan), np.full(size, np.nan)
    is_issue, is_known = np.zeros(size, bool), np.zeros(size, bool)
    label, source = list(whole.labels), ["not judged"] * size
    judged = [places.get(identity, -1) for identity in labels["id"].to_pylist()]
    rows = np.array(judged, np.int64)
    there = rows >= 0
    own_quality = labels["label_quality"].to_numpy()[there]
    quality[rows[there]], probability[rows[there]] = own_quality, own_quality
    flags = labels["is_label_issue"].to_pylist()
    chance = labels["suggested_probability"].to_pylist()
    for position, suggested in enumerate(labels["suggested_label"].to_pylist()):
        row, flag = judged[position], flags[position]
        if row < 0:
            continue
        source[row], is_known[row] = "suggested" if flag else "given", flag is not None
        if flag:
            is_issue[row], label[row], probability[row] = True, suggested, chance[position]
    answered = {answer.id: answer for answer in answers}
    trusted = np.flatnonzero(own.source.trusted) if own.source.trusted is not None else np.zeros(0, int)
    ids = own.source.ids
    for position in trusted.tolist():
        identity = str(ids[position])
        if (row := places.get(identity, -1)) >= 0:
            label[row], source[row] = (
                own.class_names[own.source.labels[position]],
                "answered" if identity in answered else "trusted",
            )
            quality[row] = float(label[row] == whole.labels[row])
            probability[row], is_issue[row], is_known[row] = 1.0, False, True
    for identity, answer in answered.items():
        if answer.is_bad and (row := places.get(identity, -1)) >= 0:
            source[row], is_issue[row], is_known[row] = "bad", False, True
    return Verdicts(label, quality, probability, is_issue, is_known, source)
