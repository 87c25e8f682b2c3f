"""What a run will cost, from the compiler's own counts and a few timed calls."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax

from meta_noise.errors import InputError
from meta_noise.hosts import exchange

TIMED_SECONDS = 0.05  # what several steps are timed for, where a call can take them


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


def estimate(
    compiled: Any,
    compile_seconds: float,
    most: int,
    make_arguments: Callable[[int], tuple[Any, ...]],
    repeated: float = 0.0,
) -> Cost:
    """Returns the cost per step of a compiled call.

    Args:
        compiled: an ahead-of-time compiled function that may donate its arguments.
        compile_seconds: how long compiling took.
        most: steps that a call can take.
        make_arguments: gives fresh arguments for a call of so many steps; the call's results are thrown away.
        repeated: floating-point operations of a step that the compiler's count leaves out, see `repeated_flops`.
    """

    def timed(steps: int) -> float:
        seconds = []
        for _ in range(2):  # the first call also pays for allocation
            arguments = jax.block_until_ready(make_arguments(steps))
            begin = time.perf_counter()
            jax.block_until_ready(compiled(*arguments))
            seconds.append(time.perf_counter() - begin)
        return min(seconds) / steps

    seconds = timed(1)
    # Processes that train together take as many steps: those of a program that sums over them wait for each other.
    steps = int(exchange.firsts("steps timed", str(min(most, int(TIMED_SECONDS / seconds)))))
    if steps > 1:
        seconds = timed(steps)
    flops = (compiled.cost_analysis() or {}).get("flops")
    memory = compiled.memory_analysis()
    return Cost(
        seconds,
        None if flops is None else flops + repeated,
        None if memory is None else memory.temp_size_in_bytes,
        compile_seconds,
    )


def mixed(method: Cost, between: Cost, every: int) -> Cost:
    """Returns the mean cost of a step where one of `every` is a meta step, with the memory of the larger one."""

    def mean(one: float, other: float) -> float:
        return (one + (every - 1) * other) / every

    return Cost(
        mean(method.seconds, between.seconds),
        None if method.flops is None or between.flops is None else mean(method.flops, between.flops),
        max((c.temporary_bytes for c in (method, between) if c.temporary_bytes is not None), default=None),
        method.compile_seconds + between.compile_seconds,
    )


def free_bytes(device: Any) -> int | None:
    """Returns the memory of a device, or of the machine for a CPU, that is not in use; None where nobody says."""
    if device.platform != "cpu":
        stats = device.memory_stats() or {}
        return stats["bytes_limit"] - stats.get("bytes_in_use", 0) if "bytes_limit" in stats else None
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


def check_fits(compiled: Any, device: Any) -> None:
    """Raises InputError where a compiled step needs more memory than `device` has left."""
    memory, free = compiled.memory_analysis(), free_bytes(device)
    if memory is None or free is None:
        return
    needed = memory.temp_size_in_bytes + max(memory.output_size_in_bytes - memory.alias_size_in_bytes, 0)
    if needed > free:
        raise InputError(
            f"A step needs {needed / 2**30:.3g} GiB of working memory, and {free / 2**30:.3g} GiB are free. Use a "
            "smaller config.train.batch_size, or config.meta.remat=True (half the memory, a quarter more time), "
            "config.train.precision=bfloat16, or a meta-gradient through the last layers only "
            "(config.meta.cotangents.name=keep_last)."
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
