"""What the training loop adds to its compiled step: drawing rows, calling, bookkeeping.

    python -m experiments.benchmark.loop --config configs/digits.py:mw_net --steps 2000

The loop trains, and the time from the end of its first epoch to that of the last but one is taken, so that what happens
once (compiling, the last checkpoint) is not counted. Its compiled program is then called for as many steps, one at a
time, with rows that stay on the device: the bare step. Both take turns. Beside the time that passes, that of the
processors is told, which others on the machine disturb less.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import jax
from rich.console import Console

from meta_noise.build.defaults import resolved
from meta_noise.build.job import make_job
from meta_noise.config import registry
from meta_noise.config.argument import merge
from meta_noise.config.file import load
from meta_noise.config.parse import parse
from meta_noise.config.schema import Config
from meta_noise.data.prepare import limited, prepare
from meta_noise.errors import InputError
from meta_noise.train import loop
from meta_noise.train.job import Job
from meta_noise.train.program import Program, make_program
from meta_noise.train.progress import Display
from meta_noise.train.refresh import drawer, no_split
from meta_noise.train.sharding import Placement, placement

QUIET = {"train": {"checkpoint_seconds": 1e9, "warmup_epochs": 0}}


class Clock(NamedTuple):
    """The seconds that have passed, and those that the process has computed."""

    wall: float
    processor: float

    @classmethod
    def now(cls) -> "Clock":
        """Returns the clocks."""
        return cls(time.perf_counter(), time.process_time())

    def since(self, begin: "Clock", steps: int) -> "Clock":
        """Returns the milliseconds of each of so many steps since `begin`."""
        return Clock(*((one - other) / steps * 1e3 for one, other in zip(self, begin, strict=True)))


def main(arguments: list[str] | None = None) -> int:
    """Returns 0, or 2 where something given is wrong."""
    parser = argparse.ArgumentParser(prog="python -m experiments.benchmark.loop", description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="configs/digits.py:mw_net")
    parser.add_argument("--model", default="", help="another network than the config's")
    parser.add_argument("--per-call", type=int, default=0, help="steps in one compiled call, 0: as the config says")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    changes: dict[str, Any] = {"model": {"name": options.model}} if options.model else {}
    if options.per_call:
        changes["train"] = {"steps_per_call": options.per_call}
    try:
        config = resolved(parse(merge(merge(load(options.config), QUIET), changes)))
        pairs = measure(config, options.steps, options.pairs, console)
    except InputError as error:
        console.print(f"error: {error}")
        return 2
    for name in Clock._fields:
        ratios = [getattr(inside, name) / getattr(alone, name) for inside, alone in pairs]
        low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
        console.print(f"step in the loop / bare step, {name} time: {middle:.3f} ({low:.3f} to {high:.3f})")
    return 0


def measure(config: Config, steps: int, pairs: int, console: Console) -> list[tuple[Clock, Clock]]:
    """Returns the milliseconds of a step in the loop and of a bare one, for every pair."""
    where = placement(1)
    job = _of_length(_job(config, where), steps)
    program = make_program(job, where)
    console.print(f"{program.calls.per_call} steps in a call")
    found = []
    for pair in range(pairs):
        found.append((_loop(job, where, program), _bare(job, where, program, steps)))
        inside, alone = found[-1]
        console.print(
            f"pair {pair + 1}: {inside.wall:.3f} ms in the loop, {alone.wall:.3f} ms bare; "
            f"of the processors {inside.processor:.3f} and {alone.processor:.3f} ms"
        )
    return found


def _of_length(job: Job, steps: int) -> Job:
    """Returns the job with about so many steps between the ends of its first and its last but one epoch."""
    calendar = job.settings.calendar
    epochs = max(steps // calendar.epoch, 1) + 2
    calendar = calendar._replace(steps=epochs * calendar.epoch)
    return job._replace(settings=job.settings._replace(calendar=calendar), eval_every=epochs)


def _job(config: Config, where: Placement) -> Job:
    source = registry.find("data.sources", config.data.name)(config.data.path)
    source = limited(source, config.data.limit, config.seed)
    with tempfile.TemporaryDirectory() as folder:
        prepared = prepare(source, config, Path(folder))
    return make_job(config, prepared, {}, where)._replace(evaluations={})


def _loop(job: Job, where: Placement, program: Program) -> Clock:
    """Returns the milliseconds of a step in the loop."""
    ends: list[tuple[int, Clock]] = []

    class Clocked(Display):
        def epoch(self, step: int, epoch: int, values: dict[str, float]) -> None:
            ends.append((step, Clock.now()))
            super().epoch(step, epoch, values)

    before = loop.Display, loop.make_program
    loop.Display, loop.make_program = Clocked, lambda *given: program  # type: ignore[misc,assignment]
    try:
        with tempfile.TemporaryDirectory() as folder:
            loop.train(job, where, Path(folder), Console(quiet=True))
    finally:
        loop.Display, loop.make_program = before  # type: ignore[misc]
    (first, begin), (last, end) = ends[0], ends[-2]
    return end.since(begin, last - first)


def _bare(job: Job, where: Placement, program: Program, steps: int) -> Clock:
    """Returns the milliseconds of a step of the compiled program, called again and again with the same rows."""
    calls = program.calls
    draws, _ = calls.ahead(drawer(job, where, no_split(job), 0)).of(0)
    carry = jax.block_until_ready(program.first().carry)
    begin = Clock.now()
    for _ in range(steps):
        carry = calls.programs["method"](carry, job.store, draws, *calls.numbers[:2])
    jax.block_until_ready(carry)
    return Clock.now().since(begin, steps)


if __name__ == "__main__":
    sys.exit(main())
