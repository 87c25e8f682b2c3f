"""The labels that several annotators or rules gave to each row, or their probabilities, and one label made of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from meta_noise.data.votes.dawid_skene import counts_of, dawid_skene, majority

Kind = Literal["annotators", "rules", "probabilities"]


class Crowd(NamedTuple):
    """Labels of N rows by A annotators or rules.

    Attributes:
        kind: "annotators", "rules" or "probabilities" (no votes, A is 0).
        names: A names.
        classes: C names of classes.
        votes: [N, A] int32 class, -1 for none.
        soft: [N, C] probabilities; None unless they were given, NaN in rows without any.
    """

    kind: Kind
    names: tuple[str, ...]
    classes: tuple[str, ...]
    votes: np.ndarray
    soft: np.ndarray | None = None

    @property
    def overlaps(self) -> bool:
        """Whether any row has two votes: without one, nothing is told from agreement."""
        return bool(np.any(np.sum(self.votes >= 0, axis=1) > 1))

    def label(self) -> np.ndarray:
        """Returns one class a row [N]: the majority, ties by `consensus_of`, or the most probable; -1 for none."""
        if self.soft is not None:
            filled = np.nan_to_num(self.soft, nan=-1.0)
            return np.where(filled.max(axis=1) >= 0, filled.argmax(axis=1), -1)
        return majority(self.votes, consensus_of(self))

    def taken(self, rows: np.ndarray, classes: Sequence[str]) -> "Crowd":
        """Returns the same for row numbers [n] (-1 for a row without votes) and classes; other classes are no
        votes."""
        where = np.array([classes.index(name) if name in classes else -1 for name in self.classes] + [-1])
        votes = np.where(rows[:, None] >= 0, where[self.votes[rows]], -1).astype(np.int32)
        soft = None
        if self.soft is not None:
            old = np.array([self.classes.index(name) if name in self.classes else -1 for name in classes])
            soft = np.where((rows[:, None] >= 0), np.where(old >= 0, self.soft[rows][:, old], 0.0), np.nan)
        return Crowd(self.kind, self.names, tuple(classes), votes, soft)


def consensus_of(crowd: Crowd) -> np.ndarray:
    """Returns the probability of each class given the votes alone [N, C].

    Of people it is that of Dawid and Skene's model. Rules are many, speak of few rows and err for the same words; for
    them that model goes astray, and the shares of their votes count, of equal ones those of the larger class.
    """
    if crowd.kind != "rules":
        return dawid_skene(crowd.votes, len(crowd.classes)).posterior
    counts = counts_of(crowd.votes, len(crowd.classes))
    counts = counts + (counts.sum(axis=0) + 1) / (counts.sum() + counts.shape[1])
    return counts / counts.sum(axis=1, keepdims=True)


class Voted(NamedTuple):
    """What a table is made into by its votes.

    Attributes:
        table: one row for each thing that was labelled, with a column of the label that was made.
        label: that column; None where there are no votes.
        crowd: the votes of its rows; None where there are none.
        notes: sentences on what was guessed and done.
        item: [M] the row of `table` that each of M rows of the data is about; None where they are the same.
    """

    table: Any
    label: str | None = None
    crowd: Crowd | None = None
    notes: tuple[str, ...] = ()
    item: np.ndarray | None = None


class VotesAsked(NamedTuple):
    """What the user says of votes: names of columns, or a file; None to guess."""

    annotators: Any = None
    rules: Any = None
    long: Any = None
    probabilities: Any = None


def asked_of(settings: Mapping[str, Any]) -> VotesAsked:
    """Returns what settings of `meta_noise.data.own.read` say of votes."""
    return VotesAsked(*(settings.get(name) for name in VotesAsked._fields))
