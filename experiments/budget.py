"""Says what the cells of a sweep that are not run yet will cost on a device, from their traced steps.

    python -m experiments.budget digits_methods --tflops=0.02 --price=0
    python -m experiments.budget cifar10n_10k --data=data/cifar10 --tflops=15 --price=2.5

Nothing is compiled or run. `--tflops` is what the device sustains on such networks, not what is printed on it: that of
plain training of the same network, its operations per step divided by the seconds of one, both of which a run prints.
Steps of a warm-up count as those of the method, evaluation and compiling are left out.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import jax
from rich.console import Console

from experiments import ledger
from experiments.cell import Cell
from experiments.sweep import cells_of
from experiments.table import HERE, table
from meta_noise.build.defaults import resolved
from meta_noise.build.job import make_job
from meta_noise.config import registry
from meta_noise.config.argument import merge
from meta_noise.config.file import load
from meta_noise.config.parse import parse
from meta_noise.data.prepare import limited, prepare
from meta_noise.errors import InputError, unknown_name
from meta_noise.train.compiled import start
from meta_noise.train.draws import at
from meta_noise.train.sharding import placement
from meta_noise.train.steps import batches_of
from meta_noise.train.traced import traced


class Work(NamedTuple):
    """Steps of a cell, and floating-point operations of one."""

    steps: int
    flops: float


def main(arguments: list[str] | None = None) -> int:
    """Returns 0, or 2 where a cell cannot be made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="folder of experiments/, such as digits_methods")
    parser.add_argument("--data", default="", help="folder of the data set, in place of the one in the config")
    parser.add_argument("--tflops", type=float, required=True, help="10^12 operations a second of the device")
    parser.add_argument("--price", type=float, default=0.0, help="of an hour of the device")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    try:
        if not options.tflops > 0 or not options.price >= 0:
            raise InputError(
                f"need --tflops above 0 and --price of 0 or more, got {options.tflops} and {options.price}."
            )
        console.print(text_of(options.name, options.data, options.tflops, options.price), soft_wrap=True)
    except InputError as error:
        console.print(f"error: {error}", soft_wrap=True)
        return 2
    return 0


def text_of(name: str, data: str, tflops: float, price: float) -> str:
    """Returns a line per cell that is not run yet, and their sum.

    Raises:
        InputError: there is no such folder, or a cell cannot be made.
    """
    known = sorted(path.parent.name for path in HERE.glob("*/cells.py"))
    if name not in known:
        raise unknown_name("sweep", name, known)
    done = {result["cell"] for result in ledger.read(HERE / name / "results.jsonl")}
    left = [cell for cell in cells_of(HERE / name) if cell.key not in done]
    works: dict[str, Work] = {}
    lines, total = [], 0.0
    for cell in left:
        kind = cell.unseeded
        if kind not in works:
            works[kind] = work_of(cell, data)
        steps, flops = works[kind]
        hours = steps * flops / tflops / 1e12 / 3600
        total += hours
        lines.append([f"`{cell.key}`", f"{steps:,}", f"{flops / 1e9:.3g}", f"{hours:.3g}", f"{hours * price:.2f}"])
    lines.append([f"{len(left)} cells", "", "", f"{total:.3g}", f"{total * price:.2f}"])
    return table(("cell", "steps", "GFLOP a step", "hours", "price"), lines)


def work_of(cell: Cell, data: str) -> Work:
    """Returns the work of a cell; its data set is read, its step traced."""
    config = merge(load(cell.config), cell.overrides)
    settings = resolved(parse(merge(config, {"data": {"path": data}}) if data else config))
    what = settings.data
    source = registry.call(
        registry.find("data.sources", what.name), f"data {what.name!r}", {**what.settings, "part": "train"}, what.path
    )
    where = placement(settings.train.devices)
    with tempfile.TemporaryDirectory() as folder:
        job = make_job(settings, prepare(limited(source, what.limit, settings.seed), settings, Path(folder)), {}, where)
    draw, first = start(job, where)
    draws = draw(0, 1)

    def step(state, store, draws):
        return job.method.step(*batches_of(job.settings, state, store, at(draws, 0)))

    counts = traced(step, jax.eval_shape(first, job.store, draws).state, job.store, draws)
    return Work(job.settings.calendar.steps, counts.flops)


if __name__ == "__main__":
    sys.exit(main())
