"""What every kind of label noise shares: checks, drawing and counting, rows as vectors, and noise files.

A noise file (`noise.npz`) keeps the labels of a run together with how they came about, so that another run, or
another program, trains on exactly the same mistakes. Its rows are known by their ids, never by their position.
"""

import hashlib
import os
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from meta_noise.data.formats.npz import read_npz, write_npz
from meta_noise.data.source import check_unique, rows_of
from meta_noise.errors import InputError


class Noisy(NamedTuple):
    """What a kind of label noise returns.

    Attributes:
        labels: [N] int32 classes after corruption.
        transition: [C, C] float64, `[true, observed]` probabilities that the labels were drawn with, their mean over
            the rows of a class where they differ between rows; rows sum to one.
        foreign: [N] int64, for noise that changes what rows show: the row of the other sets (see `open_set`) whose
            input takes the place of the row's own, -1 where it stays; the labels of the others are as in `transition`.
    """

    labels: np.ndarray
    transition: np.ndarray
    foreign: np.ndarray | None = None


class NoiseFile(NamedTuple):
    """The content of a noise file.

    Attributes:
        ids: [N] str identifiers of the rows.
        labels: [N] int32 classes after corruption.
        true_labels: [N] int32 true classes, None where they are not known.
        transition: [C, C] float64 as in `Noisy`.
        kind: name of the kind of noise.
        rate: the rate asked for.
        realised: the fraction of labels that differ from the true ones, over all rows of the file, or None.
        sha256: of the labels in the order of the file; the name of this noise in results.
        foreign: [N] int64 as in `Noisy`, or None.
    """

    ids: np.ndarray
    labels: np.ndarray
    true_labels: np.ndarray | None
    transition: np.ndarray
    kind: str
    rate: float
    realised: float | None
    sha256: str
    foreign: np.ndarray | None = None


_UNKNOWN = -1  # stands for every true label in a file where they are not known


def check_labels(labels: np.ndarray, num_classes: int, what: str = "labels") -> np.ndarray:
    """Returns `labels` [N] as int32, or raises InputError naming the first row outside 0..num_classes-1."""
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise InputError(f"{what} must be [N] integers; got shape {labels.shape} of {labels.dtype}.")
    outside = (labels < 0) | (labels >= num_classes)
    if outside.any():
        row = int(np.argmax(outside))
        raise InputError(f"{what}[{row}] is {labels[row]}; classes are 0..{num_classes - 1}.")
    return labels.astype(np.int32)


def check_rate(rate: float) -> float:
    """Returns the noise rate as a float, or raises InputError unless it is in [0, 1]."""
    if not 0 <= rate <= 1:
        raise InputError(f"The noise rate is {rate}; it must be between 0 and 1 (0.4 for 40 %).")
    return float(rate)


def check_classes(num_classes: int, at_least: int, kind: str) -> None:
    """Raises InputError where a kind of noise needs more classes than there are."""
    if num_classes < at_least:
        raise InputError(f"Noise {kind} needs {at_least} or more classes; there are {num_classes}.")


def draw(rng: np.random.Generator, labels: np.ndarray, transition: np.ndarray) -> np.ndarray:
    """Returns [N] int32 labels, each drawn independently from the row of `transition` [C, C] of its class."""
    chances = rng.random(len(labels))  # [N]
    cumulative = np.cumsum(transition, axis=1)
    cumulative /= cumulative[:, -1:]  # exactly 1 from the last possible class on, so that no other is ever drawn
    drawn = np.empty(len(labels), np.int32)
    for klass, row in enumerate(cumulative):
        members = labels == klass
        drawn[members] = np.searchsorted(row, chances[members], side="right")
    return drawn


def relabel_exactly(
    rng: np.random.Generator, labels: np.ndarray, rate: float, targets: Sequence[np.ndarray]
) -> np.ndarray:
    """Returns [N] int32 labels in which exactly `round(rate n_c)` random rows of each class c have a class drawn anew.

    Args:
        rng: decides.
        labels: [N] int32 classes.
        rate: share of the rows of a class, in [0, 1].
        targets: for each of the C classes those that its rows may get; each is given equally often, and where the
            number of rows is no multiple, random ones are given once more.
    """
    noisy = labels.copy()
    for klass, classes in enumerate(targets):
        members = np.flatnonzero(labels == klass)
        chosen = rng.choice(members, round(rate * len(members)), replace=False)  # in random order
        noisy[chosen] = rng.permutation(classes)[np.arange(len(chosen)) % len(classes)]
    return noisy


def count_transition(labels: np.ndarray, noisy: np.ndarray, num_classes: int) -> np.ndarray:
    """Returns the observed fractions [C, C], `[true, observed]`, with the identity row where a class has no rows."""
    counts = np.zeros((num_classes, num_classes))
    np.add.at(counts, (labels, noisy), 1)
    totals = counts.sum(axis=1, keepdims=True)
    return np.where(totals > 0, counts / np.maximum(totals, 1), np.eye(num_classes))


