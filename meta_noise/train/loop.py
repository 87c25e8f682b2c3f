"""The training loop.

The host draws row numbers and calls the compiled step; once per epoch it fetches one small tally, evaluates, and lets
the method look at all rows if it wants to. Everything that continues a run is in one tree (`Kept`) and a small
dictionary beside it, and batches are functions of seed, step and split, so a run that is resumed from any checkpoint
ends with the same bits.
"""

import time
from pathlib import Path
from typing import Any, NamedTuple

import jax
from rich.console import Console

from meta_noise.core.averages import for_evaluation, is_averaged
from meta_noise.errors import InputError, NotFiniteError, StoppedError
from meta_noise.train import cost, tally
from meta_noise.train.calls import next_call
from meta_noise.train.checkpoint import Checkpoints
from meta_noise.train.compiled import compile_calls
from meta_noise.train.draws import Draws
from meta_noise.train.evaluate import accuracies
from meta_noise.train.job import Job
from meta_noise.train.metrics import MetricsFile
from meta_noise.train.progress import Display
from meta_noise.train.refresh import describe, drawer, no_split, refresh
from meta_noise.train.sharding import Placement
from meta_noise.train.steps import Carry, first_carry, reported
from meta_noise.train.stop import StopSignal
from meta_noise.train.trace import Trace
from meta_noise.train.variance import make_variance
from meta_noise.train.warn import ZERO_WEIGHTS, Warnings, caught
from meta_noise.types import Info, Learner

ROW_BYTES, PAGE_BYTES = 400, 2**20  # about what a run leaves: of a row, and the page with all else


class Kept(NamedTuple):
    """What a checkpoint holds: the carry, the learner of the selected epoch as it is evaluated, the split in force."""

    carry: Carry
    selected: Learner
    split: Any


class Finished(NamedTuple):
    """A finished run.

    Attributes:
        kept: what the last checkpoint holds.
        info: shapes of what a step reported; None where the method has no opinion.
        history: one dictionary per evaluated epoch.
        seconds: time spent training, over all parts of a resumed run.
        cost: the estimate.
        warnings: what went otherwise than a user would expect, a sentence each.
    """

    kept: Kept
    info: Info
    history: list[dict[str, Any]]
    seconds: float
    cost: cost.Cost
    warnings: list[str]


