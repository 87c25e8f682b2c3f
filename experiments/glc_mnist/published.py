"""GLC, Table 1, MNIST: areas under the error curve in per cent, published for 60, 600 and 3,000 trusted rows, and ours.

Hendrycks et al., NeurIPS 2018. The paper prints shares of 5, 10 and 25%; its code and its errors of trusted rows alone
say 0.1, 1 and 5%. The area is under straight lines through the errors at 0, 0.1, ..., 1; where the odd tenths were not
run, ours is under lines through the others, and not empty. Areas are those of each seed, with mean and deviation.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from experiments.cell import Cell
from experiments.glc_mnist.cells import EVEN, FURTHER, NOISES, RATES, ROWS, cell
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
    """Returns a line per noise, number of trusted rows and row that was run; means over seeds."""
    errors = {r["cell"]: 100 * (1 - r["accuracy"]["last"]) for r in results if "diverged" not in r}
    lines = []
    for noise, (place, trusted) in product(NOISES, enumerate(SIZES)):
        for row in ("trusted only", *ROWS):
            runs = [_found(errors, row, noise, trusted, seed) for seed in (0, *FURTHER)]
            runs = [found for found in runs if found]
            if runs:
                areas = [_area(found) for found in runs if set(EVEN) <= set(found)]
                published = AREAS[noise][row][place] if row in AREAS[noise] else None
                shown = (_mean([found[rate] for found in runs if rate in found]) for rate in EVEN)
                figure = "" if published is None else f"{published:g}"
                rates = str(max(len(found) for found in runs))
                reading = _reading(areas, published)
                lines.append([noise, str(trusted), row, figure, _shown(areas), reading, rates, *shown])
    head = ("noise", "trusted", "row", "published", "ours", "so", "rates", *(f"error at {rate:g}" for rate in EVEN))
    return table(head, lines)


def _found(errors: Mapping[str, float], row: str, noise: str, trusted: int, seed: int) -> dict[float, float]:
    """Returns the errors in per cent of one seed, by the rates that were run."""
    keys = {rate: Cell(*cell(row, noise, rate, trusted, seed)).key for rate in RATES}
    return {rate: errors[key] for rate, key in keys.items() if key in errors}


def _area(found: Mapping[float, float]) -> float:
    """Returns the area under the errors by rate."""
    rates = sorted(found)
    return float(np.trapezoid([found[rate] for rate in rates], rates))


def _shown(areas: Sequence[float]) -> str:
    """Returns mean, deviation and number of areas."""
    spread = f" ± {np.std(areas, ddof=1):.1f} ({len(areas)})" if len(areas) > 1 else ""
    return _mean(areas) + spread


def _reading(areas: Sequence[float], published: float | None) -> str:
    """Returns whether the mean of several seeds is within two standard errors of a published figure, which is rounded
    to a tenth, or else better or worse."""
    if published is None or len(areas) < 2:
        return ""
    away = np.mean(areas) - published
    if abs(away) <= 2 * np.std(areas, ddof=1) / np.sqrt(len(areas)) + 0.05:
        return "within"
    return "better" if away < 0 else "worse"


def _mean(values: Sequence[float]) -> str:
    return f"{np.mean(values):.1f}" if len(values) else ""
