"""`python -m meta_noise.main --config=FILE[:ARGUMENT] --workdir=DIR`: train, evaluate, export labels, write the report.

Single settings are changed by `--config.section.key=value`. The same command again resumes a run that was stopped.

Compiled steps are kept in ~/.cache/meta_noise/compiled, 1 GiB at most, so that the next run with the same step begins
sooner; delete the folder to empty it. --no-cache keeps nothing, nor does META_NOISE_CACHE=off in the environment;
META_NOISE_CACHE=DIR is another folder.

--multihost=auto|off|HOST:PORT,COUNT,INDEX: several processes, on one machine or on many, train one network. auto finds
TPU pods, SLURM, Kubernetes and Open MPI; else every process is told the coordinator (the machine of process 0 and a
free port there), how many there are, and which one it is, from 0. --workdir has to be shared by all.

Exit codes: 0 finished; 2 something given is wrong; 130 and 143 stopped by SIGINT and SIGTERM, after a checkpoint.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import ml_collections
from absl import flags
from ml_collections import config_dict, config_flags
from rich.console import Console

from meta_noise.config.file import load
from meta_noise.config.help import settings_help
from meta_noise.config.parse import parse, to_dict
from meta_noise.config.schema import SECTIONS
from meta_noise.disk.limits import limit
from meta_noise.errors import InputError, NotFiniteError, StoppedError, failure, place_of, unknown_name
from meta_noise.hosts.address import Address
from meta_noise.hosts.address import parse as parse_address
from meta_noise.hosts.kept_memory import keep_memory
from meta_noise.hosts.signals import answered
from meta_noise.terminal import open_console, say

OK, WRONG_INPUT, SIGNAL, CLOSED = 0, 2, 128, 141  # SIGNAL: and its number
USAGE = "Usage: python -m meta_noise.main --config=FILE.py[:ARGUMENT] --workdir=DIR [--config.section.key=value]"


def run(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0 finished, 2 something given is wrong (one sentence on stderr), 130 and 143 stopped."""
    words, is_process = list(sys.argv if arguments is None else arguments), arguments is None
    return guarded(lambda: _train(_parse(words), is_process))


def guarded(command: Callable[[], int]) -> int:
    """Returns the exit code of a command; what a user can put right is said in one sentence on stderr.

    Where nobody reads on (`meta-noise --help | head -1`), it ends in silence, with the code that a shell gives then.
    """
    try:
        return _answered(command)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at its end
        return CLOSED


def _answered(command: Callable[[], int]) -> int:
    errors = open_console(of_errors=True)
    try:
        with answered(_leave_at_once):
            return command()
    except BrokenPipeError:
        raise
    except (Exception, SystemExit) as error:
        if (found := told(error)) is None:
            raise
        sentence, code = found
        say(errors, sentence if code > SIGNAL else f"error: {sentence}")
        return code
    finally:
        sys.stdout.flush()


def told(error: BaseException) -> tuple[str, int] | None:
    """Returns the sentence and the exit code that an error is answered with, None for one that is not foreseen."""
    if isinstance(error, InputError | NotFiniteError):
        return str(error), WRONG_INPUT
    if isinstance(error, StoppedError):
        return str(error), SIGNAL + error.number
    if (sentence := limit(error)) is not None:  # the disk and the memory tell of their limits in many ways
        return sentence, WRONG_INPUT
    if place_of(error):  # a function of the user's own, called while the step is compiled
        return str(failure("Code of your own", error)), WRONG_INPUT
    return None


def _leave_at_once(number: int, frame: Any) -> None:
    """Ends the process on SIGINT or SIGTERM with one sentence; while the training loop runs it listens itself.

    An exception would not do: libraries that call back into Python while they compile or clean up swallow it.
    """
    os.write(2, b"Stopped; the same command again goes on from the last checkpoint, if there was one yet.\n")
    os._exit(SIGNAL + number)