def train(job: Job, where: Placement, folder: Path, console: Console) -> Finished:
    """Runs or resumes a job; `folder` receives `checkpoints/` and `metrics.jsonl`.

    Raises:
        NotFiniteError: a loss is not finite; the last good checkpoint is kept.
        StoppedError: SIGINT or SIGTERM came; a checkpoint was saved.
    """
    method, warmup, per_epoch = job.method, job.method.warmup, job.settings.steps_per_epoch
    total = job.epochs * per_epoch
    split = no_split(job)
    draw = drawer(job, where, split, 0)
    info, names, notes = _metric_names(job, method.step, draw(0, 1))
    warm_names = names if warmup is None else _metric_names(job, warmup.step, draw(0, 1))[1]

    def initial(store, draws) -> Kept:
        carry = first_carry(method, job.settings, names, store, draws)
        return Kept(carry, for_evaluation(carry.state.learner), split)

    initialise = jax.jit(initial, out_shardings=where.replicated)
    shapes = jax.eval_shape(initial, job.store, draw(0, 1))
    compiled, estimate = compile_calls(job, where, draw, lambda *given: initialise(*given).carry, shapes.carry)
    variance = make_variance(job) if job.variance_batches else None
    console.print(cost.sentence(estimate, total), highlight=False, soft_wrap=True)

    with Checkpoints(folder / "checkpoints") as checkpoints, StopSignal() as stop:
        like = jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=where.replicated), shapes)
        restored = checkpoints.restore(like)
        record: dict[str, Any] = {"history": [], "seconds": 0.0, "warnings": []}
        if restored is None:
            kept, step = initialise(job.store, draw(0, 1)), 0
        else:
            kept, step, record = restored.tree, restored.step, restored.extra
            checkpoints.tidy(step)
            for reason in restored.skipped:
                console.print(f"Skipped a damaged checkpoint, {reason}", highlight=False, soft_wrap=True)
            console.print(f"Resumed at step {step} of {total}.", highlight=False)
            draw = drawer(job, where, kept.split, step // per_epoch)
        if step < total:
            checkpoints.check_space(like, ROW_BYTES * len(job.train_rows) + PAGE_BYTES)
        history: list[dict[str, Any]] = record["history"]
        warnings = Warnings(console, record["warnings"])
        warnings.say(*job.notes, *notes)
        metrics = MetricsFile(folder / "metrics.jsonl")
        metrics.restore(history)
        carry, selected, split = kept
        begin = saved = time.monotonic()

        def seconds() -> float:
            return record["seconds"] + time.monotonic() - begin

        def save() -> None:
            nonlocal saved
            _check_finite(carry.tally, checkpoints, step)
            extra = {"history": history, "seconds": seconds(), "warnings": warnings.said}
            checkpoints.save(step, Kept(carry, selected, split), extra)
            saved = time.monotonic()

        trace = Trace(folder / "profile", job.profile_steps)
        with Display(console, total, step, job.batch_size) as display:
            while step < total:
                call = next_call(method, per_epoch, job.steps_per_call, step)
                warm = call.kind == "warmup"
                if step % per_epoch == 0 and method.refresh is not None:
                    if not warm:
                        carry, split, sentences = refresh(job, where, carry, step // per_epoch)
                        warnings.say(*sentences)
                    draw = drawer(job, where, split, step // per_epoch)
                trace.before(carry, call.steps)
                carry = compiled[call](carry, job.store, draw(step, call.steps))
                step += call.steps
                display.advance(step)
                if step % per_epoch == 0:
                    _check_finite(carry.tally, checkpoints, step)
                    values = tally.means(carry.tally, warm_names if warm else names)
                    if values.get(tally.ZERO_WEIGHTS):
                        warnings.say(ZERO_WEIGHTS)
                    carry = carry._replace(tally=jax.device_put(tally.no_tally(names), where.replicated))
                    epoch = step // per_epoch
                    if epoch % job.eval_every == 0 or step == total:
                        values |= _evaluate(job, carry)
                        if method.refresh is not None and not warm:
                            values |= describe(job, split)
                        if variance is not None and not warm:
                            values["meta_gradient_variance"] = variance(carry.state, draw, step)
                        if _is_best(history, values):
                            selected = jax.tree.map(jax.numpy.copy, for_evaluation(carry.state.learner))
                        history.append({"step": step, "epoch": epoch, **values})
                        metrics.write(step, epoch, values)
                    display.epoch(step, epoch, values)
                if stop or time.monotonic() - saved > job.checkpoint_seconds or step == total:
                    save()
                if stop and step < total:
                    checkpoints.wait()
                    raise StoppedError(f"Stopped by {stop.name} at step {step}; the same command continues from there.")
        trace.stop(carry)
        checkpoints.wait()
        metrics.restore(history)
    return Finished(Kept(carry, selected, split), info, history, seconds(), estimate, warnings.said)


def _metric_names(job: Job, step: Any, draws: Draws) -> tuple[Info, dict[str, str], list[str]]:
    """Returns shapes of what a step reports, the metrics these give, and what the step warned of."""
    try:
        info, notes = caught(reported, job.method, step, job.settings, job.store, draws)
    except ValueError as error:
        raise InputError(f"With these settings no step can be taken: {str(error).splitlines()[0]}.") from error
    return info, tally.metric_names(job.store.true_labels is not None, info), notes


def _evaluate(job: Job, carry: Carry) -> dict[str, float]:
    """Returns accuracies, of averaged parameters where the optimiser keeps them, then of the raw ones too."""
    state, learner = carry.state, carry.state.learner
    found = {"": state._replace(learner=for_evaluation(learner))}
    if is_averaged(learner):
        found["_raw"] = state._replace(learner=learner._replace(opt_state=()))
    return {
        f"{name}{kind}_{measure}": value
        for name, part in job.evaluations.items()
        for kind, state in found.items()
        for measure, value in accuracies(job.predict(state, part.store, part.rows), part.labels).items()
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