def check_inputs(inputs: np.ndarray | None, count: int, kind: str) -> np.ndarray:
    """Returns the inputs [N, ...] that a kind of noise looks at, or raises InputError unless they are numbers."""
    if inputs is None:
        raise InputError(f"Noise {kind} depends on the inputs and got none; give inputs=, one row for each label.")
    if not isinstance(inputs, np.ndarray) or (inputs.dtype != np.uint8 and inputs.dtype.kind != "f"):
        got = inputs.dtype if isinstance(inputs, np.ndarray) else type(inputs).__name__
        raise InputError(
            f"Noise {kind} looks at uint8 images or vectors of floats; the inputs are {got}. Choose a noise that does "
            "not depend on the inputs, such as uniform or flip."
        )
    if len(inputs) != count:
        raise InputError(f"Noise {kind} got {len(inputs)} inputs for {count} labels; give one row for each label.")
    return inputs


def flat_rows(inputs: np.ndarray, rows: np.ndarray | slice) -> np.ndarray:
    """Returns the inputs of some rows as [n, D] float32 vectors, uint8 as fractions of 255."""
    chosen = inputs[rows]
    flat = chosen.reshape(len(chosen), int(np.prod(inputs.shape[1:]))).astype(np.float32)
    return flat / np.float32(255) if inputs.dtype == np.uint8 else flat


def sha256_of(labels: np.ndarray) -> str:
    """Returns the SHA-256 of labels [N] as little-endian 32-bit integers, in hexadecimal."""
    return hashlib.sha256(np.ascontiguousarray(labels, dtype="<i4").tobytes()).hexdigest()


def save_noise(
    path: str | os.PathLike[str],
    ids: np.ndarray,
    labels: np.ndarray,
    true_labels: np.ndarray | None,
    transition: np.ndarray,
    kind: str,
    rate: float,
    foreign: np.ndarray | None = None,
) -> NoiseFile:
    """Writes a noise file, whole or not at all, and returns its content.

    Args:
        path: where, by custom `noise.npz`.
        ids: [N] unique identifiers.
        labels: [N] classes after corruption.
        true_labels: [N] true classes, None where they are not known.
        transition: [C, C] as in `Noisy`.
        kind: name of the kind of noise.
        rate: the rate asked for.
        foreign: [N] as in `Noisy`, or None.
    """
    ids = np.asarray(ids).astype(np.str_)
    num_classes = len(transition)
    labels = check_labels(labels, num_classes)
    truth = None if true_labels is None else check_labels(true_labels, num_classes, "true_labels")
    lengths = {"ids": len(ids), "labels": len(labels)} | ({} if truth is None else {"true_labels": len(truth)})
    if len(set(lengths.values())) > 1:
        raise InputError(f"Rows of a noise file: {lengths} must be equal.")
    check_unique(ids, "ids")
    transition = np.asarray(transition, np.float64)
    realised = None
    if truth is not None and len(labels):
        realised = float(np.mean((labels != truth) if foreign is None else (labels != truth) | (foreign >= 0)))
    digest = sha256_of(labels)
    content = NoiseFile(ids, labels, truth, transition, str(kind), check_rate(rate), realised, digest, foreign)
    stored = content._replace(
        true_labels=np.full(len(labels), _UNKNOWN, np.int32) if truth is None else truth,
        realised=np.nan if realised is None else realised,
    )
    write_npz(path, **{key: np.asarray(value) for key, value in stored._asdict().items() if value is not None})
    return content


def load_noise(path: str | os.PathLike[str], ids: np.ndarray | None = None) -> NoiseFile:
    """Returns the content of a noise file, after comparing the labels with their stored SHA-256.

    Args:
        path: the file.
        ids: [N] identifiers; the returned rows are in this order, whatever the order of the file. An id that the
            file lacks is an error, further rows in the file are left out. None: all rows as stored.
    """
    stored = read_npz(path, (key for key in NoiseFile._fields if key != "foreign"), "noise file", ("foreign",))
    labels, transition = stored["labels"], stored["transition"]
    per_row = [key for key in ("ids", "labels", "true_labels", "foreign") if key in stored]
    lengths = {key: len(np.atleast_1d(stored[key])) for key in per_row}
    if len(set(lengths.values())) > 1:
        raise InputError(f"{path} is damaged: {lengths} must be equal.")
    if transition.ndim != 2 or transition.shape[0] != transition.shape[1]:
        raise InputError(f"{path}: transition has shape {transition.shape}; it must be [C, C].")
    check_labels(labels, len(transition), f"{path}: labels")
    truth: np.ndarray | None = stored["true_labels"]
    if len(labels) and np.all(stored["true_labels"] == _UNKNOWN):
        truth = None
    else:
        check_labels(stored["true_labels"], len(transition), f"{path}: true_labels")
    if sha256_of(labels) != str(stored["sha256"]):
        raise InputError(
            f"{path}: the labels do not have the stored sha256 (expected {stored['sha256']}, got {sha256_of(labels)}); "
            "the file was changed or damaged. Write it again with save_noise."
        )
    rows = np.arange(len(labels)) if ids is None else rows_of(ids, stored["ids"], path)
    return NoiseFile(
        ids=stored["ids"][rows],
        labels=labels[rows].astype(np.int32),
        true_labels=None if truth is None else truth[rows].astype(np.int32),
        transition=transition.astype(np.float64),
        kind=str(stored["kind"]),
        rate=float(stored["rate"]),
        realised=None if np.isnan(stored["realised"]) else float(stored["realised"]),
        sha256=str(stored["sha256"]),
        foreign=stored["foreign"][rows] if "foreign" in stored else None,
    )
