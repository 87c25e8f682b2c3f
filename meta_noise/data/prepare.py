"""From a source to rows ready for training: noise added, clean and selection rows set apart, both on file."""

import functools
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from meta_noise.config import registry
from meta_noise.config.schema import Clean, Config, Data, Noise
from meta_noise.data.corruption import load_noise, save_noise, sha256_of
from meta_noise.data.images.streamed import Streamed
from meta_noise.data.noise.open_set import foreign_inputs
from meta_noise.data.returned import check_noisy
from meta_noise.data.source import Source, rows_at
from meta_noise.data.splits import (
    Splits,
    draw_splits,
    drawn_rows,
    load_splits,
    long_tail_rows,
    save_splits,
    trusted_splits,
)
from meta_noise.errors import InputError

_NOISE, _SPLITS, _LIMIT, _TAIL = 1, 2, 3, 4  # streams of random numbers, apart from each other


class Prepared(NamedTuple):
    """A data set with noise and splits.

    Attributes:
        source: the rows as they came, but for images that the noise replaced, whose true label is then C.
        given: [N] int32 labels after noise, before anything is trusted.
        labels: [N] int32 labels to train with: `given`, and the trusted label of clean rows.
        splits: row numbers of training, clean and selection rows.
        noise: {name, rate, realised, sha256}; `realised` is the wrong share of training rows, None where unknown.
        notes: sentences for the user on what is unusual.
    """

    source: Source
    given: np.ndarray
    labels: np.ndarray
    splits: Splits
    noise: dict[str, Any]
    notes: tuple[str, ...] = ()


def limited(source: Source, limit: int, seed: int) -> Source:
    """Returns `limit` random rows of a source in their order, or all of them if `limit` is 0 or too large."""
    if not 0 < limit < len(source.labels):
        return source
    rows = np.sort(np.random.default_rng([seed, _LIMIT]).choice(len(source.labels), limit, replace=False))
    return rows_at(source, rows)


def prepare(source: Source, config: Config, folder: Path) -> Prepared:
    """Returns the prepared data set; `folder` receives `noise.npz` and `splits.npz`, or already holds them.

    Args:
        source: training part of a data set.
        config: `seed`, `data.imbalance`, `data.class_rows`, `noise` and `clean` are read.
        folder: the run folder.

    Raises:
        InputError: the noise or the split cannot be made from this source.
    """
    given, foreign, noise = _corrupted(source, config.noise, config.seed, folder / "noise.npz")
    splits = _split(source, config.clean, config.seed, folder / "splits.npz")
    splits = _thinned(source, splits, config.data, config.seed)
    labels = given.copy()
    truth = source.labels if source.trusted is not None else source.true_labels
    is_true = config.clean.selection_labels == "true"
    trusted = np.concatenate([splits.clean, splits.selection]) if is_true else splits.clean
    if len(trusted):
        if truth is None:
            raise InputError(
                f"{source.name} has neither true labels nor trusted rows to take clean rows from. Name the rows whose "
                "labels are known to be right (trusted=...), or use a method without clean rows (supervised)."
            )
        labels[trusted] = truth[trusted]
    if foreign is not None:
        foreign[trusted] = -1
        source = _with_foreign(source, foreign, config.noise.settings)
    realised = None
    if source.true_labels is not None and len(splits.train):
        realised = float(np.mean(given[splits.train] != source.true_labels[splits.train]))
    notes = _missing_classes(labels[splits.clean], source.class_names) if len(splits.clean) else ()
    return Prepared(source, given, labels, splits, {**noise, "realised": realised}, notes)


def _missing_classes(clean: np.ndarray, class_names: tuple[str, ...]) -> tuple[str, ...]:
    """Returns a sentence where classes have no clean row; nothing can tell such a method that their rows help."""
    missing = [class_names[klass] for klass in np.flatnonzero(np.bincount(clean, minlength=len(class_names)) == 0)]
    if not missing:
        return ()
    shown = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
    return (
        f"{len(missing)} of {len(class_names)} classes have no trusted row ({shown}). Training goes on, but a method "
        "that learns from trusted rows may neglect these classes; trust a row or more of each.",
    )


