"""Per-example weights: how they are spread, how they move over epochs, and what a weight network gives to a loss."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from meta_noise.report.curves import series
from meta_noise.report.drawing import BLUE, MUTED, ORANGE, PURPLE, Line, line_panel, panel, thin

BINS = 25


def weight_histogram(weights: np.ndarray, is_wrong: np.ndarray | None = None) -> Figure | None:
    """Returns a histogram of weights, None where no row has one; right and wrong rows apart where the truth is known.

    Args:
        weights: [N], NaN for a row without a weight.
        is_wrong: [N] bool, True where the given label is not the truth; None where the truth is unknown.
    """
    known = np.isfinite(weights)
    if not known.any():
        return None
    values = weights[known]
    if is_wrong is None or not is_wrong[known].any():
        groups = [("all rows" if is_wrong is None else "right labels", MUTED if is_wrong is None else BLUE, values)]
    else:
        wrong = is_wrong[known]
        groups = [("right labels", BLUE, values[~wrong]), ("wrong labels", ORANGE, values[wrong])]
        groups = [group for group in groups if len(group[2])]

    low, high, top = min(0.0, float(values.min())), float(values.max()), float(np.quantile(values, 0.995))
    cut = 0 < top < high / 1.5
    high = top if cut else high
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    texts = [(f"{name}: {len(group):,} rows, mean weight {group.mean():.2f}", colour) for name, colour, group in groups]
    xlabel = "weight (1 = full; the last bar holds all larger ones)" if cut else "weight (1 = full)"
    figure, axes = panel("Weights of the training rows", xlabel, "share of the group (%)", subtitles=texts)
    for _, colour, group in groups:
        shares = 100 * np.histogram(np.clip(group, edges[0], edges[-1]), edges)[0] / len(group)
        axes.stairs(shares, edges, fill=True, color=colour, alpha=0.28)
        axes.stairs(shares, edges, color=colour, linewidth=1.4)
        mean = float(np.clip(group.mean(), edges[0], edges[-1]))
        axes.plot([mean], [0], marker="^", markersize=8, color=colour, clip_on=False, zorder=5)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(bottom=0)
    return figure


def weight_curves(metrics: Sequence[Mapping[str, Any]]) -> Figure | None:
    """Returns the mean weight of rightly and of wrongly labelled rows over epochs, or None.

    Where the truth is unknown, of rows whose prediction in the same epoch is the given label, and of the others.
    """
    lines = [
        Line(label, colour, "-", *thin(np.fromiter(values.keys(), float), np.fromiter(values.values(), float)))
        for label, colour, values in (
            ("right", BLUE, series(metrics, "weight_right")),
            ("wrong", ORANGE, series(metrics, "weight_wrong")),
            ("as given", BLUE, series(metrics, "weight_agree")),
            ("predicted otherwise", ORANGE, series(metrics, "weight_differ")),
        )
    ]
    values = np.concatenate([line.y for line in lines])
    low, high = (values.min(), values.max()) if values.size else (0.0, 1.0)
    limits = (min(0.0, low), high * 1.08 if high > 0 else 1.0)
    return line_panel("Mean weight over training", "mean weight (1 = full)", lines, "", limits)


def weight_curve(curve: np.ndarray) -> Figure:
    """Returns the curve of a weight network.

    Args:
        curve: [2, n], losses in ascending order and their weights.
    """
    losses, weights = curve
    figure, axes = panel("What the weight network learned", "loss of the example (nats)", "weight (1 = full)")
    axes.plot(losses, weights, color=PURPLE, linewidth=1.8, solid_capstyle="round")
    if losses[-1] > losses[0]:
        axes.set_xlim(losses[0], losses[-1])
    axes.xaxis.set_major_locator(MaxNLocator(6))
    high = weights.max()
    axes.set_ylim(min(0.0, 1.08 * weights.min()), 1.08 * high if high > 0 else 1.0)
    return figure
