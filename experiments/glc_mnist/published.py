"""GLC, Table 1, MNIST, flips: areas under the error curve in per cent, for 60 / 600 / 3,000 trusted rows, and ours.

Hendrycks et al., NeurIPS 2018. The paper prints shares of 5, 10 and 25%; its code and its errors of trusted rows alone
say 0.1, 1 and 5%. The area is the mean error over the rates 0, 0.1, ..., 1; ours is over 0, 0.2, ..., 1.
"""

from typing import Any

from experiments.cell import Cell
from experiments.glc_mnist.cells import RATES, TRUSTED_ONLY, cell
from experiments.table import table

AREAS = {  # row -> published at 600 trusted rows
    "trusted only": "12.9",
    "none": "51.1",
    "forward": "48.8",
    "gold": "36.4",
    "distillation": "32.4",
    "confusion": "5.6",
    "glc": "2.9",
}


def summary(results: list[dict[str, Any]]) -> str:
    """Returns a line per row of the published table; a mean over rates only where all were run."""
    errors = {r["cell"]: 100 * (1 - r["accuracy"]["last"]) for r in results if "diverged" not in r}
    lines = []
    for row, figure in AREAS.items():
        keys = [Cell(*TRUSTED_ONLY).key] if row == "trusted only" else [Cell(*cell(row, rate)).key for rate in RATES]
        found = [errors.get(key) for key in keys]
        known = [value for value in found if value is not None]
        area = f"{sum(known) / len(known):.1f}" if len(known) == len(found) else ""
        shown = ["" if value is None else f"{value:.1f}" for value in found]
        lines.append([row, figure, area, *(shown * len(RATES) if row == "trusted only" else shown)])
    head = ("row", "published", "ours, mean over rates", *(f"error at {rate:g}" for rate in RATES))
    return table(head, lines)
