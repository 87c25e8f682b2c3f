"""Curves over epochs: accuracy, losses, rightly and wrongly labelled rows apart, how steady the meta-gradient is."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from meta_noise.report.drawing import BLUE, MUTED, ORANGE, PURPLE, Line, line_panel, thin
from meta_noise.report.files import number

Metrics = Sequence[Mapping[str, Any]]


def accuracy_curves(metrics: Metrics) -> Figure | None:
    """Returns accuracy on rows outside training over epochs, or None where the run recorded none.

    Where the optimiser averages parameters, `test_accuracy` is theirs and `test_raw_accuracy` the one without.
    """
    raw = percent(metrics, "test_raw_accuracy")
    lines = [
        Line("averaged parameters" if raw[0].size else "test", BLUE, "-", *percent(metrics, "test_accuracy")),
        Line("raw parameters", PURPLE, "--", *raw),
        Line("ImageNet", ORANGE, "-", *percent(metrics, "imagenet_accuracy")),
        Line("selection", MUTED, "--", *percent(metrics, "selection_accuracy")),
    ]
    return line_panel("Rows outside training", "accuracy (%)", lines, "%", _percent_limits(lines))


def training_curves(metrics: Metrics) -> Figure | None:
    """Returns agreement of predictions with given, true and corrected labels over epochs, or None."""
    lines = [
        Line("given", MUTED, "-", *percent(metrics, "given_accuracy")),
        Line("true", BLUE, "-", *percent(metrics, "true_accuracy")),
        Line("corrected", PURPLE, "--", *percent(metrics, "target_accuracy")),
    ]
    return line_panel("Training rows", "agreement (%)", lines, "%", _percent_limits(lines))


def right_and_wrong_curves(metrics: Metrics) -> Figure | None:
    """Returns what becomes of rightly and of wrongly labelled rows over epochs, or None where the truth is unknown.

    Shown are `learned` (right rows predicted right), `memorised` and `recovered` (wrong rows predicted as their wrong
    label, as the truth).
    """
    learned, memorised, recovered = (series(metrics, name) for name in ("learned", "memorised", "recovered"))
    lines = [
        Line("learned", BLUE, "-", *_percent(learned)),
        Line("memorised", ORANGE, "-", *_percent(memorised)),
        Line("recovered", ORANGE, "--", *_percent(recovered)),
    ]
    return line_panel("Right and wrong labels apart", "share of the rows (%)", lines, "%", (0, 100))


def loss_curves(metrics: Metrics, clean: str = "clean") -> Figure | None:
    """Returns the training loss and the outer loss over epochs, or None; `clean` names the rows of the outer loss."""
    lines = [
        Line("training", MUTED, "-", *_points(series(metrics, "loss"))),
        Line(clean, PURPLE, "--", *_points(series(metrics, "outer_loss"))),
    ]
    values = np.concatenate([line.y for line in lines])
    if not values.size:
        return None
    low, high = values.min(), values.max()
    if low > 0 and high > 30 * low:
        return line_panel("Losses", "loss (nats, log scale)", lines, "", (low / 1.3, high * 1.3), log=True)
    return line_panel("Losses", "loss (nats)", lines, "", (min(0.0, low), high * 1.06 if high > 0 else 1.0))


def variance_curve(metrics: Metrics) -> Figure | None:
    """Returns the variance of the meta-gradient over epochs, on whole decades; None without a positive value.

    How much it differs from one clean batch to the next: after Xu, Zhu, Jiang, Yang, "Faster Meta Update Strategy for
    Noise-Robust Deep Learning", CVPR 2021, figure 4.
    """
    values = {epoch: value for epoch, value in series(metrics, "meta_gradient_variance").items() if value > 0}
    if not values:
        return None
    x, y = thin(np.fromiter(values.keys(), float), np.fromiter(values.values(), float))
    low, high = np.floor(np.log10(y.min())), np.ceil(np.log10(y.max()))
    limits = 10.0**low, 10.0 ** max(high, low + 1)
    line = Line("variance", PURPLE, "-", x, y)
    return line_panel("Variance of the meta-gradient", "variance (log scale)", [line], "", limits, log=True)


def series(metrics: Metrics, name: str) -> dict[float, float]:
    """Returns epoch to value, finite numbers only; a later line for the same epoch replaces an earlier one."""
    values: dict[float, float] = {}
    for row in metrics:
        epoch, value = number(row, "epoch"), number(row, name)
        if epoch is not None and value is not None:
            values[epoch] = value
    return dict(sorted(values.items()))


def percent(metrics: Metrics, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns epochs [P] and values [P] in per cent."""
    return _percent(series(metrics, name))


def _percent(values: dict[float, float]) -> tuple[np.ndarray, np.ndarray]:
    x, y = _points(values)
    return x, np.clip(100 * y, 0, 100)


def _points(values: dict[float, float]) -> tuple[np.ndarray, np.ndarray]:
    return thin(np.fromiter(values.keys(), float), np.fromiter(values.values(), float))


def _percent_limits(lines: Sequence[Line]) -> tuple[float, float]:
    """Returns limits around the values, at least ten points apart, inside 0..100."""
    values = np.concatenate([line.y for line in lines])
    if not values.size:
        return 0.0, 100.0
    low, high = float(values.min()), float(values.max())
    pad = max(0.06 * (high - low), (10 - (high - low)) / 2, 0.5)
    return max(0.0, low - pad), min(100.0, high + pad)
