"""Runs the cells of a table, one after the other; cells that are done are not run again.

    python -m experiments.sweep experiments/digits --runs=runs/digits_table

A folder of `experiments/` holds `cells.py` with `CELLS`: a tuple of (config file with argument, overrides). Every cell
is a run folder below `--runs`; an interrupted cell is resumed from its checkpoint. Results are collected in
`results.jsonl` beside `cells.py` and the tables of its README are written anew between the marks.
"""

import argparse
import hashlib
import json
import re
import runpy
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from meta_noise.config.argument import merge
from meta_noise.config.file import load
from meta_noise.errors import InputError, NotFiniteError, StoppedError
from meta_noise.report.labels import read_labels
from meta_noise.report.summary import precision_at, suggested_accuracy
from meta_noise.report.table import results_table
from meta_noise.runs import run as runs

START, END = "<!-- table: made by experiments.sweep -->", "<!-- end of table -->"
MEASURES = ("last", "best", "selected", "last10", "precision_at_100", "suggested_accuracy")


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when all cells are done, 2 where one cannot be run, 130 when interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with cells.py, such as experiments/digits")
    parser.add_argument("--runs", type=Path, required=True, help="where the run folders go")
    parser.add_argument("--data", default="", help="folder of the data set, in place of the one in the config")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    cells = runpy.run_path(str(options.folder / "cells.py"))["CELLS"]
    path = options.folder / "results.jsonl"
    done = {line["cell"]: line for line in _read(path)}
    for position, (name, overrides) in enumerate(cells, start=1):
        key = f"{name} {json.dumps(overrides, sort_keys=True)}" if overrides else name
        if key in done:
            continue
        console.rule(f"{position}/{len(cells)}  {key}")
        try:
            done[key] = {"cell": key, **_run(name, overrides, options, console)}
        except NotFiniteError as error:  # a result, too
            console.print(str(error))
            done[key] = {"cell": key, "diverged": str(error)}
        except InputError as error:
            console.print(f"error: {error}")
            return 2
        except StoppedError as error:
            console.print(str(error))
            return 130
        with path.open("a") as file:
            file.write(json.dumps(done[key]) + "\n")
    _write_tables(options.folder / "README.md", list(done.values()))
    return 0


def _read(path: Path) -> list[dict]:
    """Returns the results so far; a last line that was cut short is taken off the file."""
    if not path.exists():
        return []
    text = path.read_text()
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole)
    return [json.loads(line) for line in whole.splitlines()]


def _run(name: str, overrides: dict, options: argparse.Namespace, console: Console) -> dict:
    config = merge(load(name), overrides)
    if options.data:
        config = merge(config, {"data": {"path": options.data}})
    folder = options.runs / _folder_name(f"{name}_{json.dumps(overrides)}" if overrides else name)
    fitted = runs.run(config, folder, console)
    labels = read_labels(folder)
    found = {"precision_at_100": precision_at(labels, 100), "suggested_accuracy": suggested_accuracy(labels)}
    final = {key: value for key, value in fitted.history[-1].items() if key not in ("step", "epoch")}
    return {**fitted.results, **found, "final": final, "overrides": overrides}


def _folder_name(cell: str) -> str:
    """Returns the name of a run folder; a long one is cut, with a digest in place of the rest."""
    name = re.sub(r"[^\w.=-]+", "_", cell)
    return name if len(name) <= 200 else f"{name[:180]}_{hashlib.sha256(cell.encode()).hexdigest()[:12]}"


def _write_tables(path: Path, results: list[dict]) -> None:
    """Writes a table per setting (data, noise, rate, size of the clean set) between the marks of a README.

    Runs without clean rows stand in the first table of their data and noise.
    """
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
    text = path.read_text()
    before, _, rest = text.partition(START)
    path.write_text(before + START + "\n\n" + "\n".join(parts) + END + rest.partition(END)[2])


def _changes(result: dict) -> list[str]:
    return [f"{key}={value}" for key, value in _flat(result.get("overrides", {}))]


def _row_name(result: dict, shared: Collection[str]) -> str:
    """Returns the method with what was changed for this row, but not for all rows of its table."""
    names = {"clean": "clean only", "both": "noisy + clean"}
    changed = ["no clean rows"] if _is_pseudo(result) else []
    changed += [change for change in _changes(result) if change not in shared]
    return ", ".join([names.get(result["clean_set"]["training_rows"], result["method"]), *changed])


def _is_pseudo(result: dict) -> bool:
    return result["clean_set"].get("pseudo", False)


def _flat(values: dict, prefix: str = "") -> list[tuple[str, Any]]:
    """Returns the dotted keys of a nested dictionary with their values."""
    pairs = []
    for key, value in values.items():
        pairs += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, value)]
    return pairs


if __name__ == "__main__":
    sys.exit(main())
