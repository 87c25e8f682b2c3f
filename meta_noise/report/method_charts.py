"""The figures of what a method learned, where the run has them, with their captions."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from meta_noise.report import gates, transition
from meta_noise.report.charts import Chart, chart, drawn
from meta_noise.report.corrections import Share, correction_figures, correction_shares, corrections
from meta_noise.report.labels import columns
from meta_noise.report.learned import Learned
from meta_noise.report.summary import percent
from meta_noise.report.variance import variance_curve


class Corrected(NamedTuple):
    """What the page says of corrected labels: a sentence, the matrices, the lines of the table."""

    text: str
    charts: list[Chart]
    shares: list[Share]


def corrected(labels: pa.Table) -> Corrected | None:
    """Returns what became of the labels that the method corrected, None where it corrects none."""
    counts = corrections(labels)
    if counts is None:
        return None
    figures = correction_figures(labels)
    if counts.wrong is None:
        caption = "How many per cent of the rows with a given label have which corrected label: grey is unchanged."
        text = (
            f"The method changed {_share(counts.changed, counts.rows)} of {counts.rows:,} labels; the truth is unknown."
        )
        return Corrected(text, [chart(figures[0], "corrected", caption)], correction_shares(counts))
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
        correction_shares(counts),
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


def meta_gradient(metrics: Sequence[Mapping[str, Any]]) -> list[Chart]:
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
    return charts + drawn([(variance_curve(metrics), "variance", caption)])


def _numbered(name: str, figures: Sequence[Any], captions: Sequence[str]) -> list[tuple[Any, str, str]]:
    return [(figure, f"{name}-{i}", caption) for i, (figure, caption) in enumerate(zip(figures, captions, strict=True))]


def _share(part: int | None, whole: int) -> str:
    return percent(part / whole) if part is not None and whole else "none"
