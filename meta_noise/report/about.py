"""What a run was: short facts, its settings and versions, its key figures."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from meta_noise.report.files import number
from meta_noise.report.notices import found_of, is_pseudo_clean, worthless
from meta_noise.report.summary import Summary, main_accuracy, measured_on, percent


def facts_of(results: Mapping[str, Any]) -> list[str]:
    """Returns the short facts under the title."""
    facts = [f"model {results['model']}"] if results.get("model") else []
    noise = results.get("noise")
    kind = noise.get("kind") if isinstance(noise, Mapping) else None
    rate = number(results, "noise", "rate")
    if kind and kind != "none":
        facts.append(f"{kind} noise" + (f" at {percent(rate, 0)}" if rate is not None else ""))
    clean = number(results, "clean_set", "size")
    if clean is not None:
        trained_on = results["clean_set"].get("trained_on")
        use = {True: " used in training", False: ", not used in training"}.get(trained_on, "")
        kind_of_rows = "pseudo-clean" if is_pseudo_clean(results) else "clean"
        facts.append(f"{clean:,.0f} {kind_of_rows} rows{use}")
    if results.get("seed") is not None:
        facts.append(f"seed {results['seed']}")
    seconds = number(results, "seconds")
    return facts + ([f"{duration(seconds)} of training"] if seconds is not None else [])


def origin_of(results: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Returns what identifies the run beyond its settings: versions and noise file."""
    versions = results.get("versions")
    pairs = flat(versions) if isinstance(versions, Mapping) else []
    noise = results.get("noise")
    if isinstance(noise, Mapping) and noise.get("sha256"):
        pairs.append(("noise file, sha256", str(noise["sha256"])))
    return pairs


def flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Returns nested settings as (dotted name, value) pairs."""
    pairs: list[tuple[str, str]] = []
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            pairs += flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))
    return pairs


def duration(seconds: float) -> str:
    """Returns a duration in the two largest units that matter."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, seconds = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


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
    note, found = f"{summary.suspected:,} of {summary.rows:,} training labels", found_of(results)
    label = "Labels that look wrong"
    if found != "look wrong":
        label, note = "Flagged labels", f"{note} {found}"
    if worthless(results) is None:
        cards.append(Card(label, percent(summary.suspected_rate), note))
    else:
        cards.append(Card(label, "not known", "nothing was found out"))
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
