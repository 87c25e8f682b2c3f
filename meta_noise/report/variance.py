"""How much the meta-gradient differs from one clean batch to the next, over training.

After Xu, Zhu, Jiang, Yang, "Faster Meta Update Strategy for Noise-Robust Deep Learning", CVPR 2021, figure 4.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from meta_noise.report.curves import series
from meta_noise.report.drawing import PURPLE, Line, line_panel, thin

NAME = "meta_gradient_variance"


def variance_curve(metrics: Sequence[Mapping[str, Any]]) -> Figure | None:
    """Returns the variance over epochs on a log scale of whole decades; None where no positive value is recorded."""
    values = {epoch: value for epoch, value in series(metrics, NAME).items() if value > 0}
    if not values:
        return None
    x, y = thin(np.fromiter(values.keys(), float), np.fromiter(values.values(), float))
    low, high = np.floor(np.log10(y.min())), np.ceil(np.log10(y.max()))
    limits = 10.0**low, 10.0 ** max(high, low + 1)
    line = Line("variance", PURPLE, "-", x, y)
    return line_panel("Variance of the meta-gradient", "variance (log scale)", [line], "", limits, log=True)
