"""What the page of own data begins with: the answer in a sentence, what to do next, what lies beside the page."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from meta_noise.report.files import number
from meta_noise.report.labels import columns
from meta_noise.report.notices import look_wrong, worthless
from meta_noise.report.summary import Summary, how_sure, percent
from meta_noise.report.sureness import LEVELS, counts_of
from meta_noise.visible import visible

NOTHING = "Nothing was found out about these labels."
QUEUE, QUEUE_TABLE = "queue/queue.html", "queue/queue.csv"
WORST = 12  # annotators that are shown
FILES = {
    "cleaned": "all your rows and columns, with the suggested label where one looks wrong",
    "issues.csv": "only the labels that look wrong, the worst first",
    "changed.csv": "the suggestions that differ from those of the round before",
    "moves.csv": "which image belongs in which folder",
    "annotators.csv": "how good each annotator or rule is",
    "labels.csv": "what is said of each row",
}


class Step(NamedTuple):
    """Something to do: a sentence, and a command to copy."""

    text: str
    command: str


class Link(NamedTuple):
    """A file beside the page: its name there, and what is in it."""

    name: str
    about: str


class Crowd(NamedTuple):
    """Annotators or rules: `sentences`, and the worst of them as `rows` (name, labels, accuracy, interval)."""

    sentences: list[str]
    rows: list[tuple[str, str, str, str]]


class Answer(NamedTuple):
    """The answer.

    Attributes:
        sentence: how many labels look wrong, and how many are estimated to be, with an interval.
        how: what told it, or why nothing did.
        sure: how many of the suggestions are how sure, as (word, rows, explanation); empty where nothing is suggested.
        expected: how many flags are expected to be right by the probabilities alone, "" where trusted rows say it.
        steps: what to do next.
        files: what lies beside the page.
        queue: address of the queue beside the page, "" where there is none.
        crowd: where rows have several labels, what is said of who gave them; None elsewhere.
    """

    sentence: str
    how: str
    sure: list[tuple[str, int, str]]
    expected: str
    steps: list[Step]
    files: list[Link]
    queue: str
    crowd: Crowd | None = None


def has_answer(results: Mapping[str, Any]) -> bool:
    """Returns whether a run is one on own data, which asks how good the labels are."""
    return isinstance(results.get("noise_estimate"), Mapping)


def answer_of(results: Mapping[str, Any], labels: pa.Table, summary: Summary, folder: Path) -> Answer:
    """Returns the answer of a run on own data.

    Args:
        results: of results.json.
        labels: settled, see `settled`.
        summary: of them.
        folder: of the run, as the user calls it.
    """
    nothing, queue = worthless(results), QUEUE if (folder / QUEUE).is_file() else ""
    how = visible(str((results.get("noise_estimate") or {}).get("how") or ""))
    return Answer(
        sentence=_sentence(results, summary) if nothing is None else NOTHING,
        how=f"Told by {how}" if nothing is None else nothing.removeprefix(NOTHING).strip(),
        sure=[] if nothing else _sure(labels),
        expected="" if nothing else _expected(results, labels),
        steps=_steps(folder, summary.suspected, bool(queue)),
        files=_files(folder) if nothing is None else [],
        queue=queue,
        crowd=crowd_of(results),
    )


def crowd_of(results: Mapping[str, Any]) -> Crowd | None:
    """Returns what results say of annotators or rules; None where each row has one label."""
    section = results.get("annotators")
    if not isinstance(section, Mapping):
        return None
    rows = []
    for one in list(section.get("each") or [])[:WORST]:
        value, low, high = (number(one, name) for name in ("accuracy", "low", "high"))
        interval = "" if low is None or high is None else f"{percent(low)} to {percent(high)}"
        shown = "not known" if value is None else percent(value)
        rows.append((visible(str(one.get("name"))), f"{number(one, 'labels') or 0:,.0f}", shown, interval))
    return Crowd([visible(str(sentence)) for sentence in section.get("sentences") or []], rows)


def settled(labels: pa.Table) -> pa.Table:
    """Returns a label table in which rows that do not look wrong keep their label, as in the corrected data."""
    flags = labels["is_label_issue"].fill_null(False)
    suggested = pc.if_else(flags, labels["suggested_label"], labels["given_label"])
    labels = labels.set_column(labels.column_names.index("suggested_label"), "suggested_label", suggested)
    if "suggested_probability" in labels.column_names:
        place = labels.column_names.index("suggested_probability")
        probability = pc.if_else(flags, labels["suggested_probability"], labels["label_quality"])
        labels = labels.set_column(place, "suggested_probability", probability)
    return labels


def _sentence(results: Mapping[str, Any], summary: Summary) -> str:
    """Returns how many labels look wrong, and how many are estimated to be."""
    rows = summary.rows
    text = look_wrong(summary.suspected, rows, results)
    value, low, high = (number(results, "noise_estimate", "rate", part) for part in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return f"{text}; how many really are wrong is not known."
    return (
        f"{text}; about {percent(value)} of all labels are estimated to be wrong ({percent(low)} to {percent(high)} "
        f"{how_sure(results)}; {low * rows:,.0f} to {high * rows:,.0f} rows)."
    )


def _sure(labels: pa.Table) -> list[tuple[str, int, str]]:
    """Returns how many suggestions are how sure."""
    flagged = labels.filter(labels["is_label_issue"].fill_null(False))
    if not flagged.num_rows or "suggested_probability" not in labels.column_names:
        return []
    probability = flagged["suggested_probability"].fill_null(0.0).to_numpy()
    return [(level.word, count, level.about) for level, count in zip(LEVELS, counts_of(probability), strict=True)]


def _expected(results: Mapping[str, Any], labels: pa.Table) -> str:
    """Returns how many flags are right by the probabilities, which nobody has checked."""
    flags = results.get("flags")
    if not isinstance(flags, Mapping) or flags.get("known") is True:
        return ""
    table = columns(labels)
    flagged = int(table.is_issue.sum())
    if not flagged:
        return ""
    right = float(np.sum(1 - table.quality[table.is_issue]))
    text = f"By the probabilities alone, about {right:,.0f} of the {flagged:,} labels that look wrong are wrong"
    section = results.get("noise_estimate")
    head = section.get("head") if isinstance(section, Mapping) else None
    if isinstance(head, Mapping) and head.get("is_weak") is True:
        return f"{text}; nobody has checked this, and it may be far fewer, as the classes are hard to tell apart here."
    return f"{text}; nobody has checked this."


def _steps(folder: Path, suspected: int, is_queued: bool) -> list[Step]:
    place = shlex.quote(visible(str(folder)))
    look = "Look at the rows most worth it: this writes a page that shows them and takes your answers."
    if not suspected:
        look = "Check some rows: this writes a page that shows them, some drawn by chance, and takes your answers."
    back = (
        "Give the answers back (the page saves them as a file): rows that you answered are then trusted, and all "
        "others are judged anew."
    )
    ask = [] if is_queued else [Step(look, f"meta-noise queue {place}")]
    return [*ask, Step(back, f"meta-noise ingest {place} answers.csv")]


def _files(folder: Path) -> list[Link]:
    found = []
    for name, about in FILES.items():
        paths = sorted(folder.glob("cleaned.*")) if name == "cleaned" else [folder / name]
        found += [Link(path.name, about) for path in paths if path.is_file()]
    return found
