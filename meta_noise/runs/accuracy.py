"""What results.json says of accuracy, from the metrics of the evaluated epochs.

With `a_1 .. a_n` the accuracies of the evaluations of a run on its test rows (on its selection rows where there are no
test rows), and `s_1 .. s_n` those on its selection rows:

    last      a_n
    best      max_i a_i
    selected  a_i of the i with the highest s_i, of several the latest; so a_n where there are no selection rows
    last10    (a_{n-9} + ... + a_n) / 10, of a shorter run the mean of all: "last 10" in the tables of the field
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

FURTHER = ("test_top5_accuracy", "imagenet_accuracy", "imagenet_top5_accuracy")  # beside the accuracy on test rows
LAST = 10


def accuracies(history: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns last, best, selected and last-ten accuracy, shares in 0..1; all None where nothing was measured.

    `measured_on` names the rows, `selected_epoch` the epoch, `further` has last, best and selected of `FURTHER`.

    Args:
        history: metrics of each evaluated epoch, in order, at least one.
    """
    measured_on = next((name for name in ("test", "selection") if f"{name}_accuracy" in history[-1]), None)
    if measured_on is None:
        return {"last": None, "best": None, "selected": None, "last10": None, "measured_on": None}
    selected = selected_position([epoch.get("selection_accuracy", 0.0) for epoch in history])
    values = [epoch[f"{measured_on}_accuracy"] for epoch in history]
    further = {name: _three([epoch[name] for epoch in history], selected) for name in FURTHER if name in history[-1]}
    return {
        **_three(values, selected),
        "last10": mean_of_last(values),
        "measured_on": measured_on,
        "selected_epoch": history[selected]["epoch"],
        **({"further": further} if further else {}),
    }


def selected_position(selection: Sequence[float]) -> int:
    """Returns the position of the highest accuracy on selection rows, the latest of several."""
    return max(range(len(selection)), key=lambda i: (selection[i], i))


def mean_of_last(values: Sequence[float], count: int = LAST) -> float:
    """Returns the mean of the last `count` values, of all where there are fewer."""
    return float(np.mean(values[-count:]))


def _three(values: Sequence[float], selected: int) -> dict[str, float]:
    return {"last": values[-1], "best": max(values), "selected": values[selected]}
