"""`meta-noise ingest RUN ANSWERS.csv`: answered rows become trusted, and a next round trains on."""

import argparse
from pathlib import Path

from rich.console import Console

from meta_noise.cleaning.moves import check_copy
from meta_noise.cleaning.rounds import ingest
from meta_noise.cli.clean import say_corrected
from meta_noise.data.origin import read_origin
from meta_noise.runs.run import print_results


def run(options: argparse.Namespace, console: Console) -> int:
    """Returns 0 when the next round has finished.

    Raises:
        InputError: the run, its data or an answer are not usable.
    """
    if options.copy_to:
        check_copy(options.data or read_origin(Path(options.run)).data, Path(options.copy_to))
    fitted = ingest(
        options.run,
        options.answers,
        options.out,
        method=options.method,
        epochs=options.epochs,
        data=options.data,
        console=console,
        allow=options.allow,
        answer=options.answer,
        answer_id=options.answer_id,
        encoder=options.encoder,
    )
    assert fitted.folder is not None
    print_results(fitted, fitted.folder, console)
    say_corrected(fitted.folder, options.copy_to, console)
    return 0
