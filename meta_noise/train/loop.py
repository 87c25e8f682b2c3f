"""The training loop.

The host draws row numbers and calls the compiled step; once per epoch it fetches one small tally, evaluates, and lets
the method look at all rows if it wants to. Everything that continues a run is in one tree (`Kept`) and a small
dictionary beside it, and batches are functions of seed, step and split, so a run that is resumed from any checkpoint
ends with the same bits.
"""

import signal
import time
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta
from rich.console import Console

from meta_noise.disk.sealed import DamageError, typed
from meta_noise.errors import InputError, StoppedError
from meta_noise.hosts import exchange
from meta_noise.hosts.decisions import Decision, Decisions
from meta_noise.terminal import say
from meta_noise.train import cost, layout
from meta_noise.train.calls import next_call
from meta_noise.train.checkpoint import Checkpoints
from meta_noise.train.epoch import Ended, check_finite, end_epoch
from meta_noise.train.job import Job
from meta_noise.train.metrics import MetricsFile
from meta_noise.train.program import Kept, Program, make_program
from meta_noise.train.progress import Display
from meta_noise.train.refresh import drawer, refresh
from meta_noise.train.sharding import Placement
from meta_noise.train.stop import StopSignal
from meta_noise.train.trace import Trace
from meta_noise.train.warn import Warnings
from meta_noise.types import Info

ROW_BYTES, PAGE_BYTES = 400, 2**20  # about what a run leaves: of a row, and the page with all else


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


class RecordFile(msgspec.Struct, forbid_unknown_fields=True):
    """What a checkpoint holds beside its arrays."""

    history: list[dict[str, int | float]]
    seconds: Annotated[float, Meta(ge=0)]
    warnings: list[str]
    place: str = ""


class Begun(NamedTuple):
    """Where a run begins: what is kept, the step it stands at, the record beside it, which checkpoints are damaged."""

    kept: Kept
    step: int
    record: dict[str, Any]
    skipped: tuple[str, ...] = ()


def train(job: Job, where: Placement, folder: Path, console: Console) -> Finished:
    """Runs or resumes a job; `folder` receives `checkpoints/` and `metrics.jsonl`.

    Raises:
        NotFiniteError: a loss is not finite; the last good checkpoint is kept.
        StoppedError: SIGINT or SIGTERM came; a checkpoint was saved.
    """
    method, calendar = job.method, job.settings.calendar
    total = calendar.steps
    program = make_program(job, where)
    calls = program.calls
    for text in (*layout.sentences(where, program.shapes, job.batch_size), cost.sentence(program.calls.cost, total)):
        say(console, text)
    with Checkpoints(folder / "checkpoints") as checkpoints, StopSignal() as stop:
        kept, step, record, skipped = _begin(job, where, program, checkpoints)
        place = described(where)
        _say_where(console, skipped, step, total)
        if (before := record.get("place", place)) != place:
            say(console, f"Before it ran on {before}, now on {place}: the same but for the order of sums.")
        if step < total:
            checkpoints.check_space(program.shapes, ROW_BYTES * len(job.train_rows) + PAGE_BYTES)
        warnings = Warnings(console, record["warnings"])
        warnings.say(*job.notes, *program.notes)
        metrics, history = MetricsFile(folder / "metrics.jsonl"), record["history"]
        if exchange.is_first():
            metrics.restore(history)
        begin = saved = time.monotonic()

        def save() -> None:
            nonlocal saved
            check_finite(kept.carry.tally, checkpoints, step)
            seconds = record["seconds"] + time.monotonic() - begin
            extra = {"history": history, "seconds": seconds, "warnings": warnings.said, "place": place}
            checkpoints.save(step, kept, extra)
            saved = time.monotonic()

        def wish() -> Decision:
            checkpoints.check()
            return Decision(bool(stop) or time.monotonic() - saved > job.checkpoint_seconds, stop.name)

        decide = Decisions(calls.cost.seconds * calls.per_call, job.checkpoint_seconds)
        rows = calls.ahead(drawer(job, where, kept.split, step))
        trace = Trace(folder / "profile", job.profile_steps if exchange.is_first() else 0)
        with Display(console, total, step, job.batch_size) as display:
            while step < total:
                ends = calendar.end(step)
                if step == calendar.begin(step) and (method.refresh is not None or step == calendar.tuned):
                    if next_call(method, calendar, 1, step).kind not in ("warmup", "finetune"):
                        carry, split, sentences = refresh(job, where, kept.carry, calendar.number(step), program.start)
                        kept = kept._replace(carry=carry, split=kept.split if split is None else split)
                        warnings.say(*sentences)
                    rows = calls.ahead(drawer(job, where, kept.split, step))
                call = next_call(method, calendar, min(calls.per_call, rows.left(step)), step)
                trace.before(kept.carry, call.steps)
                kept = kept._replace(carry=calls.take(call, step, kept.carry, job.store, rows))
                step += call.steps
                display.advance(step)
                if step == ends:
                    epoch = calendar.number(step - 1) + 1
                    check_finite(kept.carry.tally, checkpoints, step)
                    ended = Ended(call.kind, step, rows.draw)
                    kept, values = end_epoch(job, where, program, kept, ended, history, warnings)
                    if history and history[-1]["step"] == step and exchange.is_first():
                        metrics.write(step, epoch, values)
                    display.epoch(step, epoch, values)
                todo = decide(wish)
                if todo.save or step == total:
                    save()
                if todo.stop and step < total:
                    checkpoints.wait()
                    text = f"Stopped by {todo.stop} at step {step}; the same command continues from there."
                    raise StoppedError(text, signal.Signals[todo.stop])
        trace.stop(kept.carry)
        checkpoints.wait()
        if exchange.is_first():
            metrics.restore(history)
    seconds = record["seconds"] + time.monotonic() - begin
    return Finished(kept, program.info, history, seconds, program.calls.cost, warnings.said)


def _begin(job: Job, where: Placement, program: Program, checkpoints: Checkpoints) -> Begun:
    """Returns what the newest good checkpoint holds, else the start of a run."""
    restored = checkpoints.restore(program.shapes)
    if restored is None:
        return Begun(program.first(), 0, {"history": [], "seconds": 0.0, "warnings": []})
    try:
        typed(restored.extra, RecordFile)
    except DamageError as error:
        raise InputError(
            f"The checkpoint of step {restored.step} is not one of ours ({error}). Put back an intact copy of the run "
            "folder, or choose another one."
        ) from error
    checkpoints.tidy(restored.step)
    return Begun(restored.tree, restored.step, restored.extra, tuple(restored.skipped))


def described(where: Placement) -> str:
    """Returns what a run runs on, for people, such as "2 processes and a mesh of data 8"."""
    shape = " x ".join(f"{name} {size}" for name, size in where.mesh.shape.items())
    many = f"{exchange.count()} processes" if exchange.count() > 1 else "1 process"
    return f"{many} and a mesh of {shape}"


def _say_where(console: Console, skipped: tuple[str, ...], step: int, total: int) -> None:
    for reason in skipped:
        say(console, f"Skipped a damaged checkpoint, {reason}")
    if step:
        say(console, f"Resumed at step {step} of {total}.")
