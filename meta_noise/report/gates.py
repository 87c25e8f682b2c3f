"""Which layers the sampler of FaMUS keeps: how often the gate of each tensor was open, epoch by epoch."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator

from meta_noise.report.curves import series
from meta_noise.report.drawing import (
    BLUE,
    MUTED,
    NORMAL,
    PURPLE,
    SMALL,
    WIDTH,
    Line,
    heading,
    line_panel,
    thin,
)
from meta_noise.visible import visible

PREFIX = "gate/"
NAME_LENGTH = 28
MOST_COLUMNS, FEWEST_COLUMNS, MOST_CELLS = 60, 20, 2000  # a page of many cells is slow
LINE = 11.0  # points between two names that do not touch


class Gates(NamedTuple):
    """The gates of a run.

    Attributes:
        epochs: [P] recorded epochs.
        names: [T] tensors, in order of first appearance.
        shares: [T, P] share of the steps of an epoch in which the gate was open, NaN where none was recorded.
    """

    epochs: np.ndarray
    names: tuple[str, ...]
    shares: np.ndarray


def gates(metrics: Sequence[Mapping[str, Any]]) -> Gates | None:
    """Returns the gates that metrics.jsonl records, None where it records none."""
    names = dict.fromkeys(name for row in metrics for name in row if name.startswith(PREFIX))
    found = {name.removeprefix(PREFIX): values for name in names if (values := series(metrics, name))}
    if not found:
        return None
    epochs = sorted(set().union(*found.values()))
    shares = np.array([[values.get(epoch, np.nan) for epoch in epochs] for values in found.values()])
    return Gates(np.array(epochs), tuple(found), shares)


def open_gates(found: Gates) -> np.ndarray:
    """Returns the mean number of open gates in each epoch, [P]."""
    return np.nansum(found.shares, axis=0)


def gate_figure(found: Gates) -> Figure:
    """Returns the heat map of gates: epochs across, tensors down; the stronger the colour, the more often open.

    Where there are too many epochs to tell apart, neighbours are averaged.
    """
    tensors = len(found.names)
    group = -(-len(found.epochs) // int(np.clip(MOST_CELLS // tensors, FEWEST_COLUMNS, MOST_COLUMNS)))
    starts = np.arange(0, len(found.epochs), group)
    known = np.isfinite(found.shares)
    sums = np.add.reduceat(np.nan_to_num(found.shares), starts, axis=1)
    counts = np.add.reduceat(known.astype(int), starts, axis=1)
    cells = len(starts)
    names = [_shorten_left(visible(name)) for name in found.names]

    left, right, top, bottom = 12 + 4.8 * max(map(len, names)), 12.0, 30.0, 38.0
    unit = float(np.clip(300.0 / tensors, 4.0, 18.0))
    height = top + bottom + unit * tensors
    figure = Figure(figsize=(WIDTH / 72, height / 72), facecolor="white")
    axes = figure.add_axes((left / WIDTH, bottom / height, (WIDTH - left - right) / WIDTH, unit * tensors / height))
    axes.set_facecolor("none")
    heading(figure, "Gates of the sampler", height)
    boxes, colours = [], []
    for i, j in zip(*np.nonzero(counts), strict=True):
        boxes.append(Rectangle((j, i + 0.04), 1, 0.92))
        colours.append((BLUE, 0.06 + 0.94 * min(max(sums[i, j] / counts[i, j], 0), 1)))
    axes.add_collection(
        PatchCollection(boxes, facecolors=colours, edgecolors="none", antialiaseds=False, clip_on=False)
    )
    axes.set_xlim(0, cells)
    axes.set_ylim(tensors, 0)
    every = int(np.ceil(LINE / unit))
    axes.set_yticks(np.arange(0, tensors, every) + 0.5, names[::every], fontsize=SMALL, color=MUTED, parse_math=False)
    ticks = np.unique(np.linspace(0, cells - 1, min(cells, 6)).round().astype(int))
    axes.xaxis.set_major_locator(FixedLocator(list(ticks + 0.5)))
    axes.set_xticklabels([f"{found.epochs[starts[i]]:g}" for i in ticks], fontsize=SMALL, color=MUTED)
    axes.tick_params(length=0, pad=4)
    axes.set_xlabel("epoch", color=MUTED, fontsize=NORMAL, labelpad=5)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure


def open_gates_curve(found: Gates) -> Figure | None:
    """Returns the mean number of open gates over epochs."""
    count = open_gates(found)
    line = Line("open", PURPLE, "-", *thin(found.epochs, count))
    tensors = len(found.names)
    return line_panel("Open gates", f"mean number (of {tensors})", [line], "", (0, 1.08 * tensors))


def _shorten_left(name: str) -> str:
    return name if len(name) <= NAME_LENGTH else "…" + name[1 - NAME_LENGTH :]
