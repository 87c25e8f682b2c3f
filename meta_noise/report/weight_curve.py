"""The weight that a weight network gives to a loss."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from meta_noise.report.drawing import PURPLE, panel


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
