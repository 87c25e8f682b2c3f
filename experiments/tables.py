"""The tables of a sweep, written between marks of its README."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from experiments.marked import write_between
from meta_noise.report.table import results_table

START, END = "<!-- table: made by experiments.sweep -->", "<!-- end of table -->"
BY_CELL = "<!-- table: made by experiments.table -->"  # of a README whose tables are those of experiments.table
MEASURES = ("last", "best", "selected", "last10", "precision_at_100", "suggested_accuracy")


def write_tables(path: Path, results: list[dict]) -> bool:
    """Writes a table per setting (data, noise, rate, size of the clean set) between the marks of a README.

    Runs without clean rows stand in the first table of their data and noise. A README with tables by
    `experiments.table` is left as it is, and the answer False.
    """
    if path.exists() and BY_CELL in path.read_text(encoding="utf-8"):
        return False
    settings: dict[tuple, list[dict]] = {}
    diverged = [result["cell"] for result in results if "diverged" in result]
    for result in sorted((result for result in results if "diverged" not in result), key=_is_pseudo):
        noise = result["noise"]
        setting = (result["data"], noise["kind"], noise["rate"], result["clean_set"]["size"])
        if _is_pseudo(result):
            setting = next((other for other in settings if other[:3] == setting[:3]), (*setting[:3], 0))
        settings.setdefault(setting, []).append(result)
    parts = []
    for (data, kind, rate, size), group in settings.items():
        changes = [set(_changes(result)) for result in group]
        shared = set.intersection(*changes) if len(changes) > 1 else set()
        runs = [{**result, "method": _row_name(result, shared)} for result in group]
        realised = np.mean([run["noise"]["realised"] for run in runs])
        seconds: dict[str, list[float]] = {}
        for run in runs:
            seconds.setdefault(run["method"], []).append(run["seconds"])
        times = ", ".join(f"{name} {np.mean(values):.3g}" for name, values in seconds.items())
        device = " and ".join(sorted({run["versions"]["device"] for run in runs}))
        parts.append(f"**{data}: {kind} noise {rate:g} ({realised:.1%} wrong labels), {size} clean rows**\n")
        parts.append(results_table(runs, measures=MEASURES))
        parts.append(f"Seconds of training per run, {device}: {times}.\n")
    if diverged:
        parts.append("Not finite, so in no table: " + "; ".join(f"`{cell}`" for cell in diverged) + ".\n")
    write_between(path, START, END, "\n".join(parts))
    return True


def _changes(result: dict) -> list[str]:
    return [f"{key}={value}" for key, value in _flat(result.get("overrides", {}))]


def _row_name(result: dict, shared: Collection[str]) -> str:
    """Returns the method with what was changed for this row, but not for all rows of its table."""
    names = {"clean": "clean only", "both": "noisy + clean"}
    changed = ["no clean rows"] if _is_pseudo(result) else []
    changed += [change for change in _changes(result) if change not in shared]
    plain = result["method"] == "supervised"  # other methods may learn trusted rows by themselves
    name = names.get(result["clean_set"]["training_rows"]) if plain else None
    return ", ".join([name or result["method"], *changed])


def _is_pseudo(result: dict) -> bool:
    return result["clean_set"].get("pseudo", False)


def _flat(values: dict, prefix: str = "") -> list[tuple[str, Any]]:
    """Returns the dotted keys of a nested dictionary with their values."""
    pairs = []
    for key, value in values.items():
        pairs += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, value)]
    return pairs
