"""A data set split as arrays, what every file in `sources/` returns; and the identifiers of its rows."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow.compute as pc

from meta_noise.data.images.streamed import Streamed
from meta_noise.disk.identifiers import as_strings, positions
from meta_noise.errors import InputError, unknown_name


class Source(NamedTuple):
    """Rows of one part ("train" or "test") of a data set, in memory, on the host, or streamed from disk.

    Attributes:
        inputs: [N, ...] uint8 images [N, height, width, channels], float32 vectors [N, D], or int32 tokens [N, L] of
            texts, 0 = padding; or `Streamed` images.
        labels: [N] int32 observed classes in 0..C-1; equal to the truth unless the set comes with its own noise.
        ids: [N] unique str identifiers that stay with a row whatever the order.
        class_names: one str for each of the C classes.
        true_labels: [N] int32 where the truth is known, else None; C for a row that belongs to none of the classes.
        trusted: [N] bool, True where the user knows the label to be right, else None.
        name: for messages and results.
        statistics: mean and deviation of the channels, [C] each, to normalise with; measured where None.
        inputs_digest: says which inputs these are where their numbers do not, being rounded elsewhere on every machine;
            "" where they do. Rows that are left out are told by their ids.
        pictures: [N, ...] images that a person sees, where the inputs are vectors made of them; else None.
    """

    inputs: np.ndarray | Streamed
    labels: np.ndarray
    ids: np.ndarray
    class_names: tuple[str, ...]
    true_labels: np.ndarray | None = None
    trusted: np.ndarray | None = None
    name: str = "data"
    statistics: tuple[np.ndarray, np.ndarray] | None = None
    inputs_digest: str = ""
    pictures: np.ndarray | Streamed | None = None

    @property
    def num_classes(self) -> int:
        return len(self.class_names)

    def sha256(self) -> str:
        """Returns a digest of all that this data set holds, to tell whether a run folder was made from it."""
        digest = hashlib.sha256(repr((self.name, self.class_names)).encode())
        inputs: np.ndarray | None
        if isinstance(self.inputs, Streamed):
            digest.update(self.inputs.digest.encode())
            inputs = self.inputs.numbers
        else:
            digest.update(self.inputs_digest.encode())
            inputs = None if self.inputs_digest else self.inputs
        for array in (inputs, self.labels, self.ids, self.true_labels, self.trusted):
            digest.update(b"-" if array is None else repr((array.shape, array.dtype.str)).encode())
            digest.update(b"" if array is None else np.ascontiguousarray(array).data)
        return digest.hexdigest()


def rows_at(source: Source, rows: np.ndarray) -> Source:
    """Returns the rows with these numbers; streamed images stay on disk."""

    def of(values: Any) -> Any:
        if values is None:
            return None
        return values.take(rows) if isinstance(values, Streamed) else values[rows]

    names = ("inputs", "labels", "ids", "true_labels", "trusted", "pictures")
    return source._replace(**{name: of(getattr(source, name)) for name in names})


def of_classes(source: Source, names: Sequence[str]) -> Source:
    """Returns the rows of the named classes alone, which become the classes 0, 1, ... in the order given.

    Raises:
        InputError: fewer than two names, one of them twice, or one that is no class of the source.
    """
    names = tuple(map(str, names))
    if len(set(names)) != len(names) or len(names) < 2:
        raise InputError(f"classes of {source.name} are {list(names)}; name two or more different ones.")
    for name in names:
        if name not in source.class_names:
            raise unknown_name(f"class of {source.name}:", name, source.class_names)
    numbers = np.full(source.num_classes + 1, -1, np.int32)  # the last one: rows that belong to no class
    numbers[[source.class_names.index(name) for name in names]] = np.arange(len(names))
    kept = rows_at(source, np.flatnonzero(numbers[source.labels] >= 0))
    truth = None if kept.true_labels is None else numbers[kept.true_labels]
    if truth is not None:
        truth = np.where(truth < 0, len(names), truth).astype(np.int32)
    return kept._replace(labels=numbers[kept.labels], true_labels=truth, class_names=names)


def row_ids(prefix: str, rows: int | Iterable[int], digits: int = 5) -> np.ndarray:
    """Returns `prefix-00000`, `prefix-00001`, ... as [N] str, for `rows` rows or for the row numbers given."""
    numbers = range(rows) if isinstance(rows, int) else rows
    return np.array([f"{prefix}-{number:0{digits}d}" for number in numbers], dtype=np.str_)


def check_unique(ids: np.ndarray, where: str | os.PathLike[str]) -> None:
    """Raises InputError naming the first identifier that occurs twice, and both rows."""
    seen = dict[str, int]()
    if pc.count_distinct(as_strings(ids)).as_py() == len(ids):
        return
    for row, identifier in enumerate(np.asarray(ids).tolist()):
        if identifier in seen:
            raise InputError(
                f"{where}: id {identifier!r} occurs in rows {seen[identifier]} and {row}; every row needs its own id."
            )
        seen[identifier] = row


def rows_of(ids: np.ndarray, stored: np.ndarray, where: str | os.PathLike[str]) -> np.ndarray:
    """Returns the row in `stored` [M] of each of `ids` [N], as [N] int64.

    Rows are matched by identifier, so neither order nor further rows in `stored` matter. An id that `stored` lacks
    raises InputError with how many are lacking and the first of them; `where` names the file in the message.
    """
    check_unique(stored, where)
    if np.array_equal(ids, stored):
        return np.arange(len(ids), dtype=np.int64)
    rows = positions(ids, stored)
    lacking = [str(ids[row]) for row in np.flatnonzero(rows < 0).tolist()]
    if lacking:
        shown = ", ".join(repr(identifier) for identifier in lacking[:3])
        raise InputError(
            f"{where} lacks {len(lacking)} of {len(rows)} ids: {shown}{', ...' if len(lacking) > 3 else ''}. "
            f"It knows {len(stored)} ids such as {str(stored[0])!r}. Is it the file of another data set or part?"
            if len(stored)
            else f"{where} holds no rows; {len(rows)} ids are wanted."
        )
    return rows
