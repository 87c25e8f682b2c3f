"""What a run will cost, from the compiler's own counts and a few timed calls."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax


class Cost(NamedTuple):
    """Cost of one compiled call.

    Attributes:
        seconds: per step.
        flops: floating-point operations per step, None where the compiler does not say.
        temporary_bytes: memory beside arguments and results, None likewise.
        compile_seconds: time to compile.
    """

    seconds: float
    flops: float | None
    temporary_bytes: int | None
    compile_seconds: float


def estimate(compiled, compile_seconds: float, steps: int, make_arguments: Callable[[], tuple[Any, ...]]) -> Cost:
    """Returns the cost per step of a compiled call that takes `steps` steps.

    Args:
        compiled: an ahead-of-time compiled function that may donate its arguments.
        compile_seconds: how long compiling took.
        steps: steps per call.
        make_arguments: gives fresh arguments; the call's results are thrown away.
    """
    seconds = []
    for _ in range(2):  # the first call also pays for allocation
        arguments = jax.block_until_ready(make_arguments())
        begin = time.perf_counter()
        jax.block_until_ready(compiled(*arguments))
        seconds.append(time.perf_counter() - begin)
    counts = compiled.cost_analysis() or {}
    memory = compiled.memory_analysis()
    flops = counts.get("flops")
    return Cost(
        min(seconds) / steps,
        None if flops is None else flops / steps,
        None if memory is None else memory.temp_size_in_bytes,
        compile_seconds,
    )


def sentence(cost: Cost, steps: int) -> str:
    """Returns the estimate for `steps` steps as one line for a person."""
    parts = [f"{steps:,} steps at {cost.seconds * 1e3:.3g} ms, about {duration(cost.seconds * steps)}"]
    if cost.flops:
        parts.append(f"{cost.flops / 1e9:.3g} GFLOP per step")
    if cost.temporary_bytes:
        parts.append(f"{cost.temporary_bytes / 2**20:.3g} MiB of working memory")
    return "Estimate: " + "; ".join(parts) + f" (compiled in {cost.compile_seconds:.1f} s)."


def duration(seconds: float) -> str:
    """Returns a length of time as a person would say it: '42 s', '3 min', '2.5 h'."""
    if seconds < 100:
        return f"{seconds:.0f} s" if seconds >= 1 else "1 s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
