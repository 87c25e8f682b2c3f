"""The learned transition matrix beside the true one, and how far they are apart."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from matplotlib.figure import Figure

from meta_noise.report.drawing import MUTED, PURPLE
from meta_noise.report.labels import columns
from meta_noise.report.matrix import Cell, Side, chosen_classes, matrix_figure, pair_shares, share_cells

AXES = ("true label", "given label")


class Reference(NamedTuple):
    """The matrix that a learned one is compared with.

    Attributes:
        transition: [C, C], `[true, observed]`; a row is zero where a class has no rows.
        is_counted: True where it was counted in the labels, False where the noise was drawn with it.
    """

    transition: np.ndarray
    is_counted: bool

    @property
    def name(self) -> str:
        """Returns the word for this matrix."""
        return "counted" if self.is_counted else "true"


def reference(noise: Mapping[str, np.ndarray], labels: pa.Table) -> Reference | None:
    """Returns the transition matrix of the noise that was added, else the one of the labels, None without a truth.

    Args:
        noise: arrays of noise.npz; its matrix is taken unless its `kind` is "none" or it is of another form.
        labels: the label table, whose given and true labels are counted otherwise.
    """
    table = columns(labels)
    classes = len(table.class_names)
    drawn = noise.get("transition")
    is_usable = drawn is not None and drawn.shape == (classes, classes) and np.isfinite(drawn).all()
    if is_usable and str(noise.get("kind", "none")) != "none":
        return Reference(np.asarray(drawn, np.float64), is_counted=False)
    if table.true is None:
        return None
    known = (table.true >= 0) & (table.true < classes)
    counts = np.zeros((classes, classes))
    np.add.at(counts, (table.true[known], table.given[known]), 1)
    return Reference(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), is_counted=True)


def total_variation(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Returns `1/2 sum_j |p_ij - q_ij|` for each row of two matrices [C, C] of probabilities, [C] in 0..1.

    NaN for a row that is zero in one of them: nothing is known about that class.
    """
    known = (one.sum(axis=1) > 0) & (other.sum(axis=1) > 0)
    return np.where(known, np.abs(one - other).sum(axis=1) / 2, np.nan)


def transition_figures(learned: np.ndarray, true: Reference | None, names: Sequence[str]) -> list[Figure]:
    """Returns the true matrix, where there is one, and the learned one with the distance of each pair of rows.

    Of many classes those are drawn whose rows differ most; without a true matrix, those with the smallest diagonal.

    Args:
        learned: [C, C] probabilities.
        true: what it is compared with.
        names: [C] of the classes.
    """
    distances = None if true is None else total_variation(learned, true.transition)
    chosen = chosen_classes(1 - np.diag(learned) if distances is None else np.nan_to_num(distances))
    side = None
    if distances is not None:
        side = Side("distance", ["-" if np.isnan(value) else f"{value:.2f}" for value in distances[chosen]])
    room = None if side is None else side._replace(is_shown=False)

    def draw(title: str, matrix: np.ndarray, side: Side | None) -> Figure:
        cells = share_cells(matrix[np.ix_(chosen, chosen)])
        return matrix_figure(_titled(title, chosen, names), [names[i] for i in chosen], cells, *AXES, side)

    figures = [] if true is None else [draw(f"{true.name.capitalize()} transition (%)", true.transition, room)]
    return [*figures, draw("Learned transition (%)", learned, side)]


def estimated_figure(labels: pa.Table) -> Figure:
    """Returns which given labels the rows of a suggested class have: the transition matrix, suggestions as the truth.

    Of many classes those are drawn that keep the smallest share of their rows.
    """
    names, given, suggested, *_ = columns(labels)
    totals = np.bincount(suggested, minlength=len(names))
    kept = np.bincount(suggested[suggested == given], minlength=len(names)) / np.maximum(totals, 1)
    chosen = chosen_classes(np.where(totals > 0, 1 - kept, 0))
    cells = share_cells(pair_shares(suggested, given, chosen, len(names)))
    title = _titled("Estimated transition (%)", chosen, names)
    return matrix_figure(title, [names[i] for i in chosen], cells, "suggested label", "given label")


def signed_figures(learned: np.ndarray, true: Reference | None, names: Sequence[str]) -> list[Figure]:
    """Returns the true transition matrix, where there is one, and a learned matrix [C, C] of any numbers.

    Positive numbers are purple, negative ones grey. Of many classes those with the largest number off the diagonal are
    drawn.
    """
    off = np.abs(learned) * (1 - np.eye(len(learned)))
    chosen = chosen_classes(np.maximum(off.max(axis=0), off.max(axis=1)))
    shown = [names[i] for i in chosen]
    square = np.ix_(chosen, chosen)
    largest = max(np.abs(learned[square]).max(), 1e-12)
    cells = [
        [Cell(PURPLE if value > 0 else MUTED, float(np.sqrt(abs(value) / largest)), _signed(value)) for value in row]
        for row in learned[square]
    ]
    figures = []
    if true is not None:
        title = _titled(f"{true.name.capitalize()} transition (%)", chosen, names)
        figures.append(matrix_figure(title, shown, share_cells(true.transition[square]), *AXES))
    return [*figures, matrix_figure(_titled("Learned matrix", chosen, names), shown, cells, *AXES)]


def _titled(title: str, chosen: np.ndarray, names: Sequence[str]) -> str:
    return title if len(chosen) == len(names) else f"{title}, {len(chosen)} of {len(names)} classes"


def _signed(value: float) -> str:
    return f"{round(value, 1) + 0.0:.1f}" if abs(value) < 99.5 else f"{value:.0e}"  # + 0.0: no minus zero