def keep_compiled(console: Console) -> None:
    """Keeps what is compiled from here on for the next command, unless the environment says otherwise."""
    from meta_noise.train.cache import compilation_cache, is_off, usual_folder

    if compilation_cache() is None and not is_off():
        say(console, f"Compiled steps are not kept: {usual_folder()} is not a folder of yours that can be written to.")


class Words(NamedTuple):
    """What the command line says: `config` is a file, maybe with an argument, `overrides` change single settings."""

    config: str
    overrides: list[str]
    workdir: str
    keep: bool
    hosts: Address | str


def _train(words: Words, is_process: bool) -> int:
    config = _config(words) if words.hosts == "off" else None  # a typing error should not cost the import of jax
    if is_process:
        keep_memory()

    from meta_noise.hosts import exchange
    from meta_noise.hosts.together import together
    from meta_noise.runs import run as runs

    with together(words.hosts, told):
        config = _config(words) if config is None else config  # what is wrong on one host alone is told to all
        console = open_console()
        console.quiet = not exchange.is_first()
        if words.keep:
            keep_compiled(console)
        runs.print_results(runs.run(config, words.workdir, console), words.workdir, console)
    return OK


def _parse(arguments: list[str]) -> Words:
    """Returns the words of a command line; InputError where they are not as they should be."""
    first = flags.FlagValues()
    file = flags.DEFINE_string("config", None, "Config file, maybe with an argument.", flag_values=first)
    workdir = flags.DEFINE_string("workdir", None, "Folder for the run.", flag_values=first)
    keeps_nothing = flags.DEFINE_bool("no-cache", False, "Keep nothing that is compiled.", flag_values=first)
    hosts = flags.DEFINE_string("multihost", "off", "auto, off, or HOST:PORT,COUNT,INDEX.", flag_values=first)
    wants_help = flags.DEFINE_bool("help", False, "Show this help.", short_name="h", flag_values=first)
    is_override = [argument.lstrip("-").startswith("config.") for argument in arguments]
    overrides = [argument for argument, it_is in zip(arguments, is_override, strict=True) if it_is]
    with _one_sentence():
        rest = first([argument for argument, it_is in zip(arguments, is_override, strict=True) if not it_is])
    if wants_help.value:
        print(f"{__doc__}\nSettings, with their defaults; those of a config file come first:\n{settings_help()}")
        raise SystemExit(OK)
    if len(rest) > 1:
        raise InputError(f"Unexpected argument {rest[1]!r}. {USAGE}")
    if not file.value or not workdir.value:
        raise InputError(f"Both --config and --workdir are needed. {USAGE}")
    return Words(
        file.value, [arguments[0], *overrides], workdir.value, not keeps_nothing.value, parse_address(hosts.value)
    )


def _config(words: Words) -> dict[str, Any]:
    """Returns the complete config as a dictionary."""
    with _one_sentence():
        config = ml_collections.ConfigDict(to_dict(parse(load(words.config))))
        second = flags.FlagValues()
        if any(word.lstrip("-").startswith("config.method.loss_settings.") for word in words.overrides):
            config.method.loss_settings = config.method.get("loss_settings") or {}
        if config.meta.reuse_virtual is None:  # neither True nor False, but either can be given
            config.meta.reuse_virtual = config_dict.placeholder(bool)
        config_flags.DEFINE_config_dict(
            "config",
            config,
            lock_config=False,
            accept_new_attributes=True,
            sys_argv=words.overrides,
            flag_values=second,
        )
        second(words.overrides)
        return config.to_dict()


@contextlib.contextmanager
def _one_sentence() -> Iterator[None]:
    """Answers what the libraries of flags raise with an InputError."""
    try:
        yield
    except KeyError as error:
        section = str(error.args[0]).strip("'\"").split("'")[0].split("\\")[0]
        raise unknown_name("config section", section, SECTIONS) from error
    except InputError:
        raise
    except (flags.Error, TypeError, ValueError) as error:
        raise InputError(f"{' '.join(str(error).split())}. {USAGE}") from error


if __name__ == "__main__":
    sys.exit(run())
