"""Results over repeats as a Markdown table: mean and standard error over seeds."""

import math
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from meta_noise.errors import InputError
from meta_noise.report.files import number, read_results

MEASURES = ("last", "best", "selected")
NONE = "-"
Key = tuple[str, ...]


def results_table(
    runs: Sequence[str | Path | Mapping[str, Any]],
    rows: Sequence[str] = ("method",),
    columns: Sequence[str] = (),
    measures: Sequence[str] = MEASURES,
) -> str:
    """Returns a Markdown table of accuracies in per cent, repeats grouped: "mean ± standard error" and their number.

    A repeat is a run that differs only in its seed. Two runs of one cell with the same seed differ in something
    else, so they are refused with the names of what differs: add one of them to `rows` or `columns`.

    Args:
        runs: run folders, or the contents of their results.json.
        rows: keys of results.json whose values make a row, with dots for nested ones: `("method", "noise.rate")`.
        columns: keys whose values stand side by side; none puts every run of a row into the same cells.
        measures: which shares to show in per cent: accuracies "last", "best", "selected", "last10", or other keys.

    Example:
        `results_table(folders, rows=("method",), columns=("noise.rate",), measures=("selected",))`
    """
    results = [_results(run) for run in runs]
    if not results:
        raise InputError("A results table needs at least one run; the list is empty.")
    cells: dict[tuple[Key, Key], list[Mapping[str, Any]]] = {}
    for result in results:
        place = _key(result, rows), _key(result, columns)
        cells.setdefault(place, []).append(result)
    for (row, column), group in cells.items():
        _refuse_equal_seeds(group, [f"{k} = {v}" for k, v in zip((*rows, *columns), row + column, strict=True)])

    row_keys = sorted({row for row, _ in cells}, key=_order)
    column_keys = sorted({column for _, column in cells}, key=_order)
    header, titles = list(rows), [measure.replace("_", " ") for measure in measures]
    for column in column_keys:
        place_name = ", ".join(f"{k} {v}" for k, v in zip(columns, column, strict=True))
        header += [place_name] if columns and len(measures) == 1 else [f"{place_name} {m}".strip() for m in titles]
    lines = [[*header, "seeds"], ["---"] * len(rows) + ["---:"] * (len(header) - len(rows) + 1)]
    for row in row_keys:
        groups = [cells.get((row, column), []) for column in column_keys]
        sizes = sorted({len(group) for group in groups if group})
        numbers = [_cell(group, measure) for group in groups for measure in measures]
        seeds = str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
        lines.append([*row, *numbers, seeds])
    return "\n".join("| " + " | ".join(_escape(cell) for cell in line) + " |" for line in lines) + "\n"


def mean_and_error(values: Sequence[float]) -> tuple[float, float | None]:
    """Returns the mean and its standard error, None for a single value."""
    error = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else None
    return statistics.fmean(values), error


def _results(run: str | Path | Mapping[str, Any]) -> Mapping[str, Any]:
    return run if isinstance(run, Mapping) else read_results(Path(run))


def _key(result: Mapping[str, Any], names: Sequence[str]) -> Key:
    return tuple(_text(_value(result, name)) for name in names)


def _value(result: Mapping[str, Any], name: str) -> Any:
    value: Any = result
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str:
    if value is None:
        return NONE
    return f"{value:g}" if isinstance(value, float) else str(value)


def _order(key: Key) -> list[tuple[bool, float, str]]:
    """Sorts numbers by value, before words."""
    result = []
    for part in key:
        try:
            result.append((False, float(part), part))
        except ValueError:
            result.append((True, 0.0, part))
    return result


def _cell(group: Sequence[Mapping[str, Any]], measure: str) -> str:
    found = [(number(result, "accuracy", measure), number(result, *measure.split("."))) for result in group]
    values = [value for one, other in found if (value := other if one is None else one) is not None]
    if not values:
        return NONE
    mean, error = mean_and_error(values)
    missing = f" ({len(values)})" if len(values) < len(group) else ""
    return f"{100 * mean:.2f}" + ("" if error is None else f" ± {100 * error:.2f}") + missing


def _refuse_equal_seeds(group: Sequence[Mapping[str, Any]], place: Sequence[str]) -> None:
    seen: dict[Any, Mapping[str, Any]] = {}
    for result in group:
        seed = _text(result.get("seed"))
        if seed == NONE:
            continue
        if seed in seen:
            differing = [name for name in _leaves(result) if _value(result, name) != _value(seen[seed], name)]
            settings = [name for name in differing if not name.startswith(("accuracy", "seconds", "versions"))]
            hint = f"They differ in {', '.join(settings)}: add one to rows or columns." if settings else "Drop one."
            raise InputError(f"Two runs with {', '.join(place)} have seed {seed}. {hint}")
        seen[seed] = result


def _leaves(values: Mapping[str, Any], prefix: str = "") -> list[str]:
    names: list[str] = []
    for key, value in values.items():
        names += _leaves(value, f"{prefix}{key}.") if isinstance(value, Mapping) else [f"{prefix}{key}"]
    return names


def _escape(cell: str) -> str:
    return " ".join(cell.split()).replace("|", "\\|")
