"""What the training loop adds to its compiled step: drawing rows, calling, bookkeeping.

    python -m experiments.benchmark.loop --config configs/digits.py:mw_net --steps 400

The loop runs twice, for some steps and for twice as many, so that what happens once (compiling, the last checkpoint)
cancels; the same compiled step is then called as often with rows that stay on the device. Both take turns.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

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
from meta_noise.train.compiled import compile_started, start
from meta_noise.train.job import Job
from meta_noise.train.loop import train
from meta_noise.train.sharding import Placement, placement

QUIET = {"train": {"checkpoint_seconds": 1e9, "warmup_epochs": 0}}


def main(arguments: list[str] | None = None) -> int:
    """Returns 0, or 2 where something given is wrong."""
    parser = argparse.ArgumentParser(prog="python -m experiments.benchmark.loop", description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="configs/digits.py:mw_net")
    parser.add_argument("--model", default="", help="another network than the config's")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    try:
        ratios = measure(load(options.config), options.model, options.steps, options.pairs, console)
    except InputError as error:
        console.print(f"error: {error}")
        return 2
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    console.print(f"time per step in the loop / bare step: {middle:.3f} ({low:.3f} to {high:.3f}), {len(ratios)} pairs")
    return 0


def measure(given: dict[str, Any], model: str, steps: int, pairs: int, console: Console) -> list[float]:
    """Returns the ratio of a step in the loop to a bare one, for every pair."""
    changes = merge(QUIET, {"model": {"name": model}}) if model else QUIET
    config = resolved(parse(merge(given, changes)))
    where = placement(1)
    job = _job(config, where)
    calendar = job.settings.calendar
    epochs = max(steps // calendar.epoch, 1)
    steps = epochs * calendar.epoch
    bare, ratios = _bare(job, where), []
    for pair in range(pairs):
        short, long = (_loop(_of_length(job, n), where) for n in (epochs, 2 * epochs))
        in_loop, alone = (long - short) / steps, bare(steps) / steps
        ratios.append(in_loop / alone)
        console.print(f"pair {pair + 1}: {in_loop * 1e3:.3f} ms in the loop, {alone * 1e3:.3f} ms bare")
    return ratios


def _of_length(job: Job, epochs: int) -> Job:
    """Returns the job with so many epochs, of which the last one is evaluated."""
    calendar = job.settings.calendar
    calendar = calendar._replace(steps=calendar.warm + epochs * calendar.epoch)
    return job._replace(settings=job.settings._replace(calendar=calendar), eval_every=epochs)


def _job(config: Config, where: Placement) -> Job:
    source = registry.find("data.sources", config.data.name)(config.data.path)
    source = limited(source, config.data.limit, config.seed)
    with tempfile.TemporaryDirectory() as folder:
        prepared = prepare(source, config, Path(folder))
    return make_job(config, prepared, {}, where)._replace(evaluations={})


def _loop(job: Job, where: Placement) -> float:
    """Returns the seconds that the loop trains."""
    with tempfile.TemporaryDirectory() as folder:
        return train(job, where, Path(folder), Console(quiet=True)).seconds


def _bare(job: Job, where: Placement) -> Any:
    """Returns `(number of steps) -> seconds` of calling the compiled step with the same rows again and again."""
    draw, first = start(job, where)
    compiled, _, first = compile_started(job, where, draw, first)
    call = max((call for call in compiled if call.kind == "method"), key=lambda call: call.steps)

    def run(steps: int) -> float:
        carry = first(job.store, draw(0, 1))
        draws = jax.block_until_ready((carry, draw(0, call.steps)))[1]
        begin = time.perf_counter()
        for _ in range(steps // call.steps):
            carry = compiled[call](carry, job.store, draws)
        jax.block_until_ready(carry)
        return time.perf_counter() - begin

    return run


if __name__ == "__main__":
    sys.exit(main())
