"""`python -m meta_noise.main --config=FILE[:ARGUMENT] --workdir=DIR`: train, evaluate, export labels, write the report.

Single settings are changed by `--config.section.key=value`. The same command again resumes a run that was stopped.
"""

import os
import sys

from absl import flags
from ml_collections import config_flags
from rich.console import Console

from meta_noise.config import DEFAULTS
from meta_noise.errors import InputError, NotFiniteError, StoppedError, unknown_name

OK, FAILED, WRONG_INPUT, STOPPED = 0, 1, 2, 130


def run(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0 finished, 2 something given is wrong (one sentence on stderr), 130 stopped."""
    arguments = list(sys.argv if arguments is None else arguments)
    errors = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    try:
        config, workdir = _parse(arguments)
        return _train(config, workdir)
    except (InputError, NotFiniteError) as error:
        errors.print(f"error: {error}")
        return WRONG_INPUT
    except StoppedError as error:
        errors.print(str(error))
        return STOPPED
    except OSError as error:
        errors.print(f"error: {_about(error)}")
        return WRONG_INPUT


def _train(config: dict, workdir: str) -> int:
    from meta_noise import api  # after the flags: jax takes a second to import, a typing error should not

    console = Console(highlight=False)
    fitted = api.run(config, workdir, console)
    accuracy = fitted.results["accuracy"]
    if accuracy["last"] is not None:
        console.print(
            f"Accuracy on {accuracy['measured_on']} rows: last {accuracy['last']:.2%}, selected "
            f"{accuracy['selected']:.2%} (epoch {accuracy['selected_epoch']}), best {accuracy['best']:.2%}."
        )
    suspects = fitted.labels["is_label_issue"].to_pylist().count(True)
    console.print(f"{suspects:,} of {len(fitted.labels):,} labels look wrong; suggestions in {workdir}/labels.csv.")
    console.print(f"Report: {os.path.join(workdir, 'report.html')}", soft_wrap=True)
    return OK


def _parse(arguments: list[str]) -> tuple[dict, str]:
    """Returns the config as a dictionary and the run folder."""
    values = flags.FlagValues()
    config = config_flags.DEFINE_config_file(
        "config",
        None,
        "Config file, with an optional argument: FILE.py:ARGUMENT.",
        lock_config=False,
        accept_new_attributes=True,
        sys_argv=arguments,
        flag_values=values,
    )
    workdir = flags.DEFINE_string("workdir", None, "Folder for the run.", flag_values=values)
    usage = "Usage: python -m meta_noise.main --config=FILE.py[:ARGUMENT] --workdir=DIR [--config.section.key=value]"
    flags.DEFINE_bool("help", False, "Show this help.", short_name="h", flag_values=values)
    try:
        rest = values(arguments)
        if values["help"].value:
            print(f"{__doc__}\n{usage}")
            raise SystemExit(OK)
        if len(rest) > 1:
            raise InputError(f"Unexpected argument {rest[1]!r}. {usage}")
        if config.value is None or not workdir.value:
            raise InputError(f"Both --config and --workdir are needed. {usage}")
        return config.value.to_dict(), workdir.value
    except InputError:
        raise
    except KeyError as error:  # an override of a section that the file does not have
        raise unknown_name("config section", str(error.args[0]), DEFAULTS) from error
    except (flags.Error, OSError, AttributeError, TypeError, ValueError, SyntaxError, ImportError) as error:
        text = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{text} {usage}") from error


def _about(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror or error}{where}. Free space or change permissions, then run the same command: it resumes."


if __name__ == "__main__":
    sys.exit(run())
