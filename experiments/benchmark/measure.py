"""What a compiled step costs: the compiler's own counts, and time beside a plain step.

Machines are never quiet, so a step and the plain one take turns, and the ratio is the median over the pairs.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax

from experiments.benchmark.steps import Step, first_state, shapes_of
from meta_noise.train import compiler
from meta_noise.train.traced import repeated_flops

SHORTEST = 0.1  # seconds that one side of a pair lasts at least; shorter steps are taken several times

Run = Callable[[int], float]  # number of steps -> seconds


class Counts(NamedTuple):
    """What the compiler says of one step; None where it does not.

    Attributes:
        flops: floating-point operations; in loops, of which it counts one step, those of the others as traced.
        moved_bytes: read and written by its instructions; not known where there are loops.
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


class Program(NamedTuple):
    """A compiled step, and the operations of its loops beyond their first steps, which the compiler does not count."""

    call: Any
    repeated: float


class Compiled(NamedTuple):
    """The compiled step, that of the steps between two meta steps or None, and the seconds of tracing and compiling."""

    step: Program
    between: Program | None
    seconds: float


def compile_step(step: Step) -> Compiled:
    """Returns the compiled steps of a case; they take over the state that they are given."""
    begin = time.perf_counter()

    def compiled(function: Callable[..., Any]) -> Program:
        jitted = jax.jit(function, donate_argnums=1, compiler_options=compiler.options())
        program = jitted.trace(jax.random.key(0), shapes_of(step), step.batch, step.clean)
        return Program(program.lower().compile(), repeated_flops(program.jaxpr.jaxpr))

    between = step.method.between
    made = compiled(step.method.step), None if between is None else compiled(between.step)
    return Compiled(*made, time.perf_counter() - begin)


def counts(step: Step, compiled: Compiled) -> Counts:
    """Returns the compiler's counts of a case, means over a round of steps where not every step is a meta step."""
    found = [_counts(compiled.step)]
    if step.method.between is not None:
        found += [_counts(compiled.between)] * (step.method.between.every - 1)

    def mean(values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return sum(known) / len(known) if known else None

    temporary = [one.temporary_bytes for one in found if one.temporary_bytes is not None]
    return Counts(mean([c.flops for c in found]), mean([c.moved_bytes for c in found]), max(temporary, default=None))


def _counts(program: Program) -> Counts:
    costs, memory = program.call.cost_analysis() or {}, program.call.memory_analysis()
    temporary = None if memory is None else memory.temp_size_in_bytes
    flops, moved = costs.get("flops"), costs.get("bytes accessed")
    flops = None if flops is None else flops + program.repeated
    return Counts(flops, None if program.repeated else moved, temporary)


def runner(step: Step, compiled: Compiled) -> Run:
    """Returns a function that takes steps, each from the state that the last one left.

    Where meta steps are not taken in every step, a step stands for a whole round of them, divided by their number.
    """
    every = 1 if step.method.between is None else step.method.between.every
    key, batch, clean = jax.device_put((jax.random.key(1), step.batch, step.clean))
    state = jax.block_until_ready(first_state(step))

    def run(number: int) -> float:
        nonlocal state
        begin = time.perf_counter()
        for _ in range(number):
            state, _ = compiled.step.call(key, state, batch, clean)
            for _ in range(every - 1):
                state, _ = compiled.between.call(key, state, batch, clean)
        jax.block_until_ready(state)
        return (time.perf_counter() - begin) / every

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
