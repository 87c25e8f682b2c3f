"""How well wrong labels of rows with several are found: `python -m experiments.own_data.several --data data`.

Adds what `several.jsonl` lacks and prints the table. Sets are in `several_sets.py`; nothing was chosen by looking at
them. Beside it: self-confidence of out-of-fold logistic regression, one for each class on the first of the same
features, and what cleanlab makes of the same probabilities (`cleanlab.multilabel_classification`), whose labels with
issues are turned.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import cross_val_predict

from experiments.own_data import several_sets as sets
from experiments.own_data.resumed import complete
from meta_noise.cleaning.multilabel.judged import judge_multilabel
from meta_noise.cleaning.views import make_views
from meta_noise.data.multilabel import Multilabel
from meta_noise.data.multilabel.form import Form
from meta_noise.data.own import Own
from meta_noise.data.source import Source, row_ids

RESULTS = Path(__file__).with_name("several.jsonl")
ROWS = 1000
SETS = {
    "yoruba names": lambda data: sets.entities(data, "yoruba"),
    "hausa names": lambda data: sets.entities(data, "hausa"),
    "news by people": lambda data: sets.news(data, ROWS),
    "photographs by people": lambda data: sets.people_images(data, "worst", ROWS),
    "digits drawn": lambda data: sets.scenes(data, "digits", ROWS),
    "clothes drawn": lambda data: sets.scenes(data, "clothes", ROWS),
}


def as_data(found: sets.Several, trusted: np.ndarray) -> Multilabel:
    """Returns a set as it would be read, the rows `trusted` [N] bool with their right labels."""
    rows = len(found.given)
    labels = np.where(trusted[:, None], found.truth, found.given).astype(np.int8)
    same = np.zeros(rows, np.int32)
    source = Source(
        found.inputs, same, row_ids("row", rows), ("",), trusted=trusted if trusted.any() else None, name=""
    )
    own = Own(source, found.kind, ("",), same, (), found.texts, None, None, [], [], [])
    return Multilabel(own, found.names, found.given, labels, trusted, Form("columns", found.names, found.names))


def measured(found: sets.Several, count: int, seed: int) -> dict[str, Any]:
    """Returns the measures on rows that are not trusted, `count` rows drawn at random being trusted."""
    rows = len(found.given)
    trusted = np.zeros(rows, bool)
    trusted[np.random.default_rng(seed).permutation(rows)[:count]] = True
    begin = time.process_time()
    judged = judge_multilabel(as_data(found, trusted), seed=seed)
    seconds = time.process_time() - begin
    rest = ~trusted
    wrong = (found.given != found.truth)[rest]
    right = {"before": ~wrong, "after": (judged.suggested == found.truth)[rest]}
    return {
        "rows": rows, "classes": len(found.names), "wrong": _round(wrong.mean()),
        "wrong_rows": _round(wrong.any(axis=1).mean()), "seconds": round(seconds, 1),
        "estimated": [None if one is None or one.worth.worthless else _round(one.rate.value) for one in judged.classes],
        "of_classes": np.round(wrong.mean(axis=0), 4).tolist(),
        "ap": _ap(wrong, judged.quality[rest]), "ap_rows": _ap(wrong.any(axis=1), judged.row_quality[rest]),
        **{f"right_{when}": _round(one.mean()) for when, one in right.items()},
        **{f"right_rows_{when}": _round(one.all(axis=1).mean()) for when, one in right.items()},
        **(plain(found) if not count else {}),
    }  # fmt: skip


def plain(found: sets.Several) -> dict[str, Any]:
    """Returns the same measures of self-confidence and of cleanlab."""
    from cleanlab.multilabel_classification import filter as issues
    from cleanlab.multilabel_classification import get_label_quality_scores

    views = make_views(found.kind, found.inputs, found.texts)
    x = next(iter(views.linear.values()))
    model = LogisticRegression(C=10.0, max_iter=500)
    p = np.stack(
        [cross_val_predict(model, x, labels, cv=5, method="predict_proba")[:, 1] for labels in found.given.T], axis=1
    )
    wrong = found.given != found.truth
    lists = [np.flatnonzero(row).tolist() for row in found.given]
    flags = issues.find_multilabel_issues_per_class(lists, p, return_indices_ranked_by=None)
    flags = np.asarray(flags).astype(bool).reshape(wrong.shape)
    right = wrong == flags
    return {
        "ap_confidence": _ap(wrong, np.where(found.given == 1, p, 1 - p)),
        "ap_rows_cleanlab": _ap(wrong.any(axis=1), get_label_quality_scores(lists, p)),
        "right_cleanlab": _round(right.mean()),
        "right_rows_cleanlab": _round(right.all(axis=1).mean()),
    }


def table(lines: list[dict[str, Any]]) -> str:
    """Returns the results as a table of Markdown."""
    titles = (
        "data", "trusted rows", "wrong labels; rows", "AP of labels", "by self-confidence", "AP of rows", "by cleanlab",
        "right labels before, after", "by cleanlab", "right rows before, after", "by cleanlab",
    )  # fmt: skip
    head = f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}\n"

    def cell(line: dict[str, Any], name: str, percent: bool = False) -> str:
        value = line.get(name)
        return "" if value is None else f"{value:.1%}" if percent else f"{value:.3f}"

    rows = []
    for line in lines:
        shares = [cell(line, name, True) for name in ("wrong", "wrong_rows", "right_before", "right_after")]
        whole = [cell(line, name, True) for name in ("right_rows_before", "right_rows_after", "right_rows_cleanlab")]
        cells = (
            line["name"], str(line["trusted"]), f"{shares[0]}, {shares[1]}", cell(line, "ap"),
            cell(line, "ap_confidence"), cell(line, "ap_rows"), cell(line, "ap_rows_cleanlab"),
            f"{shares[2]}, {shares[3]}", cell(line, "right_cleanlab", True), f"{whole[0]}, {whole[1]}", whole[2],
        )  # fmt: skip
        rows.append(f"| {' | '.join(cells)} |")
    return head + "\n".join(rows)


def _ap(wrong: np.ndarray, quality: np.ndarray) -> float:
    return _round(average_precision_score(wrong.ravel(), -np.nan_to_num(quality, nan=1.0).ravel()))


def _round(value: Any) -> float:
    return round(float(value), 4)


def main() -> None:
    """Measures what is not measured yet, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--trusted", default="0,60")
    options = parser.parse_args()
    cases = [
        {"name": name, "trusted": int(count), "seed": 0}
        for count in options.trusted.split(",")
        for name in options.sets.split(",")
    ]
    complete(RESULTS, cases, lambda name, trusted, seed: measured(SETS[name](options.data), trusted, seed))
    print(table([json.loads(line) for line in RESULTS.read_text().splitlines()]))


if __name__ == "__main__":
    main()
