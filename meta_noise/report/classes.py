"""Class by class: rows, suspects, what is suggested instead; `classes.json`, with the noise as a whole."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from meta_noise.report.labels import Columns, columns
from meta_noise.report.notices import flags_of

MANY = 200  # classes beyond which no matrix of classes by classes is made


class ClassSummary(NamedTuple):
    """One given class: its rows, how many look wrong, how many are, and what is suggested instead most often.

    Attributes:
        name: the class.
        rows: rows with this given label.
        suspected: how many of them look wrong.
        wrong: how many are wrong, None where the truth is unknown.
        found: share of the wrong ones that look wrong, None where there are none or the truth is unknown.
        instead: the most frequent other suggestion among those that look wrong, None where there is none.
    """

    name: str
    rows: int
    suspected: int
    wrong: int | None
    found: float | None
    instead: str | None


def per_class(labels: pa.Table) -> tuple[ClassSummary, ...]:
    """Returns one summary for each given class that has rows, the largest suspected share first."""
    table = columns(labels)
    classes = len(table.class_names)

    def count(mask: np.ndarray) -> np.ndarray:
        return np.bincount(table.given[mask], minlength=classes)

    rows = np.bincount(table.given, minlength=classes)
    suspected = count(table.is_issue)
    is_wrong = None if table.true is None else (table.true >= 0) & (table.true != table.given)
    wrong = None if is_wrong is None else count(is_wrong)
    found = None if is_wrong is None else count(is_wrong & table.is_issue)
    instead = _most_frequent(table)
    order = np.lexsort((np.arange(classes), -suspected / np.maximum(rows, 1)))
    return tuple(
        ClassSummary(
            name=table.class_names[c],
            rows=int(rows[c]),
            suspected=int(suspected[c]),
            wrong=None if wrong is None else int(wrong[c]),
            found=None if found is None or wrong is None or wrong[c] == 0 else float(found[c] / wrong[c]),
            instead=instead.get(int(c)),
        )
        for c in order
        if rows[c]
    )


def class_summary(labels: pa.Table, results: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the content of classes.json.

    * `noise_rate`: {value, low, high, how}; the estimate of the data where there is one, from the trusted rows where
      these say something (95% interval), else the
      share of rows whose suggestion is not the given label (low and high null: how far off it is, is not known).
    * `class_names`: [C], the order of rows and columns of
    * `transition`: [C, C], how often rows of a class have which given label, `[true, given]`, suggestions standing for
      the truth; rows sum to one, null for a class that is suggested nowhere. Null as a whole for more than 200 classes.
    * `classes`: for each class its rows by given label, the mean `label_quality`, how many look wrong, the share of
      these, and what is suggested instead most often.
    * `flags`: precision and recall of `is_label_issue`, as in results.json; null where the run says nothing of them.
    """
    table, flags = columns(labels), flags_of(results)
    classes = len(table.class_names)
    rows = np.bincount(table.given, minlength=classes)
    quality = np.bincount(table.given, weights=table.quality, minlength=classes) / np.maximum(rows, 1)
    known = {entry.name: entry for entry in per_class(labels)}
    noise, estimate = (flags or {}).get("noise_rate"), results.get("noise_estimate")
    if isinstance(estimate, Mapping):
        rate = estimate.get("rate") or {"value": None, "low": None, "high": None}
        noise_rate = {**rate, "how": estimate.get("how")}
    elif isinstance(noise, Mapping):
        noise_rate = {**noise, "how": "from the trusted rows"}
    else:
        differ = float(np.mean(table.suggested != table.given))
        noise_rate = {"value": differ, "low": None, "high": None, "how": "suggestions that differ from given labels"}
    return {
        "rows": len(table.given),
        "noise_rate": noise_rate,
        "class_names": list(table.class_names),
        "transition": _transition(table) if classes <= MANY else None,
        "classes": [
            {
                "name": name,
                "rows": int(rows[c]),
                "label_quality": round(float(quality[c]), 6) if rows[c] else None,
                "label_issues": known[name].suspected if name in known else 0,
                "label_issue_rate": round(known[name].suspected / rows[c], 6) if name in known else None,
                "suggested_instead": known[name].instead if name in known else None,
            }
            for c, name in enumerate(table.class_names)
        ],
        "flags": None if flags is None else dict(flags),
    }


def _transition(table: Columns) -> list[list[float] | None]:
    """Returns which given labels the rows of a suggested class have, None for a class that is suggested nowhere."""
    classes = len(table.class_names)
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (table.suggested, table.given), 1)
    return [[round(float(value), 6) for value in row / row.sum()] if row.any() else None for row in counts]


def _most_frequent(table: Columns) -> dict[int, str]:
    """Returns for each given class the class that is suggested instead most often."""
    classes = len(table.class_names)
    changed = table.is_issue & (table.suggested != table.given)
    codes, counts = np.unique(table.given[changed] * classes + table.suggested[changed], return_counts=True)
    best: dict[int, str] = {}
    for code in codes[np.argsort(-counts, kind="stable")]:
        given, suggested = divmod(int(code), classes)
        best.setdefault(given, table.class_names[suggested])
    return best
