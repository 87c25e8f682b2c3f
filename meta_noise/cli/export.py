"""`meta-noise export RUN`: the network as one function for JAX, with its class names and how to call it."""

import argparse

from rich.console import Console

from meta_noise.runs.function import export_function
from meta_noise.terminal import say


def run(options: argparse.Namespace, console: Console) -> int:
    """Returns 0 when both files are written.

    Raises:
        InputError: the run is not usable, or the files exist.
    """
    folder = export_function(options.run, options.out, options.allow)
    say(console, f"function.jax and function.json, which says how to call it, are in {folder}.")
    return 0
