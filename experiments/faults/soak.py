"""Prints the memory of a process while it trains for very long.

    python -m experiments.faults.soak --steps 50000

A network of one hidden layer on 200 made rows, evaluated and saved as often as an ordinary run would be. What counts is
the growth from the first tenth of the steps to the end.
"""

import argparse
import json
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from meta_noise import fit

ROWS, EPOCH = 200, 500  # rows; steps of an epoch
Say = Callable[[int, float], None]


def rss() -> float:
    """Returns the resident memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def soak(steps: int, method: str = "mw_net", say: Say = lambda step, memory: None) -> dict[int, float]:
    """Returns the memory in MiB by the step at which it was measured, ten times in a training of so many steps."""
    found: dict[int, float] = {}
    labels = np.arange(ROWS) % 2
    inputs = (np.random.default_rng(0).normal(size=(ROWS, 4)) + labels[:, None]).astype(np.float32)
    trusted = np.arange(ROWS) < 20
    train = {"steps": steps, "epoch_steps": EPOCH, "batch_size": 20, "clean_batch_size": 10, "devices": 1}
    config = {"train": {**train, "checkpoint_seconds": 5.0}, "model": {"hidden": [4]}}
    with tempfile.TemporaryDirectory() as folder:
        run, is_over = Path(folder) / "run", threading.Event()

        def watch() -> None:
            marks = list(range(steps // 10, steps + 1, steps // 10))
            while marks and not is_over.wait(0.05):
                if (step := _reached(run / "metrics.jsonl")) >= marks[0]:
                    found[step] = rss()
                    say(step, found[step])
                    marks = [mark for mark in marks if mark > step]

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            fit(inputs, labels, trusted=trusted, test=(inputs, labels), method=method, config=config, workdir=run)
        finally:
            is_over.set()
            watching.join()
    return found


def _reached(metrics: Path) -> int:
    """Returns the step of the last whole line of a run's metrics."""
    lines = metrics.read_text().splitlines(keepends=True) if metrics.is_file() else []
    whole = [line for line in lines[-2:] if line.endswith("\n")]
    return int(json.loads(whole[-1])["step"]) if whole else 0


def main() -> None:
    """Prints memory and growth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=50_000)
    parser.add_argument("--method", default="mw_net")
    options = parser.parse_args()
    found = soak(
        options.steps, options.method, lambda step, memory: print(f"step {step:,}: {memory:.1f} MiB", flush=True)
    )
    first, *_, last = found.values()
    print(f"growth from step {next(iter(found)):,} to {max(found):,}: {last - first:+.1f} MiB")


if __name__ == "__main__":
    main()
