"""Networks as candidates: trained on the rows of the other folds, so that no row is judged by its own label.

A network is trained a piece at a time on all folds in turn, so that it can be stopped at any time and gone on with.
After each piece the rows left out are predicted, and the piece after which they were predicted best is taken: wrong
labels are learned by heart late (early stopping; D. Arpit et al., "A Closer Look at Memorization in Deep Networks",
ICML 2017).
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from meta_noise.build.defaults import resolved
from meta_noise.cleaning.choose import PLAIN, choose
from meta_noise.cleaning.tournament.judge import log_likelihood
from meta_noise.cleaning.tournament.problem import Problem
from meta_noise.config.schema import Clean, Config, Meta, Named
from meta_noise.data.batches import statistics
from meta_noise.data.own import Own
from meta_noise.data.source import Source
from meta_noise.runs.bare import Bare, Rows, Run, bare, begin, epoch, learner_of, probabilities
from meta_noise.types import Learner

FOLDS = 3
PIECES = 24  # of a training at most, and about so many as it has epochs
LED = ("l2r", "mw_net", "mlc_lcn", "ieg")  # methods that trusted rows lead
FEWEST, FEWEST_OF_FOLD = 20, 4  # trusted rows from which these are tried, and rows that a training needs
AVERAGED = 0.98  # decay of averaged parameters: what is predicted with at any time
TUNING_STEPS, GENTLE = 120, 0.2  # of a tuning on trusted rows, and its rate as a share of the usual one


class Kind(NamedTuple):
    """A network by its `method`, and what it `learns`: "given" labels alone, those and "both" with trusted rows, or
    "trusted" rows alone."""

    method: str = PLAIN
    learns: str = "given"


class Piece(NamedTuple):
    """How far a training is.

    Attributes:
        share: of a full training, 0..1.
        predicted: [N, C] probabilities by networks that did not see the row's fold.
        learners: of each fold, as they are now.
        is_pair: two networks each, which cannot be tuned as one.
    """

    share: float
    predicted: np.ndarray
    learners: tuple[Learner, ...]
    is_pair: bool


class Best(NamedTuple):
    """The best pieces of a training so far.

    Attributes:
        predicted: [N, C], of each fold by the piece that is best for it.
        by_fold: [FOLDS] how well that one predicts labels of the other folds.
        total: how well the best piece predicts labels of all folds.
        at: its number, from 1 on.
        seen: number of pieces.
    """

    predicted: np.ndarray
    by_fold: np.ndarray
    total: float
    at: int
    seen: int


def pieces(problem: Problem, own: Own, seed: int, kind: Kind, start: tuple[Learner, ...] = ()) -> Iterator[Piece]:
    """Yields a training of the network that suits the data, piece by piece; nothing where folds have too few rows.

    Args:
        problem: rows, labels and folds.
        own: the rows as they are.
        seed: of the training.
        kind: what is trained.
        start: of each fold, what a tuning begins with.
    """
    trusted = problem.truth >= 0
    labels = problem.given if kind.learns == "given" else np.where(trusted, problem.truth, problem.given)
    is_led = trusted if kind.learns != "given" else np.zeros(len(labels), bool)
    fold_of = problem.fold_of % FOLDS
    parts = [_rows(fold_of != fold, labels, is_led) for fold in range(FOLDS)]
    if min(len(rows.clean if kind.learns == "trusted" else rows.train) for rows in parts) < FEWEST_OF_FOLD:
        return
    if kind.learns == "both" and not all(len(rows.clean) for rows in parts):
        return
    rows = own._replace(source=own.source._replace(trusted=None)) if kind.learns == "given" else own
    chosen = choose(rows, kind.method, seed=seed)
    config = _config(chosen.config, kind, parts, bool(start))
    source = chosen.source._replace(pictures=None, trusted=None, inputs=chosen.source.inputs[np.arange(len(labels))])
    trainings = bare(config, _plain(source, labels), np.maximum(labels, 0).astype(np.int32), parts)
    runs = [begin(trainings, fold, start[fold] if start else None) for fold in range(FOLDS)]
    if start:
        yield _piece(problem, trainings, runs, fold_of, 0.0)
    for place in range(trainings.epochs):
        runs = [epoch(trainings, run) for run in runs]
        yield _piece(problem, trainings, runs, fold_of, (place + 1) / trainings.epochs)


def nothing_yet(problem: Problem) -> Best:
    """Returns the best of no pieces."""
    shape = len(problem.given), problem.num_classes
    return Best(np.zeros(shape, np.float32), np.full(FOLDS, -np.inf), -np.inf, 0, 0)


def with_piece(best: Best, predicted: np.ndarray, labels: np.ndarray, fold_of: np.ndarray) -> Best:
    """Returns the best pieces with one more, whose predictions are `predicted` [N, C].

    Which one is best for a fold is told by the labels [N] of the other folds (-1: unknown), so nothing that is said of
    a row was chosen by its label.
    """
    known, folds = np.flatnonzero(labels >= 0), fold_of % FOLDS
    told, mine = log_likelihood(predicted[known], labels[known]), folds[known]
    by_fold, found = best.by_fold.copy(), best.predicted.copy()
    for fold in range(FOLDS):
        value = float(told[mine != fold].mean()) if (mine != fold).any() else 0.0
        if value > by_fold[fold]:
            by_fold[fold] = value
            found[folds == fold] = predicted[folds == fold]
    total, seen = float(told.mean()) if len(told) else 0.0, best.seen + 1
    return Best(found, by_fold, *((total, seen) if total > best.total else (best.total, best.at)), seen)


def _rows(in_part: np.ndarray, labels: np.ndarray, is_led: np.ndarray) -> Rows:
    return Rows(np.flatnonzero(in_part & (labels >= 0) & ~is_led), np.flatnonzero(in_part & is_led))


def _config(config: Config, kind: Kind, parts: list[Rows], is_tuning: bool) -> Config:
    """Returns the settings with a length that is the same for all parts, resolved."""
    alone = kind.learns == "trusted"
    sizes = [len(rows.clean if alone else rows.train) for rows in parts]
    batch = min(config.train.batch_size, min(sizes))
    count = min(max(config.train.epochs, 6), PIECES)
    steps = TUNING_STEPS if is_tuning else config.train.epochs * min(sizes) // batch
    length = max(-(-min(steps, 10 * TUNING_STEPS if alone else steps) // count), 1)
    train = replace(config.train, epochs=count, steps=count * length, epoch_steps=length, batch_size=batch)
    optimizer = replace(config.optimizer, ema=-1.0 if kind.method == "ieg" else AVERAGED)
    optimizer = replace(optimizer, lr=GENTLE * optimizer.lr) if is_tuning else optimizer
    clean = Clean(size=0, train_on="clean") if alone else Clean(size=0) if kind.method == PLAIN else config.clean
    meta = config.meta if kind.method != PLAIN else Meta()
    changed = replace(config, train=train, optimizer=optimizer, clean=clean, meta=meta, schedule=Named("constant"))
    return resolved(changed)


def _plain(source: Source, labels: np.ndarray) -> Source:
    """Returns the rows with these labels, normalised alike whatever part is trained on."""
    assert isinstance(source.inputs, np.ndarray)
    measured = source.statistics or statistics(source.inputs)
    return source._replace(labels=np.maximum(labels, 0).astype(np.int32), true_labels=None, statistics=measured)


def _piece(problem: Problem, trainings: Bare, runs: list[Run], fold_of: np.ndarray, share: float) -> Piece:
    found = np.tile(problem.share, (len(fold_of), 1)).astype(np.float32)
    for fold, run in enumerate(runs):
        rows = np.flatnonzero(fold_of == fold)
        if len(rows):
            found[rows] = probabilities(trainings, run, rows)
    is_pair = trainings.jobs[0].method.copies > 1
    return Piece(share, found, tuple(learner_of(run) for run in runs), is_pair)
