"""The files on rows with several labels: each row, each label, the user's data with corrected labels, and a page.

All are written through `meta_noise.cleaning.corrected.write_once`: what lies there under one of these names and was not
written so, or was changed since, is left alone.
"""

import io
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from meta_noise.cleaning.multilabel.judged import Judged
from meta_noise.cleaning.multilabel.rows import ADDED, AllRows, cleaned, cleaned_name, joined
from meta_noise.data.multilabel import Multilabel
from meta_noise.data.own.table import cells, number, written
from meta_noise.report.labels import write_csv
from meta_noise.report.summary import percent

RESULTS, CLEANED, PAGE = "multilabel.json", "cleaned", "report.html"
BY_CLASS, ISSUES = "labels_by_class", "issues.csv"
LONGEST = 300  # characters of a text in issues.csv
MOST_IN_CSV = 2_000_000  # rows times classes that are written as text, too
COLUMNS = {
    "id": "The row's own identifier.",
    "line": "Line of the file from 1, or number of the row from 0 (row) where the data have no lines.",
    **ADDED,
    "missing": "Labels that the row probably lacks.",
    "wrong": "Labels that it has and probably should not have.",
}


def multilabel_files(data: Any, found: Multilabel, judged: Judged, rows: AllRows, page: str) -> dict[str, bytes]:
    """Returns name -> content of the files on rows with several labels; `page` is the report."""
    table, every = labels(rows), by_class(found, judged)
    files = {
        CLEANED + cleaned_name(data, rows): cleaned(data, rows),
        "labels.csv": as_csv(table),
        "labels.parquet": as_parquet(table),
        f"{BY_CLASS}.parquet": as_parquet(every),
        ISSUES: as_csv(issues(found, judged, rows)),
        RESULTS: (json.dumps(summary(found, judged), indent=2, ensure_ascii=False) + "\n").encode(),
        PAGE: page.encode("utf-8", "backslashreplace"),
    }
    return files | ({f"{BY_CLASS}.csv": as_csv(every)} if every.num_rows <= MOST_IN_CSV else {})


def labels(rows: AllRows) -> pa.Table:
    """Returns the table of all rows of the data, in their order."""
    form, size = rows.form, len(rows.source)

    def without(some: list[list[str] | None], others: list[list[str] | None]) -> list[str | None]:
        pairs = zip(some, others, strict=True)
        return [joined([name for name in one or () if name not in (two or ())], form) for one, two in pairs]

    values = {
        "id": pa.array(rows.whole.ids, pa.string()),
        _line(rows): pa.array([number(rows.whole.table, row) for row in range(size)]),
        "given_label": pa.array([joined(one, form) for one in rows.given], pa.string()),
        "suggested_label": pa.array([joined(one, form) for one in rows.suggested], pa.string()),
        "suggested_probability": or_null(rows.probability),
        "label_quality": or_null(rows.quality),
        "is_label_issue": pa.array(rows.is_issue, pa.bool_()),
        "label_source": pa.array(rows.source),
        "missing": pa.array(without(rows.suggested, rows.given), pa.string()),
        "wrong": pa.array(without(rows.given, rows.suggested), pa.string()),
    }
    return pa.table(values)


def by_class(found: Multilabel, judged: Judged) -> pa.Table:
    """Returns the table of all judged rows and classes: given, suggested, quality, how probable the class is."""
    count = len(found.names)
    ids = np.repeat(found.own.source.ids.astype(object), count)
    values = {
        "id": pa.array(ids, pa.string()),
        "class": pa.array(list(found.names) * len(found.labels), pa.string()).dictionary_encode(),
        "given": pa.array(found.came().ravel() == 1),
        "suggested": pa.array(judged.suggested.ravel() == 1),
        "probability": or_null(judged.belongs.ravel()),
        "label_quality": or_null(judged.quality.ravel()),
        "is_label_issue": pa.array(judged.is_issue.ravel()),
    }
    return pa.table(values)


