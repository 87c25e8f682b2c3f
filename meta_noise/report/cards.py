"""The key figures at the top of the page."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from meta_noise.report.files import number
from meta_noise.report.summary import Summary, main_accuracy, measured_on, percent


class Card(NamedTuple):
    """A key figure: `value` large, `label` above it, `note` below."""

    label: str
    value: str
    note: str


def key_figures(results: Mapping[str, Any], summary: Summary) -> list[Card]:
    """Returns the key figures that the run allows."""
    cards = []
    accuracy, name = main_accuracy(results)
    if accuracy is not None and name is not None:
        epoch = _epoch(results, name)
        others = [other for other in ("last", "best") if other != name and other not in epoch]
        values = [(other, number(results, "accuracy", other)) for other in others]
        more = "".join(f"; {other} {percent(value)}" for other, value in values if value is not None)
        cards.append(Card(f"{measured_on(results).capitalize()} accuracy", percent(accuracy), epoch + more))
    note = f"{summary.suspected:,} of {summary.rows:,} training labels"
    cards.append(Card("Labels that look wrong", percent(summary.suspected_rate), note))
    if summary.realised_rate is None:
        cards.append(Card("Training rows", f"{summary.rows:,}", f"in {summary.classes:,} classes; truth unknown"))
    else:
        note = f"{summary.wrong:,} training labels differ from the truth"
        cards.append(Card("Labels that are wrong", percent(summary.realised_rate), note))
    if summary.precision_100 is not None:
        shown = min(100, summary.rows)
        note = f"truly wrong among the {shown} labels of lowest quality"
        if summary.wrong is not None and summary.wrong < shown:
            note += f"; {percent(summary.wrong / shown, 0)} is the most possible"
        cards.append(Card("Hits at the top", percent(summary.precision_100, 0), note))
    if summary.average_precision is not None and summary.realised_rate is not None:
        note = f"of the ranking by label quality; 1 is perfect, {summary.realised_rate:.2f} is chance"
        cards.append(Card("Average precision", f"{summary.average_precision:.2f}", note))
    if summary.suggested_accuracy is not None and summary.given_accuracy is not None:
        note = f"of the suggested labels are true; of the given ones {percent(summary.given_accuracy)}"
        cards.append(Card("Suggestions right", percent(summary.suggested_accuracy), note))
    return cards


def _epoch(results: Mapping[str, Any], name: str) -> str:
    """Returns in words at which epoch an accuracy was measured."""
    if name == "selected" and number(results, "clean_set", "selection_size") != 0:
        epoch = number(results, "accuracy", "selected_epoch")
        return f"at {'the epoch' if epoch is None else f'epoch {epoch:g},'} chosen on the selection rows"
    words = {"last10": "mean of the last ten epochs", "best": "at the best of all epochs"}
    return words.get(name, "after the last epoch")
