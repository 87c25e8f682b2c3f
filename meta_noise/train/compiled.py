"""The compiled calls of a run: everything is compiled before the first step, nothing afterwards."""

import time
from collections.abc import Callable
from typing import Any

import jax

from meta_noise.train import cost
from meta_noise.train.calls import Call, all_calls, steps_of
from meta_noise.train.draws import Drawer
from meta_noise.train.job import Job
from meta_noise.train.refresh import drawer, no_split
from meta_noise.train.sharding import Placement, like
from meta_noise.train.steps import Carry, first_carry, make_call, placed, reported
from meta_noise.train.tally import metric_names


def start(job: Job, where: Placement) -> tuple[Drawer, Callable[..., Carry]]:
    """Returns what draws the first epoch's rows, and `(store, draws) -> Carry`, to measure steps outside the loop."""
    draw = drawer(job, where, no_split(job), 0)
    info = reported(job.method, job.method.step, job.settings, job.store, draw(0, 1))
    names = metric_names(job.store.true_labels is not None, info)

    def first(store: Any, draws: Any) -> Carry:
        return first_carry(job.method, job.settings, names, store, draws)

    return draw, first


def compile_started(job: Job, where: Placement, draw: Drawer, first: Callable[..., Carry]):
    """Returns what `compile_calls` does, and `first` compiled, for what `start` gives."""
    carry = jax.eval_shape(first, job.store, draw(0, 1))
    compiled_first = jax.jit(first, out_shardings=placed(where, carry))
    return *compile_calls(job, where, draw, compiled_first, carry), compiled_first


def compile_calls(job: Job, where: Placement, draw: Drawer, first: Callable[..., Carry], carry: Carry):
    """Returns the compiled function of every `Call` of a run, and a step's `Cost`, on average between two meta steps.

    `first(store, draws)` gives a first carry; of `carry` only shapes and dtypes are known.

    Raises:
        InputError: a step does not fit into the memory of the device.
    """
    makers = {kind: make_call(step, job.settings, carry) for kind, step in steps_of(job.method).items()}
    carry = like(carry, placed(where, carry))
    compiled: dict[Call, Any] = {}
    costs: dict[str, cost.Cost] = {}
    for call in all_calls(job.method, job.settings.calendar, job.steps_per_call):
        begin = time.perf_counter()
        draws = draw(0, call.steps)
        compiled[call] = makers[call.kind].lower(carry, job.store, draws).compile()
        seconds = time.perf_counter() - begin
        cost.check_fits(compiled[call], where.mesh.devices.flat[0])
        if call.kind not in costs:  # the first call of a kind has the most steps

            def arguments(draws=draws):
                return first(job.store, draw(0, 1)), job.store, draws

            costs[call.kind] = cost.estimate(compiled[call], seconds, call.steps, arguments)
    between = job.method.between
    if between is None:
        return compiled, costs["method"]
    return compiled, cost.mixed(costs["method"], costs["between"], between.every)
