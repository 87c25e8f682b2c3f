"""GLC, Table 1, MNIST: areas under the error curve in per cent, published for 60, 600 and 3,000 trusted rows, and ours.

Hendrycks et al., NeurIPS 2018. The paper prints shares of 5, 10 and 25%; its code and its errors of trusted rows alone
say 0.1, 1 and 5%. The area is under straight lines through the errors at 0, 0.1, ..., 1; where the odd tenths were not
run, ours is under lines through the others, and not empty.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from experiments.cell import Cell
from experiments.glc_mnist.cells import EVEN, NOISES, RATES, ROWS, cell
from experiments.table import table

SIZES = (60, 600, 3000)
ALONE = (37.6, 12.9, 6.6)
AREAS: dict[str, dict[str, Sequence[float]]] = {  # noise -> row -> published for each of SIZES
    "flip": {
        "trusted only": ALONE,
        "none": (50.1, 51.1, 47.7),
        "forward": (51.7, 48.8, 50.2),
        "gold": (41.4, 36.4, 37.1),
        "distillation": (46.5, 32.4, 28.2),
        "confusion": (11.7, 5.6, 3.8),
        "GLC": (3.4, 2.9, 2.6),
    },
    "uniform": {
        "trusted only": ALONE,
        "none": (12.9, 12.3, 9.3),
        "forward": (14.5, 13.9, 11.8),
        "gold": (13.5, 12.3, 9.2),
        "distillation": (42.1, 9.2, 5.8),
        "confusion": (21.8, 15.1, 11.0),
        "GLC": (10.3, 6.3, 4.7),
    },
}


def summary(results: list[dict[str, Any]]) -> str:
    """Returns a line per noise, number of trusted rows and row that was run."""
    errors = {r["cell"]: 100 * (1 - r["accuracy"]["last"]) for r in results if "diverged" not in r}
    lines = []
    for noise, (place, trusted) in product(NOISES, enumerate(SIZES)):
        for row in ("trusted only", *ROWS):
            keys = (Cell(*cell(row, noise, rate, trusted)).key for rate in RATES)
            found = {rate: errors[key] for rate, key in zip(RATES, keys, strict=True) if key in errors}
            if found:
                published = AREAS[noise].get(row)
                shown = (f"{found[rate]:.1f}" if rate in found else "" for rate in EVEN)
                figure = f"{published[place]:g}" if published else ""
                lines.append([noise, str(trusted), row, figure, _area(found), str(len(found)), *shown])
    head = ("noise", "trusted", "row", "published", "ours", "rates", *(f"error at {rate:g}" for rate in EVEN))
    return table(head, lines)


def _area(found: Mapping[float, float]) -> str:
    """Returns the area under the errors by rate; nothing where one of the even tenths was not run."""
    if not set(EVEN) <= set(found):
        return ""
    rates = sorted(found)
    return f"{np.trapezoid([found[rate] for rate in rates], rates):.1f}"
