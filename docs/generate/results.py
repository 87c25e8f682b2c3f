"""Results of sweeps, from experiments/*/results.jsonl, and tables of them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from docs.generate.marks import ROOT, table

VARIANTS = {"method", "meta", "model", "train", "optimizer"}  # sections by whose changes a run is a variant
NAMES = {"clean": "clean rows alone", "both": "noisy and clean rows"}


class Cell(NamedTuple):
    """Runs of one row of a table that differ in the seed.

    Attributes:
        method: name of the method, or which rows a plain run learned.
        data: name of the data set.
        noise: kind of noise.
        rate: its rate.
        is_pseudo: no row was trusted.
        overrides: settings that differ from those of the config.
        runs: lines of results.jsonl.
    """

    method: str
    data: str
    noise: str
    rate: float
    is_pseudo: bool
    overrides: dict[str, Any]
    runs: list[dict[str, Any]]


def cells(experiment: str) -> list[Cell]:
    """Returns the cells of an experiment; runs that diverged are in none."""
    found: dict[str, Cell] = {}
    path = ROOT / "experiments" / experiment / "results.jsonl"
    for line in path.read_text("utf-8").splitlines():
        run = json.loads(line)
        if "diverged" in run:
            continue
        rows, noise = run["clean_set"]["training_rows"], run["noise"]
        name, is_pseudo = run["method"], run["clean_set"].get("pseudo", False)
        if name == "supervised":  # other methods may learn trusted rows by themselves
            name = NAMES.get(rows, name)
        overrides = run.get("overrides", {})
        size = None if is_pseudo else run["clean_set"]["size"]  # a guessed set has as many rows as are found
        key = json.dumps([name, run["data"], noise["kind"], noise["rate"], is_pseudo, overrides, size])
        cell = found.setdefault(key, Cell(name, run["data"], noise["kind"], noise["rate"], is_pseudo, overrides, []))
        cell.runs.append(run)
    return list(found.values())


def mean_error(runs: Sequence[dict[str, Any]], measure: str = "last") -> tuple[float, float]:
    """Returns mean and standard error in per cent; the error is NaN of one run."""
    values = 100 * np.array([run["accuracy"].get(measure, run.get(measure)) for run in runs], float)
    error = values.std(ddof=1) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    return float(values.mean()), float(error)


def shown(cell: Cell | None, measure: str = "last") -> str:
    """Returns mean and standard error as text, empty without a cell."""
    if cell is None:
        return ""
    value, error = mean_error(cell.runs, measure)
    return f"{value:.1f}" if np.isnan(error) else f"{value:.1f} ± {error:.1f}"


def find(found: Sequence[Cell], method: str, noise: tuple[str, float], is_pseudo: bool | None = None) -> Cell | None:
    """Returns the cell of a method with the settings of the config under a noise, the first where several fit."""
    for cell in found:
        same = cell.method == method and (cell.noise, cell.rate) == noise and not VARIANTS & set(cell.overrides)
        if same and is_pseudo in (None, cell.is_pseudo):
            return cell
    return None


def titled(method: str) -> str:
    """Returns what a method, or which rows a plain run learned, is called in a table."""
    return method if method in NAMES.values() else f"`{method}`"


def by_noise(experiment: str, noises: Sequence[tuple[str, float, str]], methods: Sequence[str]) -> str:
    """Returns a table of last accuracies, methods by those of the noises that were run, without trusted rows apart."""
    found = cells(experiment)
    return by_column(
        {title: [cell for cell in found if (cell.noise, cell.rate) == (kind, rate)] for kind, rate, title in noises},
        methods,
    )


def by_column(columns: Mapping[str, Sequence[Cell]], methods: Sequence[str]) -> str:
    """Returns a table of methods by columns: title -> cells that differ in their method alone, or in their settings."""
    columns, rows = {title: found for title, found in columns.items() if found}, []
    for method in methods:
        for is_pseudo in (False, True):
            mine = [find(found, method, (found[0].noise, found[0].rate), is_pseudo) for found in columns.values()]
            if any(mine):
                name = titled(method)
                rows.append((f"{name}, no trusted row" if is_pseudo else name, *map(shown, mine)))
    return table(("method", *columns), rows, 1)
