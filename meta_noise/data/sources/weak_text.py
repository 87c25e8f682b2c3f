"""Texts labelled by the majority of hand-written rules: spam comments, spam messages, relations between two words.

J. Zhang et al., "WRENCH: A Comprehensive Benchmark for Weak Supervision", NeurIPS 2021 (data sets and benchmarks),
https://arxiv.org/abs/2109.11377. Of the texts that any rule speaks of, the majority is right for 79% (youtube), 97%
(sms) and 85% (semeval); the other texts have no observed label and are left out. The validation part is not read. Some
texts of the training part are in the test part too: 11, 62 and 2 in the version that this was written for.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from meta_noise.data.formats.npz import read_npz
from meta_noise.data.formats.published import check_part
from meta_noise.data.source import Source
from meta_noise.data.text.files import class_numbers, find, open_text, read_columns
from meta_noise.data.text.tokens import tokenise
from meta_noise.errors import InputError, unknown_name

TASKS = ("youtube", "sms", "semeval")
ADVICE = "Get the data sets of https://github.com/JieyuZ2/wrench and unpack the folders youtube, sms and semeval"
ABSTAINS = -1


class Rows(NamedTuple):
    """Rows of one part: `texts`, `ids`, `labels` [N] int32 (true), `votes` [N, rules] (-1: none), class `names`."""

    texts: list[str]
    ids: list[str]
    labels: np.ndarray
    votes: np.ndarray
    names: tuple[str, ...]


def weak_text(
    path: str = "",
    part: str = "train",
    task: str = "youtube",
    vocabulary: int = 20_000,
    length: int = 48,
    word_pieces: str = "",
) -> Source:
    """Returns the training texts on which any rule votes, or all test texts with their true labels.

    Args:
        path: folder with `youtube`, `sms` and `semeval`, each with `train.json`, `test.json` and `label.json` as
            published, or with the same as `train.csv`, `test.csv` and `labels.npz`.
        part: "train" or "test".
        task: "youtube" (2 classes), "sms" (2) or "semeval" (9); a text of the last begins with the two words in
            question.
        vocabulary, length, word_pieces: as in `ag_news`.

    Returns:
        inputs [N, length] int32 tokens; labels are the class with the most votes, the lowest where several have; the
        truth is known; ids such as "youtube-train-12" hold the published number of the text.

    >>> from meta_noise.data.sources.weak_text import weak_text
    >>> weak_text("no/such/folder")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    meta_noise.errors.DataNotFoundError: The folder no/such/folder/youtube does not hold data set wea
    """
    check_part(part)
    if task not in TASKS:
        raise unknown_name("task of weak_text", str(task), TASKS)
    train = _voted(_read(path, task, "train"))
    rows = train if part == "train" else _read(path, task, "test")
    tokens = tokenise(rows.texts, lambda: train.texts, vocabulary, length, word_pieces)
    labels = _majority(rows) if part == "train" else rows.labels.copy()
    ids = np.array([f"{task}-{part}-{identifier}" for identifier in rows.ids], np.str_)
    return Source(tokens, labels, ids, rows.names, rows.labels, name=task)


def _counts(rows: Rows) -> np.ndarray:
    """Returns the votes for each class, [N, C]."""
    return np.stack([(rows.votes == number).sum(axis=1) for number in range(len(rows.names))], axis=1)


def _majority(rows: Rows) -> np.ndarray:
    return _counts(rows).argmax(axis=1).astype(np.int32)


def _voted(rows: Rows) -> Rows:
    """Returns the rows on which any rule votes."""
    chosen = np.flatnonzero(_counts(rows).any(axis=1))
    texts, ids = [rows.texts[row] for row in chosen], [rows.ids[row] for row in chosen]
    return Rows(texts, ids, rows.labels[chosen], rows.votes[chosen], rows.names)


def _read(path: str, task: str, part: str) -> Rows:
    folder = str(Path(path) / task) if path else ""
    file = find("weak_text", folder, ADVICE, f"{part}.json", f"{part}.csv")
    rows = _from_json(file) if file.name.endswith(".json") else _from_table(file, task, part)
    count = len(rows.names)
    if len(rows.labels) != len(rows.texts) or rows.votes.shape[:1] != rows.labels.shape or rows.votes.ndim != 2:
        raise InputError(f"{file} has {len(rows.texts)} texts, {rows.labels.shape} labels, votes {rows.votes.shape}.")
    if (rows.votes < ABSTAINS).any() or (rows.votes >= count).any() or (rows.labels >= count).any():
        raise InputError(f"{file} has a label or a vote that is none of the {count} classes {', '.join(rows.names)}.")
    return rows


def _from_json(file: Path) -> Rows:
    """Returns the rows of a file as published: number -> {"label", "weak_labels", "data": {"text", ...}}."""
    entries, names = _parsed(file), _parsed(file.with_name("label.json"))
    try:
        texts = [_with_words(entry["data"]) for entry in entries.values()]
        labels = np.array([entry["label"] for entry in entries.values()], np.int32)
        votes = np.array([entry["weak_labels"] for entry in entries.values()], np.int32)
        return Rows(texts, list(entries), labels, votes, tuple(names[str(number)] for number in range(len(names))))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{file} is not a data set of WRENCH: {type(error).__name__} {error}. Get it again."
        ) from error


def _parsed(file: Path) -> Any:
    with open_text(file) as stream:
        try:
            return json.load(stream)
        except ValueError as error:
            raise InputError(f"{file} is not whole JSON: {error}. Get it again.") from error


def _from_table(file: Path, task: str, part: str) -> Rows:
    """Returns the rows of a table and of the arrays beside it; the labels are in both and must agree."""
    names = ("id", "label", "text", *(("entity1", "entity2") if task == "semeval" else ()))
    columns = read_columns(file, {name: (name,) for name in names})
    arrays = read_npz(file.with_name("labels.npz"), (f"{part}_labels", f"{part}_weak", "label_names"), "file of votes")
    labels = arrays[f"{part}_labels"].astype(np.int32)
    if not np.array_equal(labels, class_numbers(columns["label"], 0, len(arrays["label_names"]), file)):
        raise InputError(f"{file} and labels.npz beside it have different labels; they are not of the same rows.")
    texts = [_with_words(dict(zip(names, row, strict=True))) for row in zip(*columns.values(), strict=True)]
    class_names = tuple(str(name) for name in arrays["label_names"])
    return Rows(texts, columns["id"], labels, arrays[f"{part}_weak"].astype(np.int32), class_names)


def _with_words(entry: dict[str, str]) -> str:
    """Returns the text, with the two words that a relation is asked of in front."""
    return " . ".join(entry[key] for key in ("entity1", "entity2", "text") if key in entry)
