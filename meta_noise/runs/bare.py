"""A training without a run folder: in memory, an epoch at a time, with some rows left out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from meta_noise.build.job import make_job
from meta_noise.config.schema import Config
from meta_noise.core.averages import for_evaluation, is_averaged
from meta_noise.data.prepare import Prepared
from meta_noise.data.source import Source
from meta_noise.data.splits import Splits
from meta_noise.errors import NotFiniteError
from meta_noise.train.calls import next_call
from meta_noise.train.job import Job
from meta_noise.train.program import Kept, Program, make_program
from meta_noise.train.refresh import drawer, refresh
from meta_noise.train.sharding import Placement, placement
from meta_noise.types import Learner


class Rows(NamedTuple):
    """What a training may see: numbers of `train` rows and of `clean` ones, whose labels are right; none is in both."""

    train: np.ndarray
    clean: np.ndarray


class Bare(NamedTuple):
    """Trainings of one kind on parts of one data set; all of them call what was compiled once.

    Attributes:
        jobs: one for each part.
        program: what is compiled.
        where: placement.
    """

    jobs: tuple[Job, ...]
    program: Program
    where: Placement

    @property
    def epochs(self) -> int:
        """Epochs of a full training."""
        return self.jobs[0].settings.calendar.epochs


class Run(NamedTuple):
    """How far the training on a part is: `part`, what is `kept`, and the next `step`."""

    part: int
    kept: Kept
    step: int


def bare(config: Config, source: Source, labels: np.ndarray, parts: Sequence[Rows]) -> Bare:
    """Returns trainings on parts of a data set, compiled.

    Args:
        config: resolved, with `train.steps` and `train.epoch_steps`, so that epochs are the same for all parts.
        source: N rows, in memory.
        labels: [N] to learn; those of the clean rows of a part are right.
        parts: what each training sees.

    Raises:
        InputError: a setting cannot be used with so many rows.
    """
    train, known = config.train, {"kind": "none", "rate": 0.0, "realised": None, "sha256": ""}
    where, fewest = placement(train.devices, train.mesh, train.batch_size), min(len(rows.clean) for rows in parts)
    clean = min(train.clean_batch_size or train.batch_size, fewest or train.batch_size)
    config, nothing = replace(config, train=replace(train, clean_batch_size=clean)), np.zeros(0, np.int64)
    jobs: list[Job] = []
    for rows in parts:
        prepared = Prepared(source, labels, labels, Splits(rows.train, rows.clean, nothing), known)
        job = make_job(config, prepared, {}, where)
        first = jobs[0] if jobs else job
        jobs.append(job._replace(store=first.store, predict=first.predict, settings=first.settings))
    return Bare(tuple(jobs), make_program(jobs[0], where), where)


def begin(trainings: Bare, part: int, start: Learner | None = None) -> Run:
    """Returns the beginning of the training on a part, from random parameters or from those of `start`."""
    kept = trainings.program.first()
    if start is None:
        return Run(part, kept, 0)
    learner = kept.carry.state.learner
    state = optax.tree.set(learner.opt_state, ema=start.params) if is_averaged(learner) else learner.opt_state
    fresh = jax.tree.map(
        jnp.copy, learner._replace(params=start.params, batch_stats=start.batch_stats, opt_state=state)
    )
    return Run(part, kept._replace(carry=kept.carry._replace(state=kept.carry.state._replace(learner=fresh))), 0)


def learner_of(run: Run) -> Learner:
    """Returns a copy of what a training has learned so far, as it is evaluated."""
    return jax.tree.map(jnp.copy, for_evaluation(run.kept.carry.state.learner))


def epoch(trainings: Bare, run: Run) -> Run:
    """Returns the training an epoch further.

    Raises:
        NotFiniteError: a loss is not finite.
    """
    job, where = trainings.jobs[run.part], trainings.where
    method, calendar = job.method, job.settings.calendar
    part, kept, step = run
    end = calendar.end(step)
    calls = trainings.program.calls
    if method.refresh is not None and next_call(method, calendar, 1, step).kind != "warmup":
        carry, split, _ = refresh(job, where, kept.carry, calendar.number(step), trainings.program.start)
        kept = kept._replace(carry=carry, split=kept.split if split is None else split)
    rows = calls.ahead(drawer(job, where, kept.split, step))
    while step < end:
        call = next_call(method, calendar, min(calls.per_call, rows.left(step)), step)
        kept = kept._replace(carry=calls.take(call, step, kept.carry, job.store, rows))
        step += call.steps
    if int(kept.carry.tally.bad_step) >= 0:
        raise NotFiniteError(f"A loss is not finite since step {int(kept.carry.tally.bad_step)}.")
    return Run(part, kept, step)


def probabilities(trainings: Bare, run: Run, rows: np.ndarray) -> np.ndarray:
    """Returns p(class | x) [n, C] of the rows numbered `rows` [n]."""
    job = trainings.jobs[run.part]
    return job.predict(run.kept.carry.state, job.store, rows)
