"""Errors that the command line answers with one sentence and exit code 2."""

import difflib
import inspect
import signal
import sysconfig
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_LIBRARIES = (str(Path(__file__).parent), *{sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})


class InputError(ValueError):
    """A setting, file or array given by the user is wrong; the message says what would be right."""


class DataNotFoundError(InputError, FileNotFoundError):
    """A data set is not where the user said; the message names the path and how to get the files."""

    def __str__(self) -> str:  # FileNotFoundError would print an errno tuple
        return str(self.args[0])


class NotFiniteError(RuntimeError):
    """Training diverged; the message names step, quantity and last good checkpoint."""


class StoppedError(RuntimeError):
    """The run was asked to stop by a signal, whose `number` this is, and has saved what it needs to continue."""

    def __init__(self, message: str, number: int = signal.SIGINT):
        super().__init__(message)
        self.number = int(number)


def absent(path: Path) -> DataNotFoundError:
    """Returns the error for a path that does not exist, with what lies beside it under the most similar name."""
    beside = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, beside, n=1, cutoff=0.5)
    return DataNotFoundError(f"{path} does not exist." + (f" Did you mean {path.with_name(near[0])}?" if near else ""))


def unknown_name(kind: str, name: str, choices: Iterable[str]) -> InputError:
    """Returns the error for an unknown `name`, with all choices and the nearest one."""
    choices = sorted(choices)
    there = f"Choices: {', '.join(choices)}." if choices else "There are none."
    return InputError(f"Unknown {kind} {name!r}.{nearest(name, choices)} {there}")


def nearest(name: str, choices: Iterable[str]) -> str:
    """Returns " Did you mean 'x'?" with the choice that looks most like `name`, "" where none does."""
    near = difflib.get_close_matches(name, sorted(choices), n=1, cutoff=0.5)
    return f" Did you mean {near[0]!r}?" if near else ""


def place_of(error: BaseException) -> str:
    """Returns "FILE, line N" of the innermost part of the user's own code that an error went through, "" without any.

    The user's own is what lies neither in this package nor where Python and installed packages do.
    """
    if isinstance(error, SyntaxError) and error.filename and _is_own(error.filename):
        return f"{error.filename}, line {error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_own(frame.filename)]
    if frames:
        return f"{frames[-1].filename}, line {frames[-1].lineno}"
    return place_of(error.__cause__) if error.__cause__ is not None else ""


def _is_own(file: str) -> bool:
    parts = Path(file).parts
    libraries = file.startswith(("<", *(f"{folder}/" for folder in _LIBRARIES)))
    return not (libraries or "site-packages" in parts or "dist-packages" in parts)


def failure(what: str, error: BaseException) -> InputError:
    """Returns the error for code of the user's own that raised one: what failed, how, and where."""
    where = place_of(error)
    said = shown(error)
    return InputError(
        f"{what} fails with {type(error).__name__}{f': {said}' if said else ''}{f' ({where})' * bool(where)}."
    )


def shown(error: BaseException) -> str:
    """Returns the first paragraph of an error's message in one line, without the full stop."""
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return " ".join(text.strip().split("\n\n")[0].split()).removesuffix(".")


def defined_at(function: Callable[..., Any]) -> str:
    """Returns " (FILE, line N)" where a function or class is defined, "" where Python does not know."""
    try:
        function = inspect.unwrap(function)
        return f" ({inspect.getsourcefile(function)}, line {inspect.getsourcelines(function)[1]})"
    except (OSError, TypeError, ValueError):
        return ""
