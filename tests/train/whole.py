"""Whole runs on a few digits with a tiny network, and what they leave in memory."""

import contextlib
import functools
import logging
import signal
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
import pytest

from meta_noise.config.argument import merge
from meta_noise.runs import run as runs
from meta_noise.train import compiled as compiled_calls
from meta_noise.train.job import Job
from meta_noise.train.loop import Finished
from meta_noise.train.progress import Display
from meta_noise.train.sharding import Placement

SMALL = {
    "data": {"name": "digits", "limit": 210},
    "clean": {"size": 20, "selection": 0},
    "model": {"name": "mlp", "hidden": [8]},
    "train": {"epochs": 3, "batch_size": 32, "clean_batch_size": 16, "devices": 1},
    "report": {"examples": 2},
}
GUESSED = {  # MW-Net with guessed clean rows: two epochs of warm-up, then three
    "clean": {"size": 0, "auto": True},
    "train": {"epochs": 3, "warmup_epochs": 2},
    "report": {"variance_batches": 3},
    "schedule": {"name": "constant"},  # cosine ends at a rate of 0, where a virtual step does not move
}
_FOLDERS = tempfile.TemporaryDirectory()  # removed when the process ends


class Followed(NamedTuple):
    """A run with its job, what the loop returned, and compilations until the end of every epoch."""

    fitted: runs.Fitted
    job: Job
    where: Placement
    finished: Finished
    compilations: list[int]


def follow(folder: Path, stops_at: int = -1, quick: bool = False, **changes: Any) -> Followed:
    """Returns a run of `SMALL` with changes.

    Args:
        folder: the run folder.
        stops_at: step after which a signal asks the run to stop, -1: none. Such a run takes one step per call.
        quick: programs are compiled in half the time and run slower.
        changes: of `SMALL`.
    """
    seen: dict[str, Any] = {"compilations": []}
    train, advance, epoch = runs.train, Display.advance, Display.epoch

    def follow_train(job, where, folder, console):
        seen.update(job=job, where=where, finished=train(job, where, folder, console))
        return seen["finished"]

    def follow_advance(self, step):
        advance(self, step)
        if step == stops_at:
            signal.raise_signal(signal.SIGTERM)

    def follow_epoch(self, step, number, values):
        epoch(self, step, number, values)
        seen["compilations"].append(len(compiled))

    with pytest.MonkeyPatch.context() as patch, _compilations() as compiled:
        patch.setattr(runs, "train", follow_train)
        patch.setattr(Display, "advance", follow_advance)
        patch.setattr(Display, "epoch", follow_epoch)
        if stops_at >= 0:
            patch.setattr(compiled_calls, "CALL_SECONDS", 0.0)
        before = jax.config.values["jax_disable_most_optimizations"]
        jax.config.update("jax_disable_most_optimizations", quick)
        try:
            fitted = runs.run(merge(SMALL, changes), folder)
        finally:
            jax.config.update("jax_disable_most_optimizations", before)
    return Followed(fitted, **seen)


@functools.cache
def guessed() -> Followed:
    """Returns the run of `GUESSED`, the same one every time."""
    return follow(Path(_FOLDERS.name) / "guessed", **GUESSED)


def assert_same_bits(one: Any, two: Any) -> None:
    """Fails unless two trees hold the same bits."""
    assert jax.tree.structure(one) == jax.tree.structure(two)
    for (path, a), b in zip(jax.tree_util.tree_leaves_with_path(one), jax.tree.leaves(two), strict=True):
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b), err_msg=jax.tree_util.keystr(path))


@contextlib.contextmanager
def _compilations():
    """Gives the list of programs that XLA compiles inside the block."""
    found: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record):
            if record.getMessage().startswith("Finished XLA compilation"):
                found.append(record.getMessage())

    handler, logger = Handler(), logging.getLogger("jax")
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        with jax.log_compiles():
            yield found
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
