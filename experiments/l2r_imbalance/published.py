"""L2R, MNIST with a rare class: accuracy on a balanced test set that a public re-implementation plots, and ours.

Ren et al., ICML 2018, shows errors in a figure, without numbers. The figures here are read off the plot of a public
re-implementation in PyTorch, L2R with 10 trusted images, by the share of nines.
"""

from collections.abc import Mapping
from typing import Any

from experiments.cell import Cell
from experiments.l2r_imbalance.cells import NETWORKS, SEEDS, SHARES, WORDS, cell
from experiments.table import mean_of, table

FIGURES = {0.9: "97.9", 0.95: "98.6", 0.98: "96.6", 0.99: "97.5", 0.995: "95.5"}  # share -> L2R
PUBLISHED = {Cell(*cell("lenet", "L2R", share, 0)).unseeded: figure for share, figure in FIGURES.items()}


def summary(results: list[dict[str, Any]]) -> str:
    """Returns last accuracies by row and share, mean and deviation of the seeds that were run."""
    found = {result["cell"]: result["accuracy"]["last"] for result in results if "diverged" not in result}
    lines = [["L2R, LeNet, re-implementation", *FIGURES.values()]]
    for network, title in NETWORKS.items():
        for row in WORDS:
            shown = [_shown(found, (network, row, share)) for share in SHARES]
            lines += [[f"{row}, {title}", *shown]] if any(shown) else []
    return table(("last accuracy", *(f"{100 * share:g}% nines" for share in SHARES)), lines)


def _shown(found: Mapping[str, float], which: tuple[str, str, float]) -> str:
    values = [found.get(Cell(*cell(*which, seed)).key) for seed in SEEDS]
    count = sum(value is not None for value in values)
    return f"{mean_of(values)} ({count})" if count else ""
