"""What is said of all rows of the data, those that were not judged, too, and the data with corrected labels."""

import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from meta_noise.cleaning.multilabel.judged import Judged
from meta_noise.data.change import Rewrite
from meta_noise.data.multilabel import Multilabel
from meta_noise.data.multilabel.form import Form
from meta_noise.data.multilabel.reading import SETS, table_of_sets
from meta_noise.data.own.spellings import LabelRules
from meta_noise.data.own.table import Column, cells
from meta_noise.data.rewritten import rewrite, rewritten_name
from meta_noise.data.whole import Whole, whole_of

ADDED = {
    "given_label": "The labels of the row as they came.",
    "suggested_label": "The labels that are probably right: the given ones, where none looks wrong.",
    "suggested_probability": "How probable it is that all suggested labels are right, from 0 to 1.",
    "label_quality": "How probable it is that all given labels are right, from 0 to 1.",
    "is_label_issue": "True where a label looks wrong or missing. Empty where nothing was found out.",
    "label_source": "Where the labels of the row come from: given, suggested or trusted. not judged: the row was held "
    "out or left out.",
}
BETWEEN = "|"  # labels of a row in the columns that are added, where the data have no sign for it


class AllRows(NamedTuple):
    """What is said of all M rows of the data.

    Attributes:
        whole: the rows, with one text for the labels of each; `written` are those that came.
        form: how labels are written.
        judged: [M] int row among those that were judged, -1 for others.
        given, suggested: M lists of labels in the order of the data; None of a row that nobody labelled.
        probability, quality: [M], NaN where nobody judged.
        is_issue: [M] True, False, or None where nothing was found out.
        source: M words, see `ADDED`.
    """

    whole: Whole
    form: Form
    judged: np.ndarray
    given: list[list[str] | None]
    suggested: list[list[str] | None]
    probability: np.ndarray
    quality: np.ndarray
    is_issue: list[bool | None]
    source: list[str]


def all_rows(data: Any, settings: Mapping[str, Any], found: Multilabel, said: Judged) -> AllRows:
    """Returns what is said of all rows.

    Args:
        data, settings: what was read, and how; see `meta_noise.data.multilabel.read_multilabel`.
        found, said: the rows that were judged, and what is said of them.
    """
    rules = LabelRules(bool(settings.get("keep_missing_words")), bool(settings.get("keep_spellings")))
    sets = table_of_sets(data, settings.get("label"), settings.get("sign") or "", settings.get("folder"), rules)
    whole = whole_of(sets.table, {**settings, "label": sets.label}, SETS)._replace(written=sets.opened)
    places = whole.places_of(found.own.source.ids)
    judged = np.full(len(whole.ids), -1)
    judged[places[places >= 0]] = np.flatnonzero(places >= 0)
    known = bool(said.is_known.any())
    suggested, source, is_issue = list(sets.labels), ["not judged"] * len(judged), list[bool | None]()
    for place, row in enumerate(judged.tolist()):
        if row < 0:
            is_issue.append(None)
            continue
        before = sets.labels[place] or []
        there = [name for name, one in zip(found.names, said.suggested[row], strict=True) if one == 1]
        suggested[place] = [name for name in before if name in there] + [name for name in there if name not in before]
        is_wrong = bool(said.is_issue[row].any())
        is_changed = set(suggested[place] or ()) != set(before)
        source[place] = "trusted" if found.trusted[row] else "suggested" if is_changed else "given"
        is_issue.append(is_wrong if known or found.trusted[row] else None)
    probability, quality = (np.where(judged >= 0, one[judged], np.nan) for one in (said.probability, said.row_quality))
    return AllRows(whole, sets.form, judged, list(sets.labels), suggested, probability, quality, is_issue, source)


def cleaned_name(data: Any, rows: AllRows) -> str:
    """Returns the ending of the file of `cleaned`."""
    return rewritten_name(data, _written(rows))


def cleaned(data: Any, rows: AllRows) -> bytes:
    """Returns the data in their form, with suggested labels and the columns of `ADDED`."""
    form = rows.form
    changed: dict[str, dict[int, Any]] = {}
    wrong = [row for row, one in enumerate(rows.suggested) if set(one or ()) != set(rows.given[row] or ())]
    if form.kind == "columns":
        for name in form.columns:
            cells_of = {
                row: form.cells["yes" if name in (rows.suggested[row] or ()) else "no"]
                for row in wrong
                if (name in (rows.suggested[row] or ())) != (name in (rows.given[row] or ()))
            }
            changed |= {name: cells_of} if cells_of else {}
    else:
        before = cells(_written(rows).columns[form.columns[0]])
        changed[form.columns[0]] = {row: form.written(before[row], rows.suggested[row] or ()) for row in wrong}
    columns: dict[str, Column] = dict(zip(ADDED, _columns(rows), strict=True))
    sink = io.BytesIO()
    rewrite(data, _written(rows), Rewrite(changed, columns), sink)
    return sink.getvalue()


def joined(labels: Sequence[str] | None, form: Form) -> str | None:
    """Returns labels as one text."""
    return None if labels is None else (form.sign or BETWEEN).join(labels)


def _columns(rows: AllRows) -> tuple[list[Any], ...]:
    def written(labels: list[str] | None) -> Any:
        if labels is None or rows.form.kind in ("columns", "sign"):
            return joined(labels, rows.form)
        return rows.form.written(None, labels)

    numbers = (
        [None if np.isnan(one) else one for one in values.tolist()] for values in (rows.probability, rows.quality)
    )
    return list(map(written, rows.given)), list(map(written, rows.suggested)), *numbers, rows.is_issue, rows.source


def _written(rows: AllRows) -> Any:
    return rows.whole.written
