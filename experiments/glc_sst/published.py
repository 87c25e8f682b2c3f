"""GLC, Figure 2, SST, flips, 1% trusted rows: errors read off the figure, and ours.

Hendrycks et al., NeurIPS 2018. What cannot be read is empty.
"""

from collections.abc import Mapping
from typing import Any

from experiments.cell import Cell
from experiments.glc_sst.cells import CHANGES, RATES, SEEDS, cell
from experiments.table import mean_of, table

ERRORS: dict[str, dict[float, float]] = {  # row -> rate -> error, read off the figure
    "GLC": {0.0: 0.19, 0.4: 0.28, 0.5: 0.38, 0.6: 0.27, 1.0: 0.19},
    "none": {0.4: 0.32, 0.5: 0.50, 0.6: 0.67},
}
PUBLISHED = {
    Cell(*cell(row, rate, 0)).unseeded: f"{100 * (1 - error):.0f}"
    for row, errors in ERRORS.items()
    for rate, error in errors.items()
}


def summary(results: list[dict[str, Any]]) -> str:
    """Returns errors in per cent by row and rate, published and ours: mean and deviation of the seeds that were run."""
    found = {result["cell"]: 1 - result["accuracy"]["last"] for result in results if "diverged" not in result}
    lines = []
    for row in ("trusted only", *CHANGES):
        if row in ERRORS:
            read = (ERRORS[row].get(rate) for rate in RATES)
            lines.append([f"{row}, published", *("" if error is None else f"{100 * error:.0f}" for error in read)])
        shown = [_shown(found, row, rate) for rate in RATES]
        lines += [[row, *shown]] if any(shown) else []
    return table(("error", *(f"flips {rate:g}" for rate in RATES)), lines)


def _shown(found: Mapping[str, float], row: str, rate: float) -> str:
    values = [found.get(Cell(*cell(row, rate, seed)).key) for seed in SEEDS]
    count = sum(value is not None for value in values)
    return f"{mean_of(values)} ({count})" if count else ""
