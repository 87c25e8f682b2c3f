"""What a compiled step costs: the compiler's own counts, and time beside a plain step.

Machines are never quiet, so a step and the plain one take turns, and the ratio is the median over the pairs.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax

from experiments.benchmark.steps import Step, first_state, shapes_of

SHORTEST = 0.1  # seconds that one side of a pair lasts at least; shorter steps are taken several times

Run = Callable[[int], float]  # number of steps -> seconds


class Counts(NamedTuple):
    """What the compiler says of one step; None where it does not.

    Attributes:
        flops: floating-point operations.
        moved_bytes: read and written by its instructions.
        temporary_bytes: memory at the peak, beside arguments and results.
    """

    flops: float | None
    moved_bytes: float | None
    temporary_bytes: int | None


class Times(NamedTuple):
    """Seconds of a step and of the plain one, and their ratio: medians, for the ratio with quartiles."""

    seconds: float
    plain_seconds: float
    ratio: float
    low: float
    high: float


def compile_step(step: Step) -> tuple[Any, float]:
    """Returns the compiled step, its state donated, and the seconds of tracing and compiling."""
    begin = time.perf_counter()
    jitted = jax.jit(step.method.step, donate_argnums=1)
    compiled = jitted.lower(jax.random.key(0), shapes_of(step), step.batch, step.clean).compile()
    return compiled, time.perf_counter() - begin


def counts(compiled: Any) -> Counts:
    """Returns the counts of a compiled step."""
    costs, memory = compiled.cost_analysis() or {}, compiled.memory_analysis()
    temporary = None if memory is None else memory.temp_size_in_bytes
    return Counts(costs.get("flops"), costs.get("bytes accessed"), temporary)


def runner(step: Step, compiled: Any) -> Run:
    """Returns a function that takes steps, each from the state that the last one left."""
    key, batch, clean = jax.device_put((jax.random.key(1), step.batch, step.clean))
    state = jax.block_until_ready(first_state(step))

    def run(number: int) -> float:
        nonlocal state
        begin = time.perf_counter()
        for _ in range(number):
            state, _ = compiled(key, state, batch, clean)
        jax.block_until_ready(state)
        return time.perf_counter() - begin

    return run


def alternate(plain: Run, other: Run, pairs: int) -> Times:
    """Returns the times of `other` beside `plain`; they begin in turn, after a warm-up of two calls each."""
    sides = (plain, other)
    numbers = [_steps_for(run) for run in sides]
    seconds: list[list[float]] = [[], []]
    for pair in range(pairs):
        for side in (0, 1) if pair % 2 == 0 else (1, 0):
            seconds[side].append(sides[side](numbers[side]) / numbers[side])
    ratios = [one / base for base, one in zip(*seconds, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive") if pairs > 1 else ratios * 3
    return Times(statistics.median(seconds[1]), statistics.median(seconds[0]), middle, low, high)


def _steps_for(run: Run) -> int:
    """Returns how many steps last `SHORTEST` seconds; the first call also pays for what a first call pays."""
    run(1)
    return max(int(SHORTEST / run(1)) + 1, 1) if SHORTEST else 1
