"""Given labels against suggested labels."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from meta_noise.report.drawing import INK, MUTED, NORMAL, ORANGE, PAPER, SMALL, WIDTH, heading, shorten
from meta_noise.report.labels import columns

ALL_CLASSES, SHOWN_CLASSES, NUMBERED_CLASSES = 30, 20, 12
NAME_LENGTH = 16


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

    Grey squares on the diagonal keep their label. Beyond `ALL_CLASSES` classes only the `SHOWN_CLASSES` that are
    most often confused are drawn.
    """
    names, given, suggested, *_ = columns(labels)
    chosen = np.arange(len(names))
    title = "Given against suggested labels"
    if len(names) > ALL_CLASSES:
        changed = given != suggested
        moves = np.bincount(given[changed], minlength=len(names)) + np.bincount(
            suggested[changed], minlength=len(names)
        )
        chosen = np.sort(np.argsort(-moves, kind="stable")[:SHOWN_CLASSES])
        title = f"The {SHOWN_CLASSES} most confused of {len(names)} classes"
    matrix = _counts(given, suggested, chosen, len(names))
    return _draw(matrix, [shorten(names[i], NAME_LENGTH) for i in chosen], title)


def _counts(given: np.ndarray, suggested: np.ndarray, chosen: np.ndarray, classes: int) -> np.ndarray:
    """Returns the [K, K] counts between the chosen classes."""
    place = np.full(classes, -1)
    place[chosen] = np.arange(len(chosen))
    row, column = place[given], place[suggested]
    both = (row >= 0) & (column >= 0)
    codes = row[both] * len(chosen) + column[both]
    return np.bincount(codes, minlength=len(chosen) ** 2).reshape(len(chosen), len(chosen))


def _draw(matrix: np.ndarray, names: list[str], title: str) -> Figure:
    size, longest = len(names), max(map(len, names))
    label = 8.0 + 4.8 * longest
    upright = longest > 4 or matrix.max() > 9999
    left, right, top, bottom = 24 + label, 14.0, 30.0, 26 + (label if upright else 14)
    cell = float(np.clip((WIDTH - left - right) / size, 15.0, 46.0))
    width, height = max(left + right + cell * size, WIDTH), top + bottom + cell * size
    figure = Figure(figsize=(width / 72, height / 72), facecolor="white")
    axes = figure.add_axes((left / width, bottom / height, cell * size / width, cell * size / height))
    axes.set_facecolor("none")
    heading(figure, title, height)

    off = matrix * (1 - np.eye(size, dtype=int))
    strength = np.sqrt(off / off.max()) if off.max() else off * 0.0
    boxes, colours = [], []
    for i in range(size):
        for j in range(size):
            if matrix[i, j] == 0:
                continue
            boxes.append(Rectangle((j + 0.03, i + 0.03), 0.94, 0.94))
            colours.append((MUTED, 0.22) if i == j else (ORANGE, 0.10 + 0.85 * strength[i, j]))
            if size <= NUMBERED_CLASSES:
                ink = PAPER if i != j and strength[i, j] > 0.6 else INK
                axes.text(j + 0.5, i + 0.52, f"{matrix[i, j]}", ha="center", va="center", color=ink, fontsize=8)
    axes.add_collection(PatchCollection(boxes, facecolors=colours, edgecolors="none"))
    axes.set_xlim(0, size)
    axes.set_ylim(size, 0)
    axes.set_xticks(
        np.arange(size) + 0.5, names, fontsize=SMALL, color=MUTED, parse_math=False, rotation=90 if upright else 0
    )
    axes.set_yticks(np.arange(size) + 0.5, names, fontsize=SMALL, color=MUTED, parse_math=False)
    axes.tick_params(length=0, pad=4)
    axes.set_xlabel("suggested label", color=MUTED, fontsize=NORMAL, labelpad=4)
    axes.set_ylabel("given label", color=MUTED, fontsize=NORMAL, labelpad=4)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure
