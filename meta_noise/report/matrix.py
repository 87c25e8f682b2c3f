"""Square matrices of classes as figures: tinted cells, numbers where there is room, a column of remarks at the side."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from meta_noise.report.drawing import BLUE, CHARACTER, INK, MUTED, NORMAL, ORANGE, SMALL, WIDTH, heading, shorten

ALL_CLASSES, SHOWN_CLASSES, NUMBERED_CLASSES = 30, 20, 12
NAME_LENGTH = 16
SMALLEST = 10.5  # points a side; two names then do not touch
STRONGEST = 0.6  # opacity of the strongest cell: ink can be read on it on light and on dark pages


class Cell(NamedTuple):
    """One cell of a matrix: its colour, how strong that is from 0 to 1, and its text."""

    colour: str
    strength: float
    text: str


class Side(NamedTuple):
    """A column of texts right of a matrix: its title, and one text for each row.

    One that is not shown only keeps the room: two matrices side by side then have cells of one size.
    """

    title: str
    texts: Sequence[str]
    is_shown: bool = True


def matrix_figure(
    title: str,
    names: Sequence[str],
    cells: Sequence[Sequence[Cell | None]],
    down: str,
    across: str,
    side: Side | None = None,
) -> Figure:
    """Returns a matrix as a figure.

    Args:
        title: heading.
        names: [K] of the classes, for both axes.
        cells: [K][K], None for a cell without colour and text; texts are drawn up to `NUMBERED_CLASSES` classes.
        down: what the rows are.
        across: what the columns are.
        side: remarks on the rows.
    """
    names = [shorten(name, NAME_LENGTH) for name in names]
    size, longest = len(names), max(map(len, names))
    label = 8.0 + 4.8 * longest
    widest = max((len(cell.text) for row in cells for cell in row if cell), default=0)
    upright = longest > 4 or widest > 4
    margin = 14.0 if side is None else 12 + CHARACTER * max(map(len, (side.title, *side.texts)))
    left, right, top, bottom = 24 + label, margin, 30.0 + 13 * (side is not None), 26 + (label if upright else 14)
    unit = float(np.clip((WIDTH - left - right) / size, SMALLEST, 46.0))
    width, height = max(left + right + unit * size, WIDTH), top + bottom + unit * size
    figure = Figure(figsize=(width / 72, height / 72), facecolor="white")
    axes = figure.add_axes((left / width, bottom / height, unit * size / width, unit * size / height))
    axes.set_facecolor("none")
    heading(figure, title, height)

    boxes, colours = [], []
    for i, row in enumerate(cells):
        for j, cell in enumerate(row):
            if cell is None:
                continue
            boxes.append(Rectangle((j + 0.03, i + 0.03), 0.94, 0.94))
            colours.append((cell.colour, STRONGEST * cell.strength))
            if size <= NUMBERED_CLASSES and cell.text:
                axes.text(j + 0.5, i + 0.52, cell.text, ha="center", va="center", color=INK, fontsize=8)
    axes.add_collection(PatchCollection(boxes, facecolors=colours, edgecolors="none", clip_on=False))
    axes.set_xlim(0, size)
    axes.set_ylim(size, 0)
    places = np.arange(size) + 0.5
    turn = 90 if upright else 0
    axes.set_xticks(places, names, fontsize=SMALL, color=MUTED, parse_math=False, rotation=turn)
    axes.set_yticks(places, names, fontsize=SMALL, color=MUTED, parse_math=False)
    axes.tick_params(length=0, pad=4)
    axes.set_xlabel(across, color=MUTED, fontsize=NORMAL, labelpad=4)
    axes.set_ylabel(down, color=MUTED, fontsize=NORMAL, labelpad=4)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if side is not None and side.is_shown:
        edge = size + 6 / unit
        axes.text(edge, -7 / unit, side.title, color=MUTED, fontsize=SMALL, va="center")
        for place, text in zip(places, side.texts, strict=True):
            axes.text(edge, place, text, color=INK, fontsize=SMALL, va="center")
    return figure


def share_cells(shares: np.ndarray, diagonal: str = BLUE) -> list[list[Cell | None]]:
    """Returns the cells of shares [K, K] in 0..1, in per cent, that colour on the diagonal, orange beside it."""
    return [
        [
            Cell(diagonal if i == j else ORANGE, float(min(share, 1) ** 0.4), _percent(share)) if share > 0 else None
            for j, share in enumerate(row)
        ]
        for i, row in enumerate(shares)
    ]


def chosen_classes(importance: np.ndarray) -> np.ndarray:
    """Returns all classes, or of more than `ALL_CLASSES` the `SHOWN_CLASSES` with the highest importance [C]."""
    if len(importance) <= ALL_CLASSES:
        return np.arange(len(importance))
    return np.sort(np.argsort(-importance, kind="stable")[:SHOWN_CLASSES])


def pair_counts(rows: np.ndarray, columns: np.ndarray, chosen: np.ndarray, classes: int) -> np.ndarray:
    """Returns [K, K]: how often class `chosen[i]` in `rows` [N] meets class `chosen[j]` in `columns` [N]."""
    place = np.full(classes, -1)
    place[chosen] = np.arange(len(chosen))
    row, column = place[rows], place[columns]
    both = (row >= 0) & (column >= 0)
    codes = row[both] * len(chosen) + column[both]
    return np.bincount(codes, minlength=len(chosen) ** 2).reshape(len(chosen), len(chosen))


def pair_shares(rows: np.ndarray, columns: np.ndarray, chosen: np.ndarray, classes: int) -> np.ndarray:
    """Returns [K, K]: the share of the rows of class `chosen[i]` that have `chosen[j]` in `columns`; 0 without rows."""
    totals = np.bincount(rows, minlength=classes)[chosen]
    return pair_counts(rows, columns, chosen, classes) / np.maximum(totals, 1)[:, None]


def _percent(share: float) -> str:
    return f"{100 * share:.0f}" if share >= 0.005 else ""
