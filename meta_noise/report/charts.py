"""The figures of the page with their captions: those of every run, and those of what a method learned."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from matplotlib.figure import Figure

from meta_noise.report import corrections, curves, gates, transition, weights
from meta_noise.report.drawing import to_svg
from meta_noise.report.labels import columns
from meta_noise.report.learned import Learned
from meta_noise.report.summary import percent

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
                None if curve is None else weights.weight_curve(curve),
                "weight-curve",
                "How much an example with a given loss counts, as the weight network sees it after the last step.",
            ),
        )
    )


def suggestions(labels: pa.Table) -> Chart:
    """Returns given against suggested labels."""
    return chart(
        corrections.confusion_figure(labels),
        "confusion",
        "Rows of the table by given and suggested label. Grey squares keep their label; the stronger the orange of a "
        "square, the more rows would move there.",
    )


class Corrected(NamedTuple):
    """What the page says of corrected labels: a sentence, the matrices, the lines of the table."""

    text: str
    charts: list[Chart]
    shares: list[corrections.Share]


def corrected(labels: pa.Table) -> Corrected | None:
    """Returns what became of the labels that the method corrected, None where it corrects none."""
    counts = corrections.corrections(labels)
    if counts is None:
        return None
    figures = corrections.correction_figures(labels)
    if counts.wrong is None:
        caption = "How many per cent of the rows with a given label have which corrected label: grey is unchanged."
        text = (
            f"The method changed {_share(counts.changed, counts.rows)} of {counts.rows:,} labels; the truth is unknown."
        )
        return Corrected(text, [chart(figures[0], "corrected", caption)], corrections.correction_shares(counts))
    right = counts.rows - counts.wrong
    text = (
        f"The given label was wrong in {_share(counts.wrong, counts.rows)} of the {counts.rows:,} rows whose truth is "
        f"known; the method corrected {_share(counts.repaired, counts.wrong)} of these wrong labels, and spoiled "
        f"{_share(counts.spoiled, right)} of the right ones."
    )
    before, after = figures
    return Corrected(
        text,
        [
            chart(before, "given", "How many per cent of the rows of a true class were given which label."),
            chart(after, "corrected", "The same rows after correction: what is orange is still wrong."),
        ],
        corrections.correction_shares(counts),
    )


def transitions(learned: Learned, noise: Mapping[str, np.ndarray], labels: pa.Table) -> list[Chart]:
    """Returns the learned matrices beside the true one; where neither is there, the one that the suggestions give."""
    names, true = columns(labels).class_names, transition.reference(noise, labels)
    if true is None:
        of_true = []
    elif true.is_counted:
        of_true = ["How many per cent of the rows of a true class have which given label, counted in the labels."]
    else:
        of_true = ["The noise that was added: how many per cent of the rows of a true class get which label."]
    charts: list[Chart] = []
    if learned.transition is not None:
        text = "How the method believes that labels became wrong"
        if true is not None:
            distance = np.nanmean(transition.total_variation(learned.transition, true.transition))
            text += f"; the total variation distance between its rows and the {true.name} ones is {distance:.3f} on "
            text += "average (0: equal, 1: nothing in common)"
        figures = transition.transition_figures(learned.transition, true, names)
        captions = [*of_true, f"{text}."]
        charts += drawn(_numbered("transition", figures, captions))
    if learned.matrix is not None:
        text = "The matrix that the method learned acts on scores: its numbers are no probabilities, grey is negative."
        figures = transition.signed_figures(learned.matrix, None if charts else true, names)
        captions = [text] if charts else [*of_true, text]
        charts += drawn(_numbered("matrix", figures, captions))
    if not charts and true is None:
        text = "How many per cent of the rows of a class have which given label, suggestions standing for the truth."
        charts.append(chart(transition.estimated_figure(labels), "transition-estimated", text))
    return charts


def meta_gradient(metrics: Metrics) -> list[Chart]:
    """Returns the gates of the sampler and the variance of the meta-gradient, where the run recorded them."""
    found = gates.gates(metrics)
    charts = []
    if found is not None:
        mean, last = gates.open_gates(found).mean(), gates.open_gates(found)[-1]
        heat = "In how many steps of an epoch the gate of each tensor was open: full colour is always, pale is never."
        count = f"On average {mean:.1f} of {len(found.names)} gates were open, in the last epoch {last:.1f}."
        charts += drawn(
            ((gates.gate_figure(found), "gates", heat), (gates.open_gates_curve(found), "open-gates", count))
        )
    caption = "How much the meta-gradient changes with the clean batch, all else equal: lower is a steadier direction."
    return charts + drawn([(curves.variance_curve(metrics), "variance", caption)])


def _numbered(name: str, figures: Sequence[Any], captions: Sequence[str]) -> list[tuple[Any, str, str]]:
    return [(figure, f"{name}-{i}", caption) for i, (figure, caption) in enumerate(zip(figures, captions, strict=True))]


def _share(part: int | None, whole: int) -> str:
    return percent(part / whole) if part is not None and whole else "none"
