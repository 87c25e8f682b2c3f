"""Runs the cells of a table, one after the other; cells that are done are not run again.

    python -m experiments.sweep experiments/digits --runs=runs/digits_table

A folder of `experiments/` holds `cells.py` with `CELLS`: a tuple of (config file with argument, overrides). Every cell
is a run folder below `--runs`; an interrupted cell is resumed from its checkpoint. Results are collected in
`results.jsonl` beside `cells.py` and the tables of its README are written anew between the marks.
"""

import argparse
import importlib
import json
import re
import sys
from pathlib import Path

import numpy as np
from rich.console import Console

from meta_noise import api
from meta_noise.errors import InputError, NotFiniteError, StoppedError
from meta_noise.report.labels import read_labels
from meta_noise.report.summary import precision_at, suggested_accuracy
from meta_noise.variant import merge

START, END = "<!-- table: made by experiments.sweep -->", "<!-- end of table -->"
COLUMNS = (
    "method",
    "last",
    "best",
    "selected",
    "last 10",
    "errors in worst 100",
    "suggested right",
    "s",
    "n",
)


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when all cells are done, 2 where one cannot be run, 130 when interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with cells.py, such as experiments/digits")
    parser.add_argument("--runs", type=Path, required=True, help="where the run folders go")
    parser.add_argument("--data", default="", help="folder of the data set, in place of the one in the config")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    cells = importlib.import_module(f"{'.'.join(options.folder.parts)}.cells")
    path, done = options.folder / "results.jsonl", {}
    if path.exists():
        done = {line["cell"]: line for line in map(json.loads, path.read_text().splitlines())}
    for position, (name, overrides) in enumerate(cells.CELLS, start=1):
        key = f"{name} {json.dumps(overrides, sort_keys=True)}" if overrides else name
        if key in done:
            continue
        console.rule(f"{position}/{len(cells.CELLS)}  {key}")
        try:
            done[key] = {"cell": key, **_run(name, overrides, options, console)}
        except (InputError, NotFiniteError) as error:
            console.print(f"error: {error}")
            return 2
        except StoppedError as error:
            console.print(str(error))
            return 130
        with path.open("a") as file:
            file.write(json.dumps(done[key]) + "\n")
    _write_tables(options.folder / "README.md", list(done.values()))
    return 0


def _run(name: str, overrides: dict, options: argparse.Namespace, console: Console) -> dict:
    file, _, argument = name.partition(":")
    module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    config = merge(module.get_config(argument).to_dict(), overrides)
    if options.data:
        config = merge(config, {"data": {"path": options.data}})
    folder = options.runs / re.sub(r"[^\w.=-]+", "_", f"{name}_{json.dumps(overrides)}" if overrides else name)
    fitted = api.run(config, folder, console)
    labels = read_labels(folder)
    found = {"precision_at_100": precision_at(labels, 100), "suggested_accuracy": suggested_accuracy(labels)}
    final = {key: value for key, value in fitted.history[-1].items() if key not in ("step", "epoch")}
    return {**fitted.results, **found, "final": final}


def _write_tables(path: Path, results: list[dict]) -> None:
    """Writes a table per setting (noise, rate, size of the clean set) between the marks of a README."""
    settings: dict[tuple, dict[str, list[dict]]] = {}
    for result in results:
        noise = result["noise"]
        setting = (result["data"], noise["kind"], noise["rate"], result["clean_set"]["size"])
        settings.setdefault(setting, {}).setdefault(_row_name(result), []).append(result)
    parts = []
    for (data, kind, rate, size), rows in settings.items():
        realised = np.mean([r["noise"]["realised"] for group in rows.values() for r in group])
        parts.append(f"**{data}, {kind} {rate:g} ({realised:.1%} wrong labels), {size} clean rows**\n")
        parts.append("| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS))
        parts += ["| " + " | ".join(_row(name, group)) + " |" for name, group in rows.items()]
        parts.append("")
    text = path.read_text()
    before, _, rest = text.partition(START)
    path.write_text(before + START + "\n\n" + "\n".join(parts) + "\n" + END + rest.partition(END)[2])


def _row_name(result: dict) -> str:
    names = {"clean": "clean only", "both": "noisy + clean"}
    return names.get(result["clean_set"]["training_rows"], result["method"])


def _row(name: str, group: list[dict]) -> list[str]:
    measures = [[r["accuracy"][key] for r in group] for key in ("last", "best", "selected", "last10")]
    others = [[r[key] for r in group] for key in ("precision_at_100", "suggested_accuracy")]
    shown = [_mean(values) for values in (*measures, *others)]
    return [name, *shown, f"{np.mean([r['seconds'] for r in group]):.0f}", str(len(group))]


def _mean(values: list[float]) -> str:
    mean = f"{np.mean(values) * 100:.1f}"
    return mean if len(values) < 2 else f"{mean} ± {np.std(values, ddof=1) / len(values) ** 0.5 * 100:.1f}"


if __name__ == "__main__":
    sys.exit(main())
