"""The compiled calls of a run: everything is compiled before the first step, nothing afterwards.

A call takes any number of steps with the same program, so that small networks don't wait for the host between them.
How many is a matter of time alone: it changes no bit, and a run that is resumed at any step finds its program.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np

from meta_noise.hosts import exchange
from meta_noise.train import compiler, cost
from meta_noise.train.calls import Call, kinds_of, steps_of
from meta_noise.train.draws import Ahead, Drawer
from meta_noise.train.job import Job
from meta_noise.train.refresh import drawer, no_split
from meta_noise.train.sharding import Placement, like, put
from meta_noise.train.steps import Carry, first_carry, make_call, make_step, placed, reported
from meta_noise.train.tally import metric_names
from meta_noise.train.traced import repeated_flops

AHEAD = 64  # steps whose rows are drawn at once, and most steps of a call
CALL_SECONDS = 0.1  # a call lasts about so long, since nobody can stop it


class Calls(NamedTuple):
    """The compiled calls of a run.

    Attributes:
        programs: by kind, `(carry, store, draws, begin, end) -> carry`; the carry is donated.
        numbers: 0 to the number of steps whose rows are drawn at once, on the devices.
        per_call: most steps of a call.
        cost: of a step, on average between two meta steps.
    """

    programs: dict[str, Any]
    numbers: list[Any]
    per_call: int
    cost: cost.Cost

    def ahead(self, draw: Drawer) -> Ahead:
        """Returns what draws rows for these calls."""
        return Ahead(draw, len(self.numbers) - 1)

    def take(self, call: Call, step: int, carry: Carry, store: Any, rows: Ahead) -> Carry:
        """Returns the carry after a call whose first step is `step`; all of its rows are drawn with that one's."""
        draws, begin = rows.of(step)
        numbers = self.numbers[begin], self.numbers[begin + call.steps]
        return self.programs[call.kind](carry, store, draws, *numbers)


def start(job: Job, where: Placement) -> tuple[Drawer, Callable[..., Carry]]:
    """Returns what draws the first epoch's rows, and `(store, draws) -> Carry`, to measure steps outside the loop."""
    draw = drawer(job, where, no_split(job), 0)
    info = reported(job.method, job.method.step, job.settings, job.store, draw(0, 1))
    names = metric_names(job.store.true_labels is not None, info)

    def first(store: Any, draws: Any) -> Carry:
        return first_carry(job.method, job.settings, names, store, draws)

    return draw, first


def compile_started(
    job: Job, where: Placement, draw: Drawer, first: Callable[..., Carry]
) -> tuple[Calls, Callable[..., Carry]]:
    """Returns what `compile_calls` does, and `first` compiled, for what `start` gives."""
    carry = jax.eval_shape(first, job.store, draw(0, 1))
    quickly = compiler.options_of_start(where.mesh.devices.flat[0])
    compiled_first = jax.jit(first, out_shardings=placed(where, carry), compiler_options=quickly)
    return compile_calls(job, where, draw, compiled_first, carry), compiled_first


def compile_calls(job: Job, where: Placement, draw: Drawer, first: Callable[..., Carry], carry: Carry) -> Calls:
    """Returns the compiled calls of a run.

    `first(store, draws)` gives a first carry; of `carry` only shapes and dtypes are known.

    Raises:
        InputError: a step does not fit into the memory of the device.
    """
    asked, taken = job.steps_per_call, steps_of(job.method)
    size = max(asked, 1 if job.feed is not None else AHEAD)
    carry, draws = like(carry, placed(where, carry)), draw(0, size)
    numbers = [put(np.int32(number), where.replicated) for number in range(size + 1)]
    steps = {kind: make_step(taken[kind], job.settings) for kind in kinds_of(job.method, job.settings.calendar)}
    looped = size > 1 and asked != 1
    programs: dict[str, Any] = {}
    costs: dict[str, cost.Cost] = {}
    for kind, step in steps.items():
        begin = time.perf_counter()
        call = make_call(step, job.settings, carry, looped)
        program = call.trace(carry, job.store, draws, *numbers[:2])
        programs[kind] = program.lower().compile()
        seconds = time.perf_counter() - begin
        cost.check_fits(programs[kind], where.mesh.devices.flat[0])

        def arguments(count):
            return first(job.store, draw(0, 1)), job.store, draws, numbers[0], numbers[count]

        repeated = repeated_flops(program.jaxpr.jaxpr)
        costs[kind] = cost.estimate(programs[kind], seconds, size if looped else 1, arguments, repeated)
    found, between = costs["method"], job.method.between
    if between is not None and "between" in costs:
        found = cost.mixed(found, costs["between"], between.every)
    per_call = _steps_per_call(job, found.seconds, size) if looped else 1
    return Calls(programs, numbers, per_call, found)


def _steps_per_call(job: Job, seconds: float, most: int) -> int:
    """Returns how many steps of so many seconds a call takes, the same number in all processes."""
    if job.steps_per_call:
        return job.steps_per_call
    mine = min(int(min(CALL_SECONDS, job.checkpoint_seconds) / max(seconds, 1e-9)), job.profile_steps or most, most)
    return int(exchange.firsts("steps per call", str(max(mine, 1))))
