"""`meta-noise queue RUN --n 200`: the rows most worth a human look, as CSV and as a page that takes the answers."""

import argparse

from rich.console import Console

from meta_noise.terminal import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what the command takes."""
    parser.add_argument("run", help="folder of a finished run of `meta-noise clean` or `meta-noise ingest`")
    parser.add_argument("--n", type=int, default=200, help="rows to look at (default: 200)")
    parser.add_argument("--out", help="folder for queue.csv and queue.html (default: queue in the run folder)")
    parser.add_argument("--data", help="the data, where they are no longer at their old place")
    parser.add_argument("--seed", type=int, default=0, help="decides which rows are drawn by chance")


def run(options: argparse.Namespace, console: Console) -> int:
    """Returns 0 when both files are written.

    Raises:
        InputError: the run or its data are not usable.
    """
    from meta_noise.cleaning.rounds import queue  # jax takes a second to import, a typing error should not

    folder = queue(options.run, options.n, options.out, seed=options.seed, data=options.data)
    say(
        console,
        f"Open {folder / 'queue.html'} in a browser and answer; the same rows are in {folder / 'queue.csv'}. "
        f"Then: meta-noise ingest {options.run} ANSWERS.csv",
    )
    return 0