def issues(found: Multilabel, judged: Judged, rows: AllRows) -> pa.Table:
    """Returns the labels that look wrong, the least believable first."""
    place_of = np.full(len(found.labels), -1)
    place_of[rows.judged[rows.judged >= 0]] = np.flatnonzero(rows.judged >= 0)
    which, classes = np.nonzero(judged.is_issue & ~found.trusted[:, None] & (place_of[:, None] >= 0))
    order = np.argsort(judged.quality[which, classes], kind="stable")
    which, classes = which[order], classes[order]
    places = place_of[which].tolist()
    given = found.labels[which, classes] == 1
    values = {
        "id": pa.array([rows.whole.ids[place] for place in places], pa.string()),
        _line(rows): pa.array([number(rows.whole.table, place) for place in places], pa.int64()),
        "class": pa.array([found.names[place] for place in classes.tolist()], pa.string()),
        "problem": pa.array(np.where(given, "wrong", "missing").tolist(), pa.string()),
        "label_quality": or_null(judged.quality[which, classes]),
        "given_label": pa.array([joined(rows.given[place], rows.form) for place in places], pa.string()),
        "suggested_label": pa.array([joined(rows.suggested[place], rows.form) for place in places], pa.string()),
    }
    if rows.whole.judged.kind == "texts":
        column = cells(rows.whole.table.columns[rows.whole.judged.inputs[0]])
        values["text"] = pa.array([written(column[place])[:LONGEST] for place in places], pa.string())
    return pa.table(values)


def summary(found: Multilabel, judged: Judged) -> dict[str, Any]:
    """Returns what multilabel.json holds, and what `meta-noise inspect --json` writes."""
    answer, how = answer_of(found, judged)
    return {
        "kind": "multilabel",
        "data": {
            "name": found.own.source.name, "rows": len(found.labels), "classes": len(found.names),
            "trusted_rows": int(found.trusted.sum()), "kind": found.own.kind,
        },
        "said": [answer, how],
        "look_wrong": {"labels": int(judged.is_issue.sum()), "rows": int(judged.is_issue.any(axis=1).sum())},
        "noise": noise_of(judged),
        "classes": [
            {
                "name": name,
                "rows": int((found.labels[:, place] == 1).sum()),
                "missing": int((judged.is_issue[:, place] & (found.came(place) == 0)).sum()),
                "wrong": int((judged.is_issue[:, place] & (found.came(place) == 1)).sum()),
                "noise": None if one is None or one.worth.worthless else
                {part: getattr(one.rate, part) for part in ("value", "low", "high")},
                "worthless": one.worth.reason if one is not None and one.worth.worthless else None,
                "tournament": None if one is None else one.tournament,
            }
            for place, (name, one) in enumerate(zip(found.names, judged.classes, strict=True))
        ],
        "notes": [*found.own.notes, *judged.notes],
        "skipped": [one._asdict() for one in found.own.skipped],
    }  # fmt: skip


def noise_of(judged: Judged) -> dict[str, float] | None:
    """Returns {value, low, high}: the share of wrong labels over classes and rows, with the ends of the classes'
    intervals; None where nothing was found out."""
    rates = [one.rate for one in judged.classes if one is not None and not one.worth.worthless]
    if not rates:
        return None
    return {part: float(np.mean([getattr(rate, part) for rate in rates])) for part in ("value", "low", "high")}


def answer_of(found: Multilabel, judged: Judged) -> tuple[str, str]:
    """Returns the answer in a sentence, and how it was told or why there is none."""
    rate = noise_of(judged)
    if rate is None:
        one = next((one for one in judged.classes if one is not None), None)
        why = "No class has enough rows." if one is None else f"{one.worth.reason} {one.worth.help}"
        return "Nothing was found out about these labels.", why
    flags, open_rows = judged.is_issue[~found.trusted], int((~found.trusted).sum())
    missing = int((flags & (found.labels[~found.trusted] == 0)).sum())
    many, rows = int(flags.sum()), int(flags.any(axis=1).sum())
    checked = int(found.trusted.sum())
    told = (
        f"{checked:,} trusted rows set how sure it is."
        if checked
        else "Nobody has checked it, so the range is rough: errors that follow a rule mostly stay unseen."
    )
    return (
        f"{many:,} labels {judged.threshold.found}, in {rows:,} of {open_rows:,} rows: {missing:,} that are missing "
        f"and {many - missing:,} that should not be there. About {percent(rate['value'])} of all answers whether a row "
        f"belongs to a class are estimated to be wrong ({percent(rate['low'])} to {percent(rate['high'])}).",
        f"Each of {int(judged.is_known.sum()):,} classes was judged by itself, by fast classifiers that had not seen "
        f"the label. {told}",
    )


def as_csv(table: pa.Table) -> bytes:
    """Returns the table as CSV in which a spreadsheet finds no formula."""
    sink = io.BytesIO()
    write_csv(table, sink)
    return sink.getvalue()


def as_parquet(table: pa.Table) -> bytes:
    """Returns the table as a Parquet file."""
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def or_null(values: np.ndarray) -> pa.Array:
    """Returns numbers, NaN as empty cells."""
    return pa.array(values, pa.float64(), mask=np.isnan(values))


def _line(rows: AllRows) -> str:
    return "row" if rows.whole.table.lines is None else "line"
