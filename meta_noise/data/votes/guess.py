"""Which columns hold votes or probabilities, by their names and what is in them."""

import re
from collections import defaultdict

from meta_noise.data.own.names import SAMPLE, plain
from meta_noise.data.own.table import Table, cells, written
from meta_noise.data.votes.crowd import Kind

PEOPLE = ("annotator", "annotation", "rater", "coder", "worker", "judge", "person", "label", "vote")
RULES = ("rule", "lf", "labeling_function", "labelling_function", "weak_label", "weak")
_NUMBERED = re.compile(r"(?P<word>.*?)_?\d+")
_PROBABILITY = re.compile(r"(prob|probability|proba|p)_(?P<name>.+)")
MOST_CLASSES = 50  # different votes in the first rows; more are no classes


def numbered(table: Table) -> tuple[Kind, list[str]] | None:
    """Returns kind and columns of votes such as annotator_1 to annotator_3 or lf_1 to lf_9; None where there are
    none, or several such groups."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in table.columns:
        found = _NUMBERED.fullmatch(plain(name))
        if found and found["word"].removesuffix("_label") in (*PEOPLE, *RULES):
            groups[found["word"].removesuffix("_label")].append(name)
    usable = {word: names for word, names in groups.items() if len(names) > 1 and _alike(table, names)}
    if len(usable) != 1:
        return None
    word, names = next(iter(usable.items()))
    return ("rules" if word in RULES else "annotators"), names


def probability_columns(table: Table) -> list[str]:
    """Returns columns such as prob_cat and prob_dog that are numbers and sum to one; none where they don't."""
    names = [name for name in table.columns if _PROBABILITY.fullmatch(plain(name))]
    if len(names) < 2:
        return []
    try:
        rows = zip(*([float(cell or 0) for cell in cells(table.columns[name][:SAMPLE])] for name in names), strict=True)
        return names if all(abs(sum(row) - 1) < 0.02 for row in rows) else []
    except (TypeError, ValueError):
        return []


def class_of(name: str) -> str:
    """Returns the class that a column of probabilities is of: `cat` of prob_cat."""
    for start in ("probability_", "proba_", "prob_", "p_"):
        if name.lower().startswith(start):
            return name[len(start) :]
    return name


def _alike(table: Table, names: list[str]) -> bool:
    """Returns whether columns hold few different values, and mostly the same ones."""
    values = [{written(cell) for cell in cells(table.columns[name][:SAMPLE])} - {"", "-1"} for name in names]
    every = set().union(*values)
    return 1 < len(every) <= MOST_CLASSES and all(not found or len(found) <= len(every) for found in values)
