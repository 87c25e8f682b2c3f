"""`meta-noise ingest RUN ANSWERS.csv`: answered rows become trusted, and a next round trains on."""

import argparse

from rich.console import Console

from meta_noise.cleaning.rounds import ingest
from meta_noise.runs.run import print_results


def run(options: argparse.Namespace, console: Console) -> int:
    """Returns 0 when the next round has finished.

    Raises:
        InputError: the run, its data or an answer are not usable.
    """
    fitted = ingest(
        options.run,
        options.answers,
        options.out,
        method=options.method,
        epochs=options.epochs,
        data=options.data,
        console=console,
        allow=options.allow,
        encoder=options.encoder,
    )
    assert fitted.folder is not None
    print_results(fitted, fitted.folder, console)
    return 0
