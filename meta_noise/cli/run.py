"""`meta-noise COMMAND`: own data without a config, and sets of image files; the rest is `python -m meta_noise.main`."""

import argparse
import sys
from types import ModuleType
from typing import NoReturn

from meta_noise import main
from meta_noise.cli import clean, export, ingest, inspect, predict, prepare, queue
from meta_noise.errors import InputError
from meta_noise.terminal import open_console

COMMANDS: dict[str, tuple[ModuleType, str]] = {
    "inspect": (inspect, "look at your own data before any training: noise, duplicates, cost"),
    "clean": (clean, "train on your own data and suggest labels"),
    "queue": (queue, "write the rows most worth a human look"),
    "ingest": (ingest, "train on with the answers"),
    "predict": (predict, "classify new rows by a trained network"),
    "export": (export, "write the network as one function for JAX"),
    "prepare": (prepare, "prepare a published set of image files for training"),
}


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, as everything else here."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message[:1].upper()}{message[1:]}. See {self.prog} --help.")


def run(arguments: list[str] | None = None) -> int:
    """Returns the exit code, as `main.run`."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments and arguments[0].startswith("--config"):
        return main.run(["meta-noise", *arguments])
    return main.guarded(lambda: _command(arguments))


def _command(arguments: list[str]) -> int:
    parser = _Parser(
        prog="meta-noise",
        description="Classifiers from noisy labels.",
        epilog="meta-noise --config=FILE.py --workdir=DIR trains as a config says (python -m meta_noise.main).",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    for name, (module, about) in COMMANDS.items():
        module.add_arguments(commands.add_parser(name, help=about, description=module.__doc__))
    options = parser.parse_args(arguments)
    return COMMANDS[options.command][0].run(options, open_console())


if __name__ == "__main__":
    sys.exit(run())
