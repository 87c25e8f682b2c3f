"""Disturbs commands in thousands of trials and counts what failed.

    python -m experiments.faults [--only "kill at random"] [--on queue predict] [--share 0.1]

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
ROUNDS = 8


class Batch(NamedTuple):
    """Trials of one kind: the kind, on what, how many, and `(bench, count, counted) -> None`."""

    kind: str
    on: str
    count: int
    run: Callable[[Bench, int, Counted], None]


def batches(made: Bench) -> list[Batch]:
    """Returns all of them: every operation of quick commands, then rounds of trials at random moments and places."""
    commands = bench.trials(made)
    others = [f"main, {method}" for method in METHODS if method != "mw_net"]
    found = [_on("kill at an operation", name, commands[name], 0, kills.at_operations, 0) for name in SHORT]
    for n in range(ROUNDS):
        found.append(Batch("bit, looked at", f"a finished run ({n})", 320, _seeded(flips.looked_at, n)))
        for names, kind, count, run in (
            (SHORT, "full disk", 10, kills.on_full_disks),
            (SHORT, "kill at random", 20, kills.at_random),
            (LONG, "kill at an operation", 20, kills.at_operations),
            (LONG, "full disk", 4, kills.on_full_disks),
            (("queue", "export", *LONG), "two processes", 2, kills.in_pairs),
            (others, "kill at an operation", 3, kills.at_operations),
            (LONG, "kill at random", 4, kills.at_random),
        ):
            found += [_on(kind, f"{name} ({n})", commands[name], count, run, n) for name in names]
        found.append(Batch("bit, gone on with", f"a finished run ({n})", 40, _seeded(flips.gone_on_with, n)))
    return found


def _on(kind: str, name: str, trial: bench.Trial, count: int, run: Callable, seed: int) -> Batch:
    return Batch(kind, name, count, lambda made, count, counted: run(made, trial, count, counted, seed))


def _seeded(run: Callable, seed: int) -> Callable[[Bench, int, Counted], None]:
    return lambda made, count, counted: run(made, count, counted, seed)


def main() -> None:
    """Runs what is not in results.jsonl yet, then writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="kinds that begin so")
    parser.add_argument("--on", nargs="+", default=[""], help="commands that begin so")
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
            is_asked = batch.kind.startswith(options.only) and batch.on.startswith(tuple(options.on))
            if (batch.kind, batch.on) in done or not is_asked:
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
