"""`meta-noise cite RUN`: BibTeX of what a run used."""

import argparse
import sys

from rich.console import Console

from meta_noise.runs.cite import cite


def run(options: argparse.Namespace, console: Console) -> int:
    """Returns 0 when the entries are printed.

    Raises:
        InputError: it is no run folder.
    """
    del console  # the text is for a file, so nothing may break its lines
    sys.stdout.write(cite(options.run))
    return 0
