"""In words: how many of the flags are right, and how many of the wrong labels they find."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from meta_noise.report.files import number
from meta_noise.report.visible import visible


class Estimate(NamedTuple):
    """One estimated share as the page shows it, all as text: `name`, `value`, `interval`, `meaning`."""

    name: str
    value: str
    interval: str
    meaning: str


MEANINGS = {
    "precision": ("Precision of the flags", "of the labels that look wrong are wrong"),
    "recall": ("Recall of the flags", "of the wrong labels look wrong"),
    "false_alarms": ("False alarms", "of the right labels look wrong"),
    "noise_rate": ("Noise rate", "of all labels are wrong"),
}


def flags_of(results: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Returns the section `flags` of results.json, None for a run that says nothing of them."""
    flags = results.get("flags")
    return flags if isinstance(flags, Mapping) else None


def estimates(results: Mapping[str, Any]) -> list[Estimate]:
    """Returns the estimated shares, none where they are not known."""
    flags = flags_of(results) or {}
    found = []
    for key, (name, meaning) in MEANINGS.items():
        value, low, high = (number(flags, key, part) for part in ("value", "low", "high"))
        if value is not None and low is not None and high is not None:
            of = number(flags, key, "of")
            counted = "" if of is None else f", counted on {of:,.0f} rows"
            found.append(Estimate(name, _percent(value), f"{_percent(low)} to {_percent(high)}", meaning + counted))
    return found


def trust(results: Mapping[str, Any]) -> str | None:
    """Returns how far the flags can be trusted as sentences for a terminal, None for a run that says nothing of it."""
    shares = ", ".join(f"{one.name.lower()} {one.value} ({one.interval})" for one in estimates(results))
    return _said(results, f", 95% intervals: {shares}." if shares else ".")


def basis(results: Mapping[str, Any]) -> str | None:
    """Returns the same without the shares, for a page that shows them beside it."""
    return _said(results, ", by repeating the training with these rows among the others; intervals of 95%.")


def _said(results: Mapping[str, Any], end: str) -> str | None:
    flags = flags_of(results)
    if flags is None:
        return None
    if flags.get("known") is not True:
        return f"How many of the flags are right is not known: {visible(str(flags.get('why') or 'not estimated'))}."
    text = f"Estimated on {number(flags, 'trusted_rows') or 0:,.0f} trusted rows{end}"
    if flags.get("method") == "planted errors":
        text += (
            " All trusted labels are the given ones, so wrong labels were planted among them; real errors may be "
            "harder to find."
        )
    if flags.get("precision") is None:
        text += " Precision cannot be told from so few flags."
    return text + (f" {visible(str(flags['warning']))}" if flags.get("warning") else "")


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"
