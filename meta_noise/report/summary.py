"""The numbers of the page: how noisy the labels are, how well errors are found, what the suggestions are worth."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from meta_noise.report.classes import ClassSummary, per_class
from meta_noise.report.files import number
from meta_noise.report.labels import Columns, columns
from meta_noise.report.notices import found_of, is_pseudo_clean, worthless


class Summary(NamedTuple):
    """What the label table says; shares in 0..1, None where the truth is unknown.

    Attributes:
        rows: number of training rows.
        classes: number of classes.
        suspected: how many rows look wrong.
        suspected_rate: their share.
        wrong: how many given labels differ from the truth.
        realised_rate: their share.
        precision_100: share of true errors among the 100 rows of lowest quality.
        hits_at_top: (true errors, rows looked at) at the lowest qualities, 100 rows or as many as there are errors;
            None where there are fewer than ten errors.
        average_precision: of `label_quality` for finding true errors.
        given_accuracy: share of given labels that are true.
        suggested_accuracy: share of suggested labels that are true.
        per_class: one entry per given class, most suspected first.
    """

    rows: int
    classes: int
    suspected: int
    suspected_rate: float
    wrong: int | None
    realised_rate: float | None
    precision_100: float | None
    hits_at_top: tuple[int, int] | None
    average_precision: float | None
    given_accuracy: float | None
    suggested_accuracy: float | None
    per_class: tuple[ClassSummary, ...]


def summarise(labels: pa.Table) -> Summary:
    """Returns all numbers of a label table."""
    table = columns(labels)
    errors = _errors(table)
    rate = None if errors is None else float(errors[1].mean())
    wrong = None if errors is None else int(errors[1].sum())
    shown = min(100, wrong or 0)
    suspected = int(table.is_issue.sum())
    return Summary(
        rows=len(table.given),
        classes=len(table.class_names),
        suspected=suspected,
        suspected_rate=suspected / len(table.given),
        wrong=wrong,
        realised_rate=rate,
        precision_100=precision_at(labels, 100),
        hits_at_top=(round(shown * (precision_at(labels, shown) or 0)), shown) if shown >= 10 else None,
        average_precision=average_precision(labels),
        given_accuracy=None if rate is None else 1 - rate,
        suggested_accuracy=suggested_accuracy(labels),
        per_class=per_class(labels),
    )


def precision_at(labels: pa.Table, count: int) -> float | None:
    """Returns the share of true errors among the `count` rows of lowest quality, None where the truth is unknown.

    Rows of equal quality are taken in the order of the table; a table with fewer rows is taken whole.
    """
    errors = _errors(columns(labels))
    if errors is None:
        return None
    quality, is_wrong = errors
    lowest = np.argsort(quality, kind="stable")[:count]
    return float(is_wrong[lowest].mean())


def average_precision(labels: pa.Table) -> float | None:
    """Returns the average precision of low quality as a sign of a true error.

    `AP = sum_k (R_k - R_{k-1}) P_k` over the distinct values of the quality, P_k precision and R_k recall of all
    rows up to that value. A random order gives the noise rate. None where the truth is unknown or nothing is wrong.
    """
    errors = _errors(columns(labels))
    if errors is None or not errors[1].any():
        return None
    quality, is_wrong = errors
    order = np.argsort(quality, kind="stable")
    last_of_value = np.append(np.diff(quality[order]) > 0, True)
    hits = np.cumsum(is_wrong[order])[last_of_value]  # [K] true errors up to each distinct value
    taken = np.flatnonzero(last_of_value) + 1
    return float(np.sum(np.diff(hits, prepend=0) / hits[-1] * hits / taken))


def suggested_accuracy(labels: pa.Table) -> float | None:
    """Returns the share of suggested labels that are true, None where the truth is unknown."""
    table = columns(labels)
    if table.true is None:
        return None
    known = table.true >= 0
    return float((table.suggested == table.true)[known].mean())


def sentence(results: Mapping[str, Any], summary: Summary) -> str:
    """Returns the run in one sentence of plain words."""
    if (nothing := worthless(results)) is not None:
        return nothing
    method, data = results.get("method") or "A network", results.get("data") or f"{summary.rows:,} labelled rows"
    text = f"{method} was trained {'without any trusted row ' if is_pseudo_clean(results) else ''}on {data}"
    noise = results.get("noise")
    kind = noise.get("kind") if isinstance(noise, Mapping) else None
    if summary.realised_rate is not None:
        text += f", where {percent(summary.realised_rate)} of the labels are wrong"
        text += f" ({kind} noise)" if kind and kind != "none" else ""
    accuracy, _ = main_accuracy(results)
    if accuracy is not None:
        text += f"; it classifies {percent(accuracy)} of the {measured_on(results)} rows correctly"
    text += f"; {summary.suspected:,} of {summary.rows:,} training labels {found_of(results)}"
    text += _estimated(results)
    if summary.hits_at_top is not None:
        hits, shown = summary.hits_at_top
        text += f", and of the {shown} most suspicious {hits} really are"
    low, high = number(results, "flags", "precision", "low"), number(results, "flags", "precision", "high")
    if low is not None and high is not None:
        text += f", and {percent(low, 0)} to {percent(high, 0)} of these are, as the trusted rows tell"
    return text + "."


def _estimated(results: Mapping[str, Any]) -> str:
    """Returns how many labels are estimated to be wrong, in brackets, "" where nobody has estimated it."""
    value, low, high = (number(results, "noise_estimate", "rate", part) for part in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return ""
    return f" (about {percent(value, 0)} are, {percent(low, 0)} to {percent(high, 0)} {how_sure(results)})"


def how_sure(results: Mapping[str, Any]) -> str:
    """Returns what the ends of the estimated noise are: only trusted rows make an interval of them."""
    if number(results, "noise_estimate", "rate", "of"):
        return "with 95% confidence"
    return "as a rough range, as no row drawn by chance is trusted"


def main_accuracy(results: Mapping[str, Any]) -> tuple[float | None, str | None]:
    """Returns the test accuracy to quote and its name: the selected epoch's, else the last one's."""
    for name in ("selected", "last", "last10", "best"):
        value = number(results, "accuracy", name)
        if value is not None:
            return value, name
    return None, None


def measured_on(results: Mapping[str, Any]) -> str:
    """Returns which rows the accuracies belong to, "test" unless the run says otherwise."""
    accuracy = results.get("accuracy")
    return str(accuracy.get("measured_on") or "test") if isinstance(accuracy, Mapping) else "test"


def percent(share: float, digits: int = 1) -> str:
    """Returns a share of 0..1 in per cent."""
    return f"{100 * share:.{digits}f}%"


def _errors(table: Columns) -> tuple[np.ndarray, np.ndarray] | None:
    """Returns quality [M] and whether the given label is wrong [M] of the rows whose truth is known."""
    if table.true is None:
        return None
    known = table.true >= 0
    return table.quality[known], (table.true != table.given)[known]
