"""Errors that the command line answers with one sentence and exit code 2."""

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """A setting, file or array given by the user is wrong; the message says what would be right."""


class DataNotFoundError(InputError, FileNotFoundError):
    """A data set is not where the user said; the message names the path and how to get the files."""

    def __str__(self) -> str:  # FileNotFoundError would print an errno tuple
        return str(self.args[0])


class NotFiniteError(RuntimeError):
    """Training diverged; the message names step, quantity and last good checkpoint."""


class StoppedError(RuntimeError):
    """The run was asked to stop, and has saved what it needs to continue."""


def unknown_name(kind: str, name: str, choices: Iterable[str]) -> InputError:
    """Returns the error for an unknown `name`, with all choices and the nearest one."""
    choices = sorted(choices)
    near = difflib.get_close_matches(name, choices, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return InputError(f"Unknown {kind} {name!r}.{hint} Choices: {', '.join(choices)}.")