def _thinned(source: Source, splits: Splits, data: Data, seed: int) -> Splits:
    """Returns the splits with fewer training rows of some classes; clean and selection rows were set apart before."""
    if data.imbalance == 1 and not data.class_rows:
        return splits
    classes = (source.labels if source.true_labels is None else source.true_labels)[splits.train]
    rng = np.random.default_rng([seed, _TAIL])
    if data.class_rows:
        rows = drawn_rows(rng, classes, source.num_classes, data.class_rows)
    else:
        rows = long_tail_rows(rng, classes, source.num_classes, data.imbalance)
    return splits._replace(train=splits.train[rows])


def _with_foreign(source: Source, foreign: np.ndarray, noise: Mapping[str, Any]) -> Source:
    """Returns the source with inputs of other sets in some rows, whose true label becomes C, none of the classes."""
    if isinstance(source.inputs, Streamed):
        raise InputError(f"The images of {source.name} are streamed from disk, so none of them can be replaced.")
    rows = np.flatnonzero(foreign >= 0)
    inputs = source.inputs.copy()
    inputs[rows] = np.concatenate(foreign_inputs(noise["sources"], noise["paths"], inputs))[foreign[rows]]
    if source.true_labels is None:
        return source._replace(inputs=inputs)
    truth = source.true_labels.copy()
    truth[rows] = source.num_classes
    return source._replace(inputs=inputs, true_labels=truth)


def _corrupted(
    source: Source, section: Noise, seed: int, path: Path
) -> tuple[np.ndarray, np.ndarray | None, dict[str, Any]]:
    """Returns labels [N] after noise, `foreign` [N] or None as in `Noisy`, and what to say about the noise."""
    kind, rate = section.name, section.rate
    if not path.exists():
        function = registry.find("data.noise", kind)
        offered = {"ids": source.ids, "class_names": source.class_names, "inputs": source.inputs}
        parameters = inspect.signature(function).parameters
        if "inputs" in parameters and isinstance(source.inputs, Streamed):
            raise InputError(
                f"Noise {kind!r} looks at the inputs of all rows at once, and those of {source.name} are streamed from "
                "disk. Use a noise that goes by the labels, such as uniform, or none."
            )
        filled = functools.partial(function, **{key: offered[key] for key in offered if key in parameters})
        arguments = (np.random.default_rng([seed, _NOISE]), source.labels, source.num_classes, rate)
        what, count = f"noise {kind!r}", len(source.labels)
        found = registry.call(filled, what, section.settings, *arguments)
        noisy = check_noisy(found, function, what, count, source.num_classes, section.settings)
        truth = source.true_labels
        save_noise(path, source.ids, noisy.labels, truth, noisy.transition, kind, rate, noisy.foreign)
    stored = load_noise(path, source.ids)
    return stored.labels, stored.foreign, {"kind": kind, "rate": rate, "sha256": sha256_of(stored.labels)}


def _split(source: Source, clean: Clean, seed: int, path: Path) -> Splits:
    """Returns which rows are clean, held out and trained on; `path` keeps it."""
    if not path.exists():
        if clean.splits:
            splits = load_splits(Path(clean.splits), source.ids)
        else:
            rng = np.random.default_rng([seed, _SPLITS])
            if source.trusted is not None:
                splits = trusted_splits(rng, source.trusted, source.labels, source.num_classes, clean.selection)
            else:
                classes = source.labels if source.true_labels is None else source.true_labels
                splits = draw_splits(rng, classes, source.num_classes, clean.size, clean.selection)
        save_splits(path, splits, source.ids)
    return load_splits(path, source.ids)
