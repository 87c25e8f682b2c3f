"""Given labels against suggested labels."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from matplotlib.figure import Figure

from meta_noise.report.drawing import MUTED, ORANGE
from meta_noise.report.labels import columns
from meta_noise.report.matrix import Cell, chosen_classes, matrix_figure, pair_counts


class Pair(NamedTuple):
    """One correction: `rows` rows of class `given` would become `suggested`; for `right` of them that is the truth."""

    given: str
    suggested: str
    rows: int
    right: int | None


def confused_pairs(labels: pa.Table, limit: int = 12) -> list[Pair]:
    """Returns the most frequent corrections, largest first; `right` is None where the truth is unknown."""
    names, given, suggested, true, *_ = columns(labels)
    codes = given * len(names) + suggested
    changed = given != suggested
    pairs, counts = np.unique(codes[changed], return_counts=True)
    right = None if true is None else codes[changed & (suggested == true)]
    result = []
    for i in np.lexsort((pairs, -counts))[:limit]:
        a, b = divmod(int(pairs[i]), len(names))
        hits = None if right is None else int((right == pairs[i]).sum())
        result.append(Pair(names[a], names[b], int(counts[i]), hits))
    return result


def confusion_figure(labels: pa.Table) -> Figure:
    """Returns the matrix of given (down) against suggested labels (across), in rows of the table.

    Grey squares on the diagonal keep their label. Of many classes only those that are most often confused are drawn.
    """
    names, given, suggested, *_ = columns(labels)
    changed = given != suggested
    chosen = chosen_classes(np.bincount(np.append(given[changed], suggested[changed]), minlength=len(names)))
    title = "Given against suggested labels"
    if len(chosen) < len(names):
        title = f"The {len(chosen)} most confused of {len(names)} classes"
    counts = pair_counts(given, suggested, chosen, len(names))
    largest = max(1, (counts * (1 - np.eye(len(chosen), dtype=int))).max())

    def cell(i: int, j: int) -> Cell | None:
        count = int(counts[i, j])
        if count == 0:
            return None
        colour, strength = (MUTED, 0.35) if i == j else (ORANGE, (0.02 + 0.98 * count / largest) ** 0.5)
        return Cell(colour, strength, f"{count}")

    cells = [[cell(i, j) for j in range(len(chosen))] for i in range(len(chosen))]
    return matrix_figure(title, [names[i] for i in chosen], cells, down="given label", across="suggested label")
