"""What a reader must know before any number: that no row was trusted, and what went otherwise than expected."""

from collections.abc import Mapping
from typing import Any

from meta_noise.report.files import number
from meta_noise.report.visible import visible


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


def warnings(results: Mapping[str, Any]) -> list[str]:
    """Returns the warnings of a run, hidden characters as escapes; none where there are none."""
    found = results.get("warnings")
    return [visible(str(text)) for text in found] if isinstance(found, list | tuple) else []


def notices(results: Mapping[str, Any]) -> list[str]:
    """Returns the lines that a summary in the terminal starts with."""
    sentence = pseudo_clean(results)
    return ([] if sentence is None else [sentence]) + [f"Warning: {text}" for text in warnings(results)]
