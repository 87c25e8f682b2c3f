"""`meta-noise queue RUN --n 200`: the rows most worth a human look, as CSV and as a page that takes the answers."""

import argparse

from rich.console import Console

from meta_noise.cleaning.asking import queue
from meta_noise.terminal import say


def run(options: argparse.Namespace, console: Console) -> int:
    """Returns 0 when both files are written.

    Raises:
        InputError: the run or its data are not usable.
    """
    folder = queue(
        options.run,
        options.n,
        options.out,
        seed=options.seed,
        data=options.data,
        tools=options.tools,
        issues=options.issues,
    )
    say(
        console,
        f"Open {folder / 'queue.html'} in a browser and answer; the same rows are in {folder / 'queue.csv'}. "
        f"Then: meta-noise ingest {options.run} ANSWERS.csv",
    )
    names = sorted(path.name for tool in options.tools for path in folder.glob(f"{tool.replace('-', '_')}.*"))
    if names:
        say(console, f"For other tools: {', '.join(names)} there. Their exports go to the same ingest.")
    return 0
