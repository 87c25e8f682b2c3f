"""`meta-noise ingest RUN ANSWERS.csv`: answered rows become trusted, and a next round trains on."""

import argparse

from rich.console import Console

from meta_noise.cli import allow


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what the command takes."""
    parser.add_argument("run", help="folder of the run that the answers are about; it is left as it is")
    parser.add_argument("answers", help="CSV with the columns id and answer, from the page of `meta-noise queue`")
    parser.add_argument("--out", help="folder for the next round (default: RUN-round2, then RUN-round3, ...)")
    parser.add_argument("--data", help="the data, where they are no longer at their old place")
    parser.add_argument("--method", default="", help="default: chosen, or as asked in a run with trusted rows")
    parser.add_argument("--epochs", type=int, default=0, help="default: a third of those of a new run")
    allow.add_argument(parser)


def run(options: argparse.Namespace, console: Console) -> int:
    """Returns 0 when the next round has finished.

    Raises:
        InputError: the run, its data or an answer are not usable.
    """
    from meta_noise.cleaning.rounds import ingest
    from meta_noise.runs.run import print_results  # jax takes a second to import, a typing error should not

    fitted = ingest(
        options.run,
        options.answers,
        options.out,
        method=options.method,
        epochs=options.epochs,
        data=options.data,
        console=console,
        allow=options.allow,
    )
    assert fitted.folder is not None
    print_results(fitted, fitted.folder, console)
    return 0
