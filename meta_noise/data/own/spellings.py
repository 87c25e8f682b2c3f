"""Labels that mean the same, or nothing: words for a missing value, and spellings that differ in case or blanks."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from meta_noise.data.own.numbers import NOTHING, is_number
from meta_noise.visible import counted

_NOTHING = (*NOTHING, "--", "\\n")
MISSING = frozenset((*_NOTHING, "inf", "+inf", "-inf", "infinity"))
ABSTAINS = "-1"
_SHOWN = 5  # examples in a note


class LabelRules(NamedTuple):
    """How labels are read.

    Attributes:
        keep_missing_words: words such as NA and None, and -1, are classes; an empty cell never is.
        keep_spellings: labels that differ by case, blanks or Unicode form are different classes.
    """

    keep_missing_words: bool = False
    keep_spellings: bool = False


def missing_labels(counts: Mapping[str, int], rules: LabelRules) -> set[str]:
    """Returns those of the labels that say that there is none.

    "-" is a class beside "+". -1 is none where the others are words, or where they are two or more whole numbers with 0
    among them: so rules that abstain and clusterings are written.
    """
    missing = {""} & counts.keys()
    if rules.keep_missing_words:
        return missing
    missing |= {label for label in counts if label.lower() in MISSING}
    if "+" in counts:
        missing -= {"-"}
    others = counts.keys() - missing - {ABSTAINS}
    numbered = "0" in others and len(others) > 1 and all(map(str.isdecimal, others))
    if ABSTAINS in counts and others and (numbered or not any(map(is_number, others))):
        missing.add(ABSTAINS)
    return missing


def missing_note(column: str, counts: Mapping[str, int], missing: Iterable[str]) -> list[str]:
    """Returns a sentence that counts the labels that are missing, [] where none is."""
    ordered = sorted(missing, key=lambda label: (-counts[label], label))
    if not ordered:
        return []
    how = ", ".join(f"{label or 'empty'} {counts[label]:,}" for label in ordered[:_SHOWN])
    more = ", ..." if len(ordered) > _SHOWN else ""
    keep = " keep_missing_words=True (--keep-missing-words) keeps such words as classes." if any(ordered) else ""
    rows = sum(counts[label] for label in ordered)
    return [f"Left out, as column {column!r} holds no label there: {counted(rows, 'row')} ({how}{more}).{keep}"]


def same_as(label: str) -> str:
    """Returns what all spellings of a label have in common: compatible Unicode form, no case, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", label).casefold().split())


def usual_spellings(counts: Mapping[str, int]) -> dict[str, str]:
    """Returns label -> the most frequent of its spellings, for labels that are spelt otherwise."""
    groups = defaultdict(list)
    for label in counts:
        groups[same_as(label)].append(label)
    usual: dict[str, str] = {}
    for spellings in groups.values():
        first, *others = sorted(spellings, key=lambda label: (-counts[label], label))
        usual |= dict.fromkeys(others, first)
    return usual


def spelling_note(column: str, counts: Mapping[str, int], usual: Mapping[str, str]) -> list[str]:
    """Returns a sentence on the labels that were taken for others, [] where none was."""
    if not usual:
        return []
    ordered = sorted(usual, key=lambda label: (-counts[label], label))
    shown = ", ".join(f"{label!r:.40} as {usual[label]!r:.40}" for label in ordered[:_SHOWN])
    more = ", ..." if len(usual) > _SHOWN else ""
    rows = sum(counts[label] for label in usual)
    return [
        f"Labels in column {column!r} that differ only in case, blanks or Unicode form are one class, "
        f"{counted(rows, 'row')}: {shown}{more}. keep_spellings=True (--keep-spellings) keeps them apart."
    ]
