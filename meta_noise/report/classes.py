"""`classes.json`: what a run says about each class and about the noise as a whole."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from meta_noise.report.labels import columns
from meta_noise.report.summary import per_class
from meta_noise.report.trust import flags_of


def class_summary(labels: pa.Table, results: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the content of classes.json.

    * `noise_rate`: {value, low, high, how}; from the trusted rows where these say something (95% interval), else the
      share of rows whose suggestion is not the given label (low and high null: how far off it is, is not known).
    * `class_names`: [C], the order of rows and columns of
    * `transition`: [C, C], how often rows of a class have which given label, `[true, given]`, suggestions standing for
      the truth; rows sum to one, null for a class that is suggested nowhere.
    * `classes`: for each class its rows by given label, the mean `label_quality`, how many look wrong, the share of
      these, and what is suggested instead most often.
    * `flags`: precision and recall of `is_label_issue`, as in results.json; null where the run says nothing of them.
    """
    table, flags = columns(labels), flags_of(results)
    classes = len(table.class_names)
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (table.suggested, table.given), 1)
    totals = counts.sum(axis=1)
    rows = np.bincount(table.given, minlength=classes)
    quality = np.bincount(table.given, weights=table.quality, minlength=classes) / np.maximum(rows, 1)
    known = {entry.name: entry for entry in per_class(labels)}
    noise = (flags or {}).get("noise_rate")
    if isinstance(noise, Mapping):
        noise_rate = {**noise, "how": "from the trusted rows"}
    else:
        differ = float(np.mean(table.suggested != table.given))
        noise_rate = {"value": differ, "low": None, "high": None, "how": "suggestions that differ from given labels"}
    return {
        "rows": len(table.given),
        "noise_rate": noise_rate,
        "class_names": list(table.class_names),
        "transition": [
            [round(float(value), 6) for value in counts[c] / totals[c]] if totals[c] else None for c in range(classes)
        ],
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
