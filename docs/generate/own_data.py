"""Tables on own data, from experiments/own_data/answers.jsonl."""

import json
from collections import defaultdict

import numpy as np

from docs.generate.marks import ROOT, table
from experiments.own_data.sets import LATER
from experiments.own_data.table import below, mean

ANSWERS = ROOT / "experiments/own_data/answers.jsonl"
Cells = dict[tuple[str, int], list[dict]]


def cells() -> Cells:
    """Returns the lines by data set and number of trusted rows."""
    found: Cells = defaultdict(list)
    for line in ANSWERS.read_text("utf-8").splitlines():
        entry = json.loads(line)
        found[entry["data"], entry["trusted"]].append(entry)
    return found


def trusted_rows() -> str:
    """Returns what so many trusted rows bring, as means over all sets that have each number."""
    groups = cells()
    numbers = sorted({trusted for _, trusted in groups})
    sets = [data for data in dict(groups) if all((data[0], number) in groups for number in numbers)]
    names = sorted({name for name, _ in sets})
    rows = []
    for number in numbers:
        mine = [groups[name, number] for name in names]
        right = np.mean([mean(group, "ours", "accuracy") or 0.0 for group in mine])
        runs = [line for group in mine for line in group]
        told = [line["noise"]["both" if number else "predictions"] for line in runs]
        inside = np.mean([low <= line["wrong"] <= high for line, (_, low, high) in zip(runs, told, strict=True)])
        rows.append(
            (
                str(number or "none"),
                f"{np.mean([mean(group, 'ours') or 0.0 for group in mine]):.3f}",
                f"{right:.1%}",
                f"{np.mean([mean(group, 'ours', 'ece') or 0.0 for group in mine]):.3f}",
                f"{np.mean([high - low for _, low, high in told]):.2f}",
                f"{inside:.0%}",
            )
        )
    given = 1 - np.mean([np.mean([line["wrong"] for line in groups[name, numbers[0]]]) for name in names])
    head = ("trusted rows", "average precision of wrong labels", "suggestions right", "calibration error")
    text = table((*head, "width of the noise's interval", "holds the true noise"), rows, 1)
    return f"{text}\n\n{len(names)} sets; {given:.1%} of their given labels are right."


def beside_cleanlab() -> str:
    """Returns average precision and right suggestions of both; sets that were looked at stand apart."""
    groups, rows = cells(), []
    for later in (False, True):
        for number in sorted({trusted for _, trusted in groups}):
            mine = [group for (name, n), group in groups.items() if n == number and (name in LATER) == later]
            figures = [
                f"{np.mean([mean(group, way, what) or 0.0 for group in mine]):{form}}"
                for what, form in (("ap", ".3f"), ("accuracy", ".1%"))
                for way in ("ours", "rival: cleanlab")
            ]
            behind = sum(below(group, "rival: cleanlab") for group in mine)
            looked = "not looked at" if later else "looked at"
            rows.append((looked, str(len(mine)), str(number or "none"), *figures, str(behind)))
    head = (
        "sets",
        "number",
        "trusted rows",
        "average precision",
        "cleanlab",
        "suggestions right",
        "cleanlab",
        "behind",
    )
    return table(head, rows, 3)
