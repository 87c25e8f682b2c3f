"""What to train, on what, for how long."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from meta_noise.data.batches import Store
from meta_noise.train.feed import Feed
from meta_noise.train.steps import Settings
from meta_noise.types import Method


class Evaluation(NamedTuple):
    """Rows to predict after an epoch: row numbers `rows` [n] of `store`, and the `labels` [n] they should get."""

    store: Store
    rows: np.ndarray
    labels: np.ndarray


class Job(NamedTuple):
    """What to train, on what, for how long.

    Attributes:
        method: how a step is made.
        settings: seed, when epochs begin, augmentation.
        store: all rows of the data set, on the device.
        train_rows, clean_rows: row numbers that training and clean batches are drawn from, while no split is in force.
        evaluations: by name; "selection" chooses the best epoch.
        predict: `(state, store, rows) -> probabilities [n, C]`.
        sweep: `(function, state) -> [N, ...]`, a function of (state, batch) over the training rows, NaN elsewhere.
        eval_every: in epochs; the last epoch is always evaluated.
        batch_size, clean_batch_size: rows per step, of each network.
        balanced: whether training batches, and clean batches, hold all classes equally often.
        steps_per_call: most steps of a compiled call, 0: as many as last a tenth of a second, or one.
        checkpoint_seconds: time between checkpoints.
        variance_batches: clean batches over which the variance of the meta-gradient is taken, 0: not at all.
        profile_steps: steps that are profiled.
        notes: what went otherwise than expected before training, a sentence each.
        start: a sentence on where the first parameters come from, empty for random ones.
        feed: what adds the images of streamed rows to draws, None where all is on the device.
    """

    method: Method
    settings: Settings
    store: Store
    train_rows: np.ndarray
    clean_rows: np.ndarray
    evaluations: dict[str, Evaluation]
    predict: Callable[..., np.ndarray]
    sweep: Callable[..., Any]
    eval_every: int
    batch_size: int
    clean_batch_size: int
    steps_per_call: int
    checkpoint_seconds: float
    variance_batches: int
    balanced: tuple[bool, bool] = (False, False)
    profile_steps: int = 0
    notes: tuple[str, ...] = ()
    start: str = ""
    feed: Feed | None = None
