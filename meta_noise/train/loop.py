"""The training loop.

The host draws row numbers and calls the compiled step; once per epoch it fetches one small tally and evaluates.
Everything that continues a run is in one tree (`Kept`) and the history of metrics, and batches are functions of seed
and step, so a run that is resumed from any checkpoint ends with the same bits.
"""

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
from rich.console import Console

from meta_noise.data.batches import CLEAN, TRAIN, Store, Walk
from meta_noise.errors import NotFiniteError, StoppedError
from meta_noise.train import cost, tally
from meta_noise.train.checkpoint import Checkpoints
from meta_noise.train.evaluate import accuracy
from meta_noise.train.metrics import MetricsFile
from meta_noise.train.progress import Display
from meta_noise.train.sharding import Placement
from meta_noise.train.steps import Carry, Draws, Settings, first_carry, make_call, reported
from meta_noise.train.stop import StopSignal
from meta_noise.types import Info, Learner, Method


class Evaluation(NamedTuple):
    """Rows to predict after an epoch: row numbers `rows` [n] of `store`, and the `labels` [n] they should get."""

    store: Store
    rows: np.ndarray
    labels: np.ndarray


class Job(NamedTuple):
    """What to train, on what, for how long.

    Attributes:
        method: how a step is made.
        settings: seed, steps per epoch, augmentation.
        store: all rows of the data set, on the device.
        train_rows, clean_rows: row numbers that training and clean batches are drawn from.
        evaluations: by name; "selection" chooses the best epoch.
        predict: `(state, store, rows) -> probabilities [n, C]`.
        epochs, eval_every: in epochs; the last epoch is always evaluated.
        batch_size, clean_batch_size: rows per step.
        steps_per_call: steps per compiled call.
        checkpoint_seconds: time between checkpoints.
    """

    method: Method
    settings: Settings
    store: Store
    train_rows: np.ndarray
    clean_rows: np.ndarray
    evaluations: dict[str, Evaluation]
    predict: Callable[..., np.ndarray]
    epochs: int
    eval_every: int
    batch_size: int
    clean_batch_size: int
    steps_per_call: int
    checkpoint_seconds: float


class Kept(NamedTuple):
    """What a checkpoint holds: the carry, and the learner of the selected epoch (its optimiser state dropped)."""

    carry: Carry
    selected: Learner


class Finished(NamedTuple):
    """A finished run.

    Attributes:
        kept: what the last checkpoint holds.
        info: shapes of what a step reported; None where the method has no opinion.
        history: one dictionary per evaluated epoch.
        seconds: time spent training, over all parts of a resumed run.
        cost: the estimate.
    """

    kept: Kept
    info: Info
    history: list[dict[str, Any]]
    seconds: float
    cost: cost.Cost


def train(job: Job, where: Placement, folder: Path, console: Console) -> Finished:
    """Runs or resumes a job; `folder` receives `checkpoints/` and `metrics.jsonl`.

    Raises:
        NotFiniteError: a loss is not finite; the last good checkpoint is kept.
        StoppedError: SIGINT or SIGTERM came; a checkpoint was saved.
    """
    per_epoch = job.settings.steps_per_epoch
    total = job.epochs * per_epoch
    draw = _make_draw(job, where)
    info = reported(job.method, job.settings, job.store, draw(0, 1))
    names = tally.metric_names(job.store.true_labels is not None, info)

    def initial(store: Store, draws: Draws) -> Kept:
        carry = first_carry(job.method, job.settings, names, store, draws)
        return Kept(carry, carry.state.learner._replace(opt_state=()))

    initialise = jax.jit(initial, out_shardings=where.replicated)
    shapes = jax.eval_shape(initial, job.store, draw(0, 1))
    compiled, estimate = _compile(job, where, draw, initialise, shapes.carry)
    console.print(cost.sentence(estimate, total), highlight=False, soft_wrap=True)

    with Checkpoints(folder / "checkpoints") as checkpoints, StopSignal() as stop:
        like = jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=where.replicated), shapes)
        restored = checkpoints.restore(like)
        if restored is None:
            kept, step, history, before = initialise(job.store, draw(0, 1)), 0, [], 0.0
        else:
            kept, step = restored.tree, restored.step
            history, before = restored.extra["history"], restored.extra["seconds"]
            for reason in restored.skipped:
                console.print(f"Skipped a damaged checkpoint, {reason}", highlight=False, soft_wrap=True)
            console.print(f"Resumed at step {step} of {total}.", highlight=False)
        metrics = MetricsFile(folder / "metrics.jsonl")
        metrics.rewind(step)
        carry, selected = kept
        begin = saved = time.monotonic()

        def save() -> None:
            nonlocal saved
            _check_finite(carry.tally, checkpoints, step)
            spent = before + time.monotonic() - begin
            checkpoints.save(step, Kept(carry, selected), {"history": history, "seconds": spent})
            saved = time.monotonic()

        with Display(console, total, step, job.batch_size) as display:
            while step < total:
                size = min(job.steps_per_call, per_epoch - step % per_epoch)
                carry = compiled(size)(carry, job.store, draw(step, size))
                step += size
                display.advance(step)
                if step % per_epoch == 0:
                    _check_finite(carry.tally, checkpoints, step)
                    values = tally.means(carry.tally, names)
                    carry = carry._replace(tally=jax.device_put(tally.no_tally(names), where.replicated))
                    epoch = step // per_epoch
                    if epoch % job.eval_every == 0 or step == total:
                        values |= _evaluate(job, carry)
                        if _is_best(history, values):
                            selected = jax.tree.map(jax.numpy.copy, carry.state.learner._replace(opt_state=()))
                        history.append({"step": step, "epoch": epoch, **values})
                        metrics.write(step, epoch, values)
                    display.epoch(step, epoch, values)
                if stop or time.monotonic() - saved > job.checkpoint_seconds or step == total:
                    save()
                if stop and step < total:
                    checkpoints.wait()
                    raise StoppedError(f"Stopped by {stop.name} at step {step}; the same command continues from there.")
        checkpoints.wait()
    return Finished(Kept(carry, selected), info, history, before + time.monotonic() - begin, estimate)


