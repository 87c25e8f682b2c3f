"""Everything of a run that is compiled, before the first step."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax

from meta_noise.core.averages import for_evaluation
from meta_noise.errors import InputError
from meta_noise.train import compiler, tally
from meta_noise.train.compiled import Calls, compile_calls
from meta_noise.train.draws import Draws
from meta_noise.train.job import Job
from meta_noise.train.refresh import drawer, no_split
from meta_noise.train.sharding import Placement, like, tensors
from meta_noise.train.steps import Carry, first_carry, placed, reported
from meta_noise.train.variance import make_variance
from meta_noise.train.warn import caught
from meta_noise.types import Info, Learner, State


class Kept(NamedTuple):
    """What a checkpoint holds: the carry, the learner of the selected epoch as it is evaluated, the split in force."""

    carry: Carry
    selected: Learner
    split: Any


class Program(NamedTuple):
    """What is compiled for a run.

    Attributes:
        first: `() -> Kept`, how a run starts.
        shapes: of what `first` gives, and where it lives.
        calls: what is compiled for the steps.
        names: the metrics of a step, by the kind of a call.
        info: shapes of what a step of the method reports.
        variance: `(state, draw, step) -> variance` of the meta-gradient, or None.
        notes: what the step warned of when it was traced, a sentence each.
    """

    first: Callable[[], Kept]
    shapes: Kept
    calls: Calls
    names: dict[str, dict[str, str]]
    info: Info
    variance: Callable[..., float] | None
    notes: list[str]

    def start(self) -> State:
        """Returns the state that a run starts from."""
        return self.first().carry.state


def make_program(job: Job, where: Placement) -> Program:
    """Returns what a run needs, compiled.

    Raises:
        InputError: no step can be taken with these settings, or it does not fit into memory.
    """
    method, split = job.method, no_split(job)
    draw = drawer(job, where, split, 0)
    info, names, notes = _metric_names(job, method.step, draw(0, 1))
    others = {"warmup": method.warmup, "finetune": method.finetune}
    apart = {kind: _metric_names(job, phase.step, draw(0, 1))[1] for kind, phase in others.items() if phase is not None}

    def initial(store, draws) -> Kept:
        carry = first_carry(method, job.settings, names, store, draws)
        return Kept(carry, for_evaluation(carry.state.learner), split)

    shapes = jax.eval_shape(initial, job.store, draw(0, 1))
    homes = Kept(placed(where, shapes.carry), tensors(where, shapes.selected), tensors(where, shapes.split))
    quickly = compiler.options_of_start(where.mesh.devices.flat[0])
    shapes, initialise = like(shapes, homes), jax.jit(initial, out_shardings=homes, compiler_options=quickly)
    calls = compile_calls(job, where, draw, lambda *given: initialise(*given).carry, shapes.carry)
    return Program(
        first=lambda: initialise(job.store, draw(0, 1)),
        shapes=shapes,
        calls=calls,
        names={"method": names, "between": names, **apart},
        info=info,
        variance=make_variance(job) if job.variance_batches else None,
        notes=notes,
    )


def _metric_names(job: Job, step: Any, draws: Draws) -> tuple[Info, dict[str, str], list[str]]:
    """Returns shapes of what a step reports, the metrics these give, and what the step warned of."""
    try:
        info, notes = caught(reported, job.method, step, job.settings, job.store, draws)
    except ValueError as error:
        raise InputError(f"With these settings no step can be taken: {str(error).splitlines()[0]}.") from error
    return info, tally.metric_names(job.store.true_labels is not None, info), notes
