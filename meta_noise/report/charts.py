"""The figures of every run with their captions: curves of training, weights of rows, given against suggested labels."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from matplotlib.figure import Figure

from meta_noise.report import confusion, curves, weight_curve, weights
from meta_noise.report.drawing import to_svg
from meta_noise.report.labels import columns

Metrics = Sequence[Mapping[str, Any]]
RAW = "test_raw_accuracy"


class Chart(NamedTuple):
    """A figure in the page: `svg` and the `caption` that says how to read it."""

    svg: str
    caption: str


def chart(figure: Figure, name: str, caption: str) -> Chart:
    """Returns the chart; `name` is different for every figure of a page."""
    return Chart(to_svg(figure, name), caption)


def drawn(figures: Iterable[tuple[Figure | None, str, str]]) -> list[Chart]:
    """Returns the charts of those (figure, name, caption) whose figure is there."""
    return [chart(figure, name, caption) for figure, name, caption in figures if figure is not None]


def training(metrics: Metrics, clean: str) -> list[Chart]:
    """Returns accuracies and losses over epochs; `clean` is what the rows of the outer loss are called."""

    def has(name: str) -> bool:
        return bool(curves.series(metrics, name))

    return drawn(
        (
            (
                curves.accuracy_curves(metrics),
                "accuracy",
                "How often the network is right on rows it was not trained on"
                + (", with parameters averaged over training and with those of the last step" * has(RAW))
                + ". A line that rises and then falls means that wrong labels were learned by heart after the peak.",
            ),
            (
                curves.training_curves(metrics),
                "training",
                "How often predictions on the training rows agree with the given label"
                + (" and with the truth" if has("true_accuracy") else "")
                + (", and how often the method's corrected label is the truth." if has("target_accuracy") else "."),
            ),
            (
                curves.right_and_wrong_curves(metrics),
                "apart",
                "Blue: rightly labelled rows whose label is predicted. Orange: wrongly labelled rows, predicted as "
                "their wrong label (memorised) or as the truth (recovered).",
            ),
            (
                curves.loss_curves(metrics, clean),
                "losses",
                "The loss of the training step" + (f" and the one on {clean} rows." if has("outer_loss") else "."),
            ),
        )
    )


def row_weights(
    labels: pa.Table, metrics: Metrics, rows: Mapping[str, np.ndarray], curve: np.ndarray | None
) -> list[Chart]:
    """Returns the weights of rows at the end and over training, and the curve [2, n] of the weight network."""
    table = columns(labels)
    values = table.weights
    if values is None:
        kept = rows.get("weight_mean", rows.get("weight_last"))
        values = kept if kept is not None and kept.shape == table.given.shape else None
    is_wrong = None if table.true is None else table.true != table.given
    if values is not None and table.true is not None:
        values = np.where(table.true >= 0, values, np.nan)
    return drawn(
        (
            (
                None if values is None else weights.weight_histogram(values, is_wrong),
                "weights",
                "How much each row counted in its last visits, with a triangle at the mean"
                + ("" if is_wrong is None else ": the further apart the colours, the better right is told from wrong")
                + ".",
            ),
            (
                weights.weight_curves(metrics),
                "weight-curves",
                "When the two lines part, the method has begun to tell right labels from wrong ones."
                + " The truth is unknown, so rows are told apart by whether their label is predicted at the time."
                * bool(curves.series(metrics, "weight_agree")),
            ),
            (
                None if curve is None else weight_curve.weight_curve(curve),
                "weight-curve",
                "How much an example with a given loss counts, as the weight network sees it after the last step.",
            ),
        )
    )


def suggestions(labels: pa.Table) -> Chart:
    """Returns given against suggested labels."""
    return chart(
        confusion.confusion_figure(labels),
        "confusion",
        "Rows of the table by given and suggested label. Grey squares keep their label; the stronger the orange of a "
        "square, the more rows would move there.",
    )