def _make_draw(job: Job, where: Placement) -> Callable[[int, int], Draws]:
    train_walk = Walk(job.settings.seed, TRAIN, job.train_rows, job.batch_size)
    clean_walk = Walk(job.settings.seed, CLEAN, job.clean_rows, job.clean_batch_size)

    def draw(step: int, size: int) -> Draws:
        steps = range(step, step + size)
        draws = Draws(
            np.asarray(steps, np.int32),
            np.stack([train_walk(s) for s in steps]),
            np.stack([clean_walk(s) for s in steps]),
        )
        return jax.device_put(draws, Draws(where.replicated, where.steps, where.steps))

    return draw


def _compile(job: Job, where: Placement, draw, initialise, carry: Carry):
    """Returns `compiled(size)`, the compiled call of that many steps, and what a step costs.

    An epoch has at most two sizes of call; both are compiled here, so nothing compiles later. Of `carry` only shapes
    and dtypes are known.
    """
    call = make_call(job.method, job.settings, where)

    @functools.cache
    def compiled(size: int):
        return call.lower(carry, job.store, draw(0, size)).compile()

    per_epoch, size = job.settings.steps_per_epoch, min(job.steps_per_call, job.settings.steps_per_epoch)
    begin = time.perf_counter()
    compiled(size)
    seconds = time.perf_counter() - begin
    if per_epoch % size:
        compiled(per_epoch % size)

    def arguments():
        return initialise(job.store, draw(0, 1)).carry, job.store, draw(0, size)

    return compiled, cost.estimate(compiled(size), seconds, size, arguments)


def _evaluate(job: Job, carry: Carry) -> dict[str, float]:
    return {
        f"{name}_accuracy": accuracy(job.predict(carry.state, part.store, part.rows), part.labels)
        for name, part in job.evaluations.items()
    }


def _is_best(history: list[dict[str, Any]], values: dict[str, float]) -> bool:
    """Says whether this epoch is to be selected: the latest of the best by selection accuracy, else the last."""
    chosen = values.get("selection_accuracy")
    return chosen is None or chosen >= max((past["selection_accuracy"] for past in history), default=0.0)


def _check_finite(sums: tally.Tally, checkpoints: Checkpoints, step: int) -> None:
    bad_step = int(sums.bad_step)
    if bad_step < 0:
        return
    quantity = "outer loss (on the clean batch)" if bool(sums.bad_outer) else "training loss"
    good = checkpoints.latest_step()
    kept = f"the last good checkpoint is of step {good}" if good is not None else "no checkpoint had been saved"
    raise NotFiniteError(
        f"The {quantity} is not finite since step {bad_step} (noticed at step {step}); {kept}. Try a lower learning "
        "rate (config.optimizer.lr), clipping (config.optimizer.clip=5.0) or fewer extreme inputs, in a new workdir."
    )
