"""What people answered when they were shown rows: read from a file, checked, and put into the data.

The file needs the columns `id` and `answer` (a class). `verdict` may say `bad` where no class is right; `run` and `why`
are copied from the queue. Rows without an answer and a verdict were not answered.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from meta_noise.data.foreign_answers import read_table
from meta_noise.data.own.labels import nearest
from meta_noise.data.own.result import Own
from meta_noise.data.own.table import Table, cells, place, written
from meta_noise.data.source import rows_at
from meta_noise.errors import DataNotFoundError, InputError

BAD, LABELLED = "bad", "labelled"
_MADE_INERT = re.compile(r"^'(\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")  # by an apostrophe, for spreadsheets


class Answer(NamedTuple):
    """What somebody said about a row.

    Attributes:
        id: of the row.
        label: a class name, "" for a bad row.
        is_bad: whether no class is right, so that the row is left out.
        why: why the row was asked about: "suspicious", "uncertain", "random", or "" where nobody said.
        given: the label it had before.
        round: 1 for the first answers.
    """

    id: str
    label: str
    is_bad: bool
    why: str = ""
    given: str = ""
    round: int = 1


def read_answers(
    path: str | Path, own: Own, before: Sequence[Answer], root: str, answer: str = "", identity: str = ""
) -> list[Answer]:
    """Returns the new answers in a file, in its order; those given before are left out.

    Args:
        path: CSV, or any form that `meta_noise.data.foreign_answers` reads.
        own: the data of the run, with the answers before.
        before: answers of earlier rounds.
        root: of the run, see `meta_noise.data.origin.Origin`.
        answer, identity: the columns of answers and ids, where they are not called so.

    Raises:
        DataNotFoundError: there is no such file.
        InputError: an id or a class is unknown, two answers contradict each other, the answers belong to another run,
            or there is no new one; the message names file and line.
    """
    path = Path(path)
    if not path.is_file():
        raise DataNotFoundError(f"There is no file of answers {path}; download it from the page of the queue.")
    table = read_table(path, answer, identity)
    if table.bad:
        row = min(table.bad)
        raise InputError(f"{place(table, row)}: {table.bad[row]}.")
    columns = _texts(table, "id", "answer", "verdict", "why", "run")
    rows = {identity: row for row, identity in enumerate(own.source.ids.tolist())}
    known = {answer.id: answer for answer in before}
    found: dict[str, tuple[int, Answer]] = {}
    for row in range(table.size):
        identity, label, verdict, why, run = (columns[name][row] for name in columns)
        if not label and not verdict:
            continue
        where = place(table, row)
        if run and run != root:
            raise InputError(f"{where}: this answer is for run {run} on other data, and this run is {root}.")
        identity = _plain(identity, rows.keys() | known.keys())
        label = _plain(label, own.class_names)
        said = Answer(identity, label, verdict == BAD, why, "", max((a.round for a in before), default=0) + 1)
        _check(said, verdict, where, own, rows, known)
        if identity in found and found[identity][1][:3] != said[:3]:
            line, other = found[identity]
            raise InputError(
                f"{where}: {identity!r} is {_said(said)}, but {_said(other)} in "
                f"{place(table, line).split(', ')[-1]}; keep one of the two."
            )
        if identity not in known:
            number = own.given[rows[identity]]
            found.setdefault(identity, (row, said._replace(given="" if number < 0 else own.class_names[number])))
    if not found:
        raise InputError(f"{path} holds no new answers; fill in the column answer, or download it from the page again.")
    return [said for _, said in found.values()]


def with_reasons(answers: Sequence[Answer], queue: Path, root: str) -> list[Answer]:
    """Returns the answers, with why the rows were asked about where their file does not say it and the queue does.

    Args:
        answers: as they were read.
        queue: the `queue.csv` of the run; where there is none that can be read, nothing is known of it.
        root: of the run; a queue of another one says nothing.
    """
    try:
        asked = _texts(read_table(queue), "id", "why", "run") if queue.is_file() else {}
    except InputError:
        return list(answers)
    ids = {answer.id for answer in answers}
    reasons = {_plain(identity, ids): why for identity, why, run in zip(*asked.values(), strict=True) if run == root}
    return [one if one.why else one._replace(why=reasons.get(one.id, "")) for one in answers]


def _texts(table: Table, *names: str) -> dict[str, list[str]]:
    """Returns columns as texts, empty ones of a column that is not there."""
    return {
        name: [written(cell) for cell in cells(table.columns[name])] if name in table.columns else [""] * table.size
        for name in names
    }


def with_answers(own: Own, answers: Sequence[Answer]) -> Own:
    """Returns the data with answered labels in place of the given ones, these rows trusted, bad rows left out.

    Classes stay as they are. `given` keeps what the data say.

    Raises:
        InputError: an answered row is not in the data.
    """
    if not answers:
        return own
    rows = {identity: row for row, identity in enumerate(own.source.ids.tolist())}
    if lost := [answer.id for answer in answers if answer.id not in rows]:
        raise InputError(
            f"The data lack {len(lost)} of {len(answers)} answered rows, such as {lost[0]!r:.60}; they have changed "
            "since. Give them as they were, by data=... (--data)."
        )
    number = {name: position for position, name in enumerate(own.class_names)}
    labels, bad = own.source.labels.copy(), np.zeros(len(rows), bool)
    trusted = np.zeros(len(rows), bool) if own.source.trusted is None else own.source.trusted.copy()
    for answer in answers:
        row = rows[answer.id]
        bad[row] = answer.is_bad
        if not answer.is_bad:
            labels[row], trusted[row] = number[answer.label], True
    keep = np.flatnonzero(~bad)
    source = rows_at(own.source._replace(labels=labels, trusted=trusted if trusted.any() else None), keep)
    texts = None if own.texts is None else [own.texts[row] for row in keep.tolist()]
    left = set(source.ids.tolist()) | set([] if own.test is None else own.test.ids.tolist())
    groups = [tuple(identity for identity in group if identity in left) for group in own.duplicates]
    return own._replace(
        source=source, texts=texts, given=own.given[keep], duplicates=[group for group in groups if len(group) > 1]
    )


def _check(
    answer: Answer, verdict: str, where: str, own: Own, rows: Mapping[str, int], known: Mapping[str, Answer]
) -> None:
    """Raises InputError where an answer cannot be used."""
    identity, names = answer.id, own.class_names
    if verdict not in ("", BAD, LABELLED):
        raise InputError(f"{where}: verdict {verdict!r:.60} is unknown; write {BAD}, or leave it empty.")
    if answer.is_bad and answer.label:
        raise InputError(f"{where}: the row is called {BAD}, and {answer.label!r:.60}, too; keep one of the two.")
    if not answer.is_bad and answer.label not in names:
        classes = ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")
        near = nearest(answer.label, names)
        raise InputError(f"{where}: {answer.label!r:.60} is no class of this run.{near} Its classes: {classes}.")
    if identity in known:
        if known[identity][1:3] != answer[1:3]:
            raise InputError(
                f"{where}: {identity!r:.60} is {_said(answer)}, but {_said(known[identity])} in round "
                f"{known[identity].round}. Leave it out, or put it right in the answers of that round and ingest these "
                "anew."
            )
    elif identity not in rows:
        example = next(iter(rows), "")
        raise InputError(f"{where}: there is no row with id {identity!r:.60} in the data; ids are such as {example!r}.")
    elif own.source.trusted is not None and own.source.trusted[rows[identity]]:
        label = names[own.source.labels[rows[identity]]]
        if answer.label != label:
            raise InputError(
                f"{where}: {identity!r:.60} is {_said(answer)}, but the data say that {label!r} can be trusted; leave "
                "it out, or correct the data."
            )


def _said(answer: Answer) -> str:
    return f"called {BAD}" if answer.is_bad else f"labelled {answer.label!r}"


def _plain(text: str, known: Collection[str]) -> str:
    """Returns a cell as it was before it was made inert for spreadsheets."""
    return text[1:] if text not in known and _MADE_INERT.match(text) else text
