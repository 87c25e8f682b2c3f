"""In words: that no row was trusted, what went otherwise than expected, and how far the flags can be trusted."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from meta_noise.report.files import number
from meta_noise.visible import visible

SEEN = 0.02  # share of wrong labels above which none of them being found is worth a word
MEANINGS = {
    "precision": ("Precision of the flags", "of the labels that look wrong are wrong"),
    "recall": ("Recall of the flags", "of the wrong labels look wrong"),
    "false_alarms": ("False alarms", "of the right labels look wrong"),
    "noise_rate": ("Noise rate", "of all labels are wrong"),
}


def is_pseudo_clean(results: Mapping[str, Any]) -> bool:
    """Returns True where the clean rows of a run were guessed."""
    clean = results.get("clean_set")
    return isinstance(clean, Mapping) and clean.get("pseudo") is True


def pseudo_clean(results: Mapping[str, Any]) -> str | None:
    """Returns the sentence that says how the clean rows were guessed, None where they were trusted or there are none.

    A selection set with true labels is trusted, but no training row is: the sentence then says "in training".
    """
    if not is_pseudo_clean(results):
        return None
    clean = results["clean_set"]
    has_trusted_selection = clean.get("selection_labels") == "true" and number(clean, "selection_size") not in (None, 0)
    size, precision = number(clean, "size"), number(clean, "precision")
    rows = "“clean” rows" if size is None else f"{size:,.0f} “clean” rows of the last epoch"
    text = f"NO trusted rows were used{' in training' if has_trusted_selection else ''}: the {rows} are pseudo-clean, "
    text += "guessed by a Gaussian mixture on the losses"
    return text + ("." if precision is None else f"; {100 * precision:.1f}% of them have the right label.")


def worthless(results: Mapping[str, Any]) -> str | None:
    """Returns the sentences that say that nothing was found out and what would help; None where something was."""
    found = results.get("worthless")
    if not isinstance(found, Mapping):
        return None
    parts = (visible(str(found.get(name) or "")) for name in ("reason", "help"))
    return " ".join(["Nothing was found out about these labels.", *(part for part in parts if part)])


def since_before(results: Mapping[str, Any]) -> str | None:
    """Returns whether a round is better than the one before, None where no answer drawn by chance tells."""
    rows, before, now = (number(results, "round", name) for name in ("rows", "before", "now"))
    if not rows or before is None or now is None:
        return None
    text = f"Of {rows:,.0f} answers drawn by chance the round before had suggested {before:,.0f}, this one {now:,.0f}"
    changed = number(results, "round", "changed") or 0
    if now >= before:
        return f"{text}. Its suggestions are kept; {changed:,.0f} of other rows are new (changed.csv)."
    return f"{text}: the suggestions of the round before stay. More answers may change that."


def warnings(results: Mapping[str, Any]) -> list[str]:
    """Returns the warnings of a run, hidden characters as escapes; none where there are none."""
    found = results.get("warnings")
    return [visible(str(text)) for text in found] if isinstance(found, list | tuple) else []


def notices(results: Mapping[str, Any]) -> list[str]:
    """Returns the lines that a summary in the terminal starts with."""
    sentences = [
        text for text in (worthless(results), since_before(results), pseudo_clean(results)) if text is not None
    ]
    return sentences + [f"Warning: {text}" for text in warnings(results)]


class Estimate(NamedTuple):
    """One estimated share as the page shows it, all as text: `name`, `value`, `interval`, `meaning`."""

    name: str
    value: str
    interval: str
    meaning: str


def flags_of(results: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Returns the section `flags` of results.json, None for a run that says nothing of them."""
    flags = results.get("flags")
    return flags if isinstance(flags, Mapping) else None


def look_wrong(count: int, rows: int, results: Mapping[str, Any]) -> str:
    """Returns that so many of the labels look wrong, or are flagged because a threshold asked for it."""
    if not count:
        estimated = number(results, "noise_estimate", "rate", "value") or 0.0
        seen = "looks wrong" if estimated * rows < 1 or estimated < SEEN else "can be told to be wrong"
        return f"None of the {rows:,} labels {seen}"
    return f"{count:,} of {rows:,} labels {found_of(results)}"


def found_of(results: Mapping[str, Any]) -> str:
    """Returns what the flagged labels do, in words."""
    asked = (flags_of(results) or {}).get("asked")
    return f"are flagged, as asked for by {visible(str(asked))}" if asked else "look wrong"


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
    return _said(results, ", by what was said of them without their true label; intervals of 95%.")


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
