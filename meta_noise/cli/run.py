"""`meta-noise COMMAND`: own data without a config, and sets of image files; the rest is `python -m meta_noise.main`.

A command is imported once its arguments have been read and checked, so that help and wrong arguments cost no more than
they must.
"""

import argparse
import importlib
import sys
from typing import NoReturn

from meta_noise import main
from meta_noise.cli.arguments import COMMANDS
from meta_noise.cli.checks import check
from meta_noise.cli.words import told
from meta_noise.errors import InputError, NotFiniteError, unknown_name
from meta_noise.hosts.kept_memory import keep_memory
from meta_noise.terminal import open_console
from meta_noise.version import __version__

EPILOG = "meta-noise --config=FILE.py --workdir=DIR trains as a config says (python -m meta_noise.main --help)."


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, as everything else here."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message[:1].upper()}{message[1:]}. See {self.prog} --help.")


def run(arguments: list[str] | None = None) -> int:
    """Returns the exit code, as `main.run`."""
    words, is_process = list(sys.argv[1:] if arguments is None else arguments), arguments is None
    if words and words[0].startswith("-") and any(word.startswith("--config") for word in words):
        return main.run(None if is_process else ["meta-noise", *words])
    return main.guarded(lambda: _command(words, is_process))


def _command(arguments: list[str], is_process: bool) -> int:
    if zero := [word for word in arguments if "\0" in word]:
        raise InputError(f"{zero[0]!r:.80} holds a zero byte, which neither a name nor a path can have.")
    if arguments and not arguments[0].startswith("-") and arguments[0] not in COMMANDS:
        raise unknown_name("command", arguments[0], COMMANDS)
    if any(word.split("=")[0] == "--multihost" for word in arguments):
        name = next((word for word in arguments if word in COMMANDS), "COMMAND")
        raise InputError(f"meta-noise {name} runs on one host, on all of its devices. Leave --multihost out.")
    options = _parser().parse_args(arguments)
    try:
        check(options)
        if is_process and "no_cache" in options:  # it compiles
            keep_memory()
        command, console = importlib.import_module(f"meta_noise.cli.{options.command}"), open_console()
        if not getattr(options, "no_cache", True):
            main.keep_compiled(console)
        return command.run(options, console)
    except (InputError, NotFiniteError) as error:
        if told(str(error)) == str(error):
            raise
        raise type(error)(told(str(error))) from error


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="meta-noise",
        description="Classifiers from noisy labels.",
        epilog=f"{_examples(*(command.examples[0] for command in COMMANDS.values()))}\n\n{EPILOG}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"meta-noise {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    for name, command in COMMANDS.items():
        own = commands.add_parser(
            name,
            help=command.about,
            description=command.description,
            epilog=_examples(*command.examples),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add(own)
    return parser


def _examples(*lines: str) -> str:
    return "\n".join(["examples:", *(f"  meta-noise {line}" for line in lines)])


if __name__ == "__main__":
    sys.exit(run())
