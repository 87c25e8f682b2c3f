"""GLC, Table 1, MNIST: areas under the error curve in per cent, published for 60, 600 and 3,000 trusted rows, and ours.

Hendrycks et al., NeurIPS 2018. The paper prints shares of 5, 10 and 25%; its code and its errors of trusted rows alone
say 0.1, 1 and 5%. The area is the mean error over the rates 0, 0.1, ..., 1; ours is over 0, 0.2, ..., 1.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from experiments.cell import Cell
from experiments.glc_mnist.cells import NOISES, RATES, ROWS, cell
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
    """Returns a line per noise, number of trusted rows and row that was run; a mean only where all rates were."""
    errors = {r["cell"]: 100 * (1 - r["accuracy"]["last"]) for r in results if "diverged" not in r}
    lines = []
    for noise, (place, trusted) in product(NOISES, enumerate(SIZES)):
        for row in ("trusted only", *ROWS):
            found = _found(errors, row, noise, trusted)
            known = [value for value in found if value is not None]
            if known:
                published = AREAS[noise].get(row)
                area = f"{sum(known) / len(known):.1f}" if len(known) == len(found) else ""
                shown = ["" if value is None else f"{value:.1f}" for value in found]
                lines.append([noise, str(trusted), row, f"{published[place]:g}" if published else "", area, *shown])
    head = ("noise", "trusted", "row", "published", "ours, mean over rates", *(f"error at {rate:g}" for rate in RATES))
    return table(head, lines)


def _found(errors: Mapping[str, float], row: str, noise: str, trusted: int) -> list[float | None]:
    """Returns errors by rate; of trusted rows alone one, which no noise changes, for each of them."""
    return [errors.get(Cell(*cell(row, noise, rate, trusted)).key) for rate in RATES]
