"""Is what a data set or a noise returns what it must be? Asked of all, for those of a user's own by dotted path.

What is wrong is said in one sentence with the file and line of the function, before anything is computed with it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from meta_noise.data.corruption import Noisy
from meta_noise.data.images.streamed import Streamed
from meta_noise.data.source import Source, check_unique
from meta_noise.errors import InputError, defined_at


def check_source(found: Any, function: Callable[..., Any], what: str) -> Source:
    """Returns the source that a data set gave, or raises InputError naming the part of it that is not as it must be.

    Args:
        found: what the function returned.
        function: of the data set.
        what: what it is called, such as "data 'my_package.my_set'".
    """
    if not isinstance(found, Source):
        raise _not_so(found, function, what, "a meta_noise.data.source.Source")
    count = len(found.labels) if isinstance(found.labels, np.ndarray) and found.labels.ndim else 0
    problem = (
        _names_problem(found)
        or _inputs_problem(found.inputs, count)
        or _whole_problem("labels", found.labels, count, 0, len(found.class_names))
        or _rows_problem("ids", found.ids, count, "U", "texts")
        or (found.true_labels is not None and _whole_problem("true_labels", found.true_labels, count, 0, None))
        or (found.trusted is not None and _rows_problem("trusted", found.trusted, count, "b", "True or False"))
    )
    if problem:
        raise InputError(f"{_called(function, what)} gives {problem}.")
    try:
        check_unique(found.ids, _called(function, what))
    except InputError as error:
        raise InputError(str(error)) from error
    return found


def check_noisy(
    found: Any, function: Callable[..., Any], what: str, rows: int, classes: int, settings: Mapping[str, Any]
) -> Noisy:
    """Returns what a noise gave for so many rows and classes, or raises InputError as `check_source` does.

    `settings` are those of the noise; one that names rows of other data sets has `sources` and `paths`.
    """
    if not isinstance(found, Noisy):
        raise _not_so(found, function, what, "a meta_noise.data.corruption.Noisy")
    matrix, square = found.transition, (classes, classes)
    problem: str | bool = _whole_problem("labels", found.labels, rows, 0, classes)
    if not problem and not (
        isinstance(matrix, np.ndarray)
        and matrix.shape == square
        and matrix.dtype.kind in "fiu"
        and np.isfinite(matrix).all()
    ):
        problem = f"transition {_told(matrix)}; it must be finite numbers of shape {square}"
    if not problem and found.foreign is not None:
        problem = _whole_problem("foreign", found.foreign, rows, -1, None)
        if not problem and not {"sources", "paths"} <= settings.keys():
            problem = "foreign rows without the settings `sources` and `paths`, which say whose rows they are"
    if problem:
        raise InputError(f"{_called(function, what)} gives {problem}.")
    return found


def _called(function: Callable[..., Any], what: str) -> str:
    return f"{what[0].upper()}{what[1:]}{defined_at(function)}"


def _not_so(found: Any, function: Callable[..., Any], what: str, right: str) -> InputError:
    return InputError(f"{_called(function, what)} must return {right}, got {_told(found)}.")


def _told(value: Any) -> str:
    """Returns a value of any kind in a few words."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} of shape {value.shape}"
    return f"{type(value).__name__} {value!r:.60}"


def _names_problem(found: Source) -> str:
    names = found.class_names
    if isinstance(names, str) or not isinstance(names, Sequence) or not names:
        return f"class_names {_told(names)}; they must be a tuple of texts, one for each class"
    if not all(isinstance(name, str) for name in names):
        return f"class_names {names!r:.60}; every name must be a text"
    if not isinstance(found.name, str):
        return f"name {_told(found.name)}; it must be a text"
    pair = found.statistics
    if pair is not None and not (isinstance(pair, tuple | list) and len(pair) == 2):
        return f"statistics {_told(pair)}; they must be a pair of means and deviations, or None"
    return ""


def _inputs_problem(inputs: Any, count: int) -> str:
    if isinstance(inputs, Streamed):
        return "" if len(inputs) == count else f"{len(inputs):,} inputs and {count:,} labels"
    if not isinstance(inputs, np.ndarray) or inputs.dtype.kind not in "uif" or inputs.ndim < 2:
        return f"inputs {_told(inputs)}; they must be an array [N, ...] of uint8, float32 or int32"
    if not count:
        return "no rows"
    if len(inputs) != count:
        return f"{len(inputs):,} inputs and {count:,} labels; there must be one for each row"
    if inputs.dtype.kind == "f" and not np.isfinite(inputs).all():
        row = int(np.argmin(np.isfinite(inputs).reshape(count, -1).all(axis=1)))
        return f"inputs that are not finite, first in row {row}"
    return ""


def _rows_problem(name: str, values: Any, count: int, kinds: str, right: str) -> str:
    if not isinstance(values, np.ndarray) or values.dtype.kind not in kinds or values.shape != (count,):
        return f"{name} {_told(values)}; they must be an array [{count:,}] of {right}"
    return ""


def _whole_problem(name: str, values: Any, count: int, least: int, below: int | None) -> str:
    if problem := _rows_problem(name, values, count, "iu", "whole numbers"):
        return problem
    outside = (values < least) | (False if below is None else values >= below)
    if outside.any():
        row = int(np.argmax(outside))
        right = f"{least} or more" if below is None else f"{least}..{below - 1}"
        return f"{name}[{row}] = {values[row]}; they must be {right}"
    return ""
