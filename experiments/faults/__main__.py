"""Disturbs commands in thousands of trials and counts what failed.

    python -m experiments.faults [--only kills] [--share 0.1]

A line of `results.jsonl` is a batch of trials of one kind on one command; what is there is not run again. At the end
the table of the README is written.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from experiments.faults import bench, flips, kills
from experiments.faults.bench import METHODS, Bench
from experiments.faults.kills import Counted
from experiments.faults.table import RESULTS, write_table

SHORT = ("queue", "predict", "predict, Parquet", "export", "prepare")
LONG = ("clean", "ingest", "main, mw_net")


class Batch(NamedTuple):
    """Trials of one kind: the kind, on what, how many, and `(bench, count, counted) -> None`."""

    kind: str
    on: str
    count: int
    run: Callable[[Bench, int, Counted], None]


def batches(made: Bench) -> list[Batch]:
    """Returns all of them, the quick ones first."""
    commands = bench.trials(made)

    def of(kind: str, name: str, count: int, run: Callable, *seed: int) -> Batch:
        return Batch(kind, name, count, lambda made, count, counted: run(made, commands[name], count, counted, *seed))

    found = [of("kill at an operation", name, 0, kills.at_operations) for name in SHORT]
    found += [Batch("bit, looked at", f"a finished run ({n})", 320, _seeded(flips.looked_at, n)) for n in range(6)]
    found += [of("full disk", name, 60, kills.on_full_disks, 4) for name in SHORT]
    found += [of("kill at random", name, 120, kills.at_random, 2) for name in SHORT]
    found += [of("kill at an operation", name, 30, kills.at_operations) for name in LONG]
    found += [Batch("bit, gone on with", "a finished run", 60, _seeded(flips.gone_on_with, 9))]
    found += [of("full disk", name, 10, kills.on_full_disks, 5) for name in LONG]
    found += [of("two processes", name, 6, kills.in_pairs, 3) for name in ("queue", "export", *LONG)]
    others = [f"main, {method}" for method in METHODS if method != "mw_net"]
    found += [of("kill at an operation", name, 6, kills.at_operations) for name in others]
    found += [of("kill at random", name, 10, kills.at_random, 6) for name in LONG]
    return found


def _seeded(run: Callable, seed: int) -> Callable[[Bench, int, Counted], None]:
    return lambda made, count, counted: run(made, count, counted, seed)


def main() -> None:
    """Runs what is not in results.jsonl yet, then writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="kinds that begin so")
    parser.add_argument("--share", type=float, default=1.0, help="of the trials of a batch (default: all)")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    bench.settle()
    with tempfile.TemporaryDirectory() as folder:
        kills.compile_into(Path(folder) / "compiled")
        made = bench.make(Path(folder))
        lines = options.out.read_text().splitlines() if options.out.exists() else []
        done = {(line["kind"], line["on"]) for line in map(json.loads, lines)}
        for batch in batches(made):
            if (batch.kind, batch.on) in done or not batch.kind.startswith(options.only):
                continue
            count = batch.count and max(round(options.share * batch.count), 1)
            begin, counted = time.process_time(), Counted()
            batch.run(made, count, counted)
            line = {"kind": batch.kind, "on": batch.on, **vars(counted)}
            line["seconds"] = round(time.process_time() - begin, 1)
            with options.out.open("a") as file:
                file.write(json.dumps(line) + "\n")
            print(line, flush=True)
    write_table(options.out)


if __name__ == "__main__":
    main()
