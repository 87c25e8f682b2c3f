"""Rows with several labels as a page shows them: the words or the picture, what would change in the labels marked."""

from typing import Any

import numpy as np

from meta_noise.cleaning.multilabel.files import BY_CLASS, CLEANED, COLUMNS, ISSUES, answer_of
from meta_noise.cleaning.multilabel.judged import Judged
from meta_noise.cleaning.multilabel.rows import AllRows, cleaned_name
from meta_noise.data.multilabel import Multilabel
from meta_noise.data.own.result import in_words
from meta_noise.data.own.table import place as place_of
from meta_noise.report import multilabel as report
from meta_noise.report.pictures import thumbnail
from meta_noise.report.summary import percent
from meta_noise.report.sureness import level_of

SMALL = 64  # pixels
FILES = {
    ISSUES: "the labels that look wrong, one a line, the least believable first",
    "labels.csv": "what is said of each row (labels.parquet has the same, with every word exact)",
    f"{BY_CLASS}.parquet": "what is said of each row and class",
}


def page_of(data: Any, found: Multilabel, judged: Judged, rows: AllRows, command: str) -> str:
    """Returns the page; `command` judges the corrected file again."""
    answer, how = answer_of(found, judged)
    wrong = (judged.is_issue & ~found.trusted[:, None]).any(axis=1)
    worst = worst_rows(found, judged, rows)
    look = "Look at the rows below, or at issues.csv, before you take suggestions over."
    again = "Put right what you know better in your own file, or go on with the corrected one, and judge it again:"
    check = "Rows drawn by chance whose labels you have checked make it surer: give a file of them with --trusted."
    steps = [*([(look, "")] if worst else []), *([] if found.trusted.any() else [(check, "")]), (again, command)]
    about = "your data with the suggested labels, and what is said of them in columns at the end"
    return report.page(
        report.Contents(
            f"Labels of {found.own.source.name}",
            answer,
            how,
            [*found.own.notes, *judged.notes],
            steps,
            {CLEANED + cleaned_name(data, rows): about, **FILES},
            worst,
            int(wrong.sum()),
            classes_of(found, judged),
            COLUMNS,
        )
    )


def worst_rows(found: Multilabel, judged: Judged, rows: AllRows) -> list[report.Row]:
    """Returns the rows with labels that look wrong, at most `report.SHOWN`, the least believable first."""
    wrong = np.flatnonzero((judged.is_issue & ~found.trusted[:, None]).any(axis=1))
    wrong = wrong[np.argsort(judged.row_quality[wrong], kind="stable")][: report.SHOWN]
    words = in_words(found.own)
    places = {row: place for place, row in enumerate(rows.judged.tolist()) if row >= 0}
    is_picture = found.own.kind == "images" and found.own.source.inputs.ndim == 4
    found_rows = []
    for row in wrong.tolist():
        image = found.own.source.inputs[np.array([row])][0] if is_picture else None
        identity = str(found.own.source.ids[row])
        where = place_of(rows.whole.table, places[row]) if row in places else "the trusted file"
        found_rows.append(
            report.Row(
                identity,
                f"{where}, id {identity:.80}",
                "below 0.001" if judged.row_quality[row] < 0.001 else f"{judged.row_quality[row]:.3f}",
                _labels(found, judged, row),
                "" if words is None else words(row),
                "" if image is None else thumbnail(image),
                image is not None and max(image.shape[:2]) < SMALL,
            )
        )
    return found_rows


def classes_of(found: Multilabel, judged: Judged) -> list[report.Class]:
    """Returns what the page says of each class."""
    lines = []
    for place, (name, one) in enumerate(zip(found.names, judged.classes, strict=True)):
        flags, came = judged.is_issue[:, place], found.came(place)
        noise = "too few rows" if one is None else "nothing found out"
        if one is not None and not one.worth.worthless:
            noise = f"{percent(one.rate.value)} ({percent(one.rate.low)} to {percent(one.rate.high)})"
        wrong, missing = (int((flags & (came == which)).sum()) for which in (1, 0))
        lines.append(report.Class(name, int((found.labels[:, place] == 1).sum()), wrong, missing, noise))
    return lines


def _labels(found: Multilabel, judged: Judged, row: int) -> list[report.Label]:
    labels = []
    for place, name in enumerate(found.names):
        given = found.labels[row, place]
        if not judged.is_issue[row, place]:
            labels += [report.Label(name)] if given else []
            continue
        sure = level_of(1 - float(judged.quality[row, place])).word
        labels.append(report.Label(name, "wrong" if given else "missing", sure))
    return labels
