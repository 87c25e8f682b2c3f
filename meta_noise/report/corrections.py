"""What would change: given against suggested labels, and what a method that corrects labels made of them.

The latter after the confusion matrices of Zheng, Awadallah, Dumais, "Meta Label Correction for Noisy Label Learning",
AAAI 2021, figures 6 to 8.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from matplotlib.figure import Figure

from meta_noise.report.drawing import BLUE, MUTED, ORANGE
from meta_noise.report.labels import columns
from meta_noise.report.matrix import Cell, chosen_classes, matrix_figure, pair_counts, pair_shares, share_cells


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


class Corrections(NamedTuple):
    """What the corrected labels are worth, in rows that have one and, where any truth is known, whose truth is known.

    Attributes:
        rows: how many there are.
        changed: corrected label is not the given one.
        wrong: given label is not the truth; None, like all that follow, where no truth is known.
        repaired: of the wrong ones, those corrected to the truth.
        missed: of the wrong ones, those left as they were.
        spoiled: of the right ones, those corrected to something else.
    """

    rows: int
    changed: int
    wrong: int | None = None
    repaired: int | None = None
    missed: int | None = None
    spoiled: int | None = None


class Share(NamedTuple):
    """A line of the table: `part` of `whole` rows; `whole` is 0 where the share has no meaning."""

    text: str
    part: int
    whole: int


def corrections(labels: pa.Table) -> Corrections | None:
    """Returns the counts, None where no label was corrected or none of the corrected rows has a known truth."""
    found = _rows(labels)
    if found is None:
        return None
    _, given, corrected, true = found
    rows, changed = len(given), int((corrected != given).sum())
    if true is None:
        return Corrections(rows, changed)
    is_wrong = given != true
    return Corrections(
        rows,
        changed,
        wrong=int(is_wrong.sum()),
        repaired=int((is_wrong & (corrected == true)).sum()),
        missed=int((is_wrong & (corrected == given)).sum()),
        spoiled=int((~is_wrong & (corrected != true)).sum()),
    )


def correction_shares(counts: Corrections) -> list[Share]:
    """Returns the lines of the table of corrections."""
    rows, changed, wrong, repaired, missed, spoiled = counts
    if wrong is None or repaired is None or missed is None or spoiled is None:
        return [Share("label changed", changed, rows)]
    right = rows - wrong
    return [
        Share("given label wrong", wrong, rows),
        Share("of these, corrected to the truth", repaired, wrong),
        Share("of these, changed to another wrong class", wrong - repaired - missed, wrong),
        Share("of these, left as they were", missed, wrong),
        Share("given label right", right, rows),
        Share("of these, spoiled", spoiled, right),
        Share("corrected label right", right - spoiled + repaired, rows),
    ]


def correction_figures(labels: pa.Table) -> list[Figure]:
    """Returns given against true and corrected against true labels, or given against corrected ones; or nothing.

    Every row of a matrix is divided by its sum: of the rows of that class, how many per cent are labelled so. Of many
    classes those are drawn in which most rows are wrong or change. Blue is right; grey is unchanged, maybe wrong.
    """
    found = _rows(labels)
    if found is None:
        return []
    names, given, corrected, true = found
    base = given if true is None else true
    moved = np.append(base[corrected != base], base[given != base])
    chosen = chosen_classes(np.bincount(moved, minlength=len(names)))
    some = "" if len(chosen) == len(names) else f", {len(chosen)} of {len(names)} classes"

    def draw(title: str, values: np.ndarray, down: str, across: str) -> Figure:
        shares = pair_shares(base, values, chosen, len(names))
        cells = share_cells(shares, MUTED if true is None else BLUE)
        return matrix_figure(title + some, [names[i] for i in chosen], cells, down, across)

    if true is None:
        return [draw("Corrected labels (%)", corrected, "given label", "corrected label")]
    return [
        draw("Given labels (%)", given, "true label", "given label"),
        draw("Corrected labels (%)", corrected, "true label", "corrected label"),
    ]


def _rows(labels: pa.Table) -> tuple[tuple[str, ...], np.ndarray, np.ndarray, np.ndarray | None] | None:
    """Returns class names and given, corrected and true classes [M] of the rows that count: those of some class."""
    table = columns(labels)
    if table.corrected is None:
        return None
    counts = table.corrected >= 0
    if table.true is None:
        return table.class_names, table.given[counts], table.corrected[counts], None
    counts &= (table.true >= 0) & (table.true < len(table.class_names))
    if not counts.any():
        return None
    return table.class_names, table.given[counts], table.corrected[counts], table.true[counts]
