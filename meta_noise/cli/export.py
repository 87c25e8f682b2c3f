"""`meta-noise export RUN`: the network as one function for JAX, with its class names and how to call it."""

import argparse

from rich.console import Console

from meta_noise.cli import allow
from meta_noise.terminal import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what the command takes."""
    parser.add_argument("run", help="folder of a finished run")
    parser.add_argument("--out", help="folder for function.jax and function.json (default: exported in the run folder)")
    allow.add_argument(parser)


def run(options: argparse.Namespace, console: Console) -> int:
    """Returns 0 when both files are written.

    Raises:
        InputError: the run is not usable, or the files exist.
    """
    from meta_noise.runs.function import export_function  # jax takes a second to import, a typing error should not

    folder = export_function(options.run, options.out, options.allow)
    say(console, f"function.jax and function.json, which says how to call it, are in {folder}.")
    return 0
