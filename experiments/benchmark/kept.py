"""Time of a step of MW-Net over the number of tensors that carry the meta-gradient, as a picture.

    python -m experiments.benchmark.kept --model-settings depth=32 --write

A round mark is a step with the whole virtual step of FaMUS, a square one a step whose virtual step moves the kept
tensors only; lines are what the passes through the network come to (`cases.py`).
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import matplotlib
from rich.console import Console

from experiments.benchmark import table
from experiments.benchmark.__main__ import FOLDER, add_setting, setting_of
from experiments.benchmark.cases import Case
from experiments.benchmark.rows import measure_cases
from meta_noise.atomic import atomically
from meta_noise.errors import InputError

COUNTS = (2, 8, 15, 30, 60)
VIRTUAL = {"all": ("whole virtual step", "o"), "kept": ("virtual step of the kept tensors", "s")}


def main(arguments: list[str] | None = None) -> int:
    """Returns 0, or 2 where something given is wrong."""
    parser = argparse.ArgumentParser(prog="python -m experiments.benchmark.kept", description=__doc__.splitlines()[0])
    add_setting(parser)
    parser.add_argument("--counts", default=",".join(map(str, COUNTS)), help="numbers of tensors, with commas between")
    parser.add_argument("--write", action="store_true", help="put kept.jsonl and kept.png into this folder")
    options = parser.parse_args(arguments)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    cases = [_case(int(count), virtual) for virtual in VIRTUAL for count in options.counts.split(",")]
    try:
        rows = list(measure_cases(setting_of(options), cases, options.pairs, 0.0, console))
    except InputError as error:
        console.print(f"error: {error}")
        return 2
    console.print(table.tables(rows))
    if options.write:
        known = table.merged(table.read_lines(FOLDER / "kept.jsonl"), rows)
        table.write_lines(FOLDER / "kept.jsonl", known)
        draw(FOLDER / "kept.png", [row for row in known if row["setting"] == rows[0]["setting"]])
    return 0


def _case(count: int, virtual: str) -> Case:
    meta = {"cotangents": {"name": "keep_last", "count": count}, "virtual_layers": virtual}
    passes, kept_passes = (6, 4) if virtual == "all" else (4, 6)
    name = f"mw_net keep_last {count} virtual {virtual}"
    return Case(name, {"method": {"name": "mw_net"}, "meta": meta}, passes, kept_passes, count)


def draw(path: Path, rows: list[dict[str, Any]]) -> None:
    """Writes the picture of the rows of one setting."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 3.8), layout="constrained")
    for virtual, (label, mark) in VIRTUAL.items():
        chosen = [row for row in rows if row["case"].endswith(f"virtual {virtual}")]
        chosen.sort(key=lambda row: int(row["case"].split()[2]))
        counts, ratios = [int(row["case"].split()[2]) for row in chosen], [row["ratio"] for row in chosen]
        spread = [[row["ratio"] - row["low"] for row in chosen], [row["high"] - row["ratio"] for row in chosen]]
        bars = axes.errorbar(counts, ratios, spread, fmt=mark, capsize=2, label=label)
        axes.plot(counts, [row["counted"] for row in chosen], color=bars[0].get_color(), linewidth=1)
    axes.set_xlabel("parameter tensors that carry the meta-gradient")
    axes.set_ylabel("time of a step / plain step")
    axes.set_ylim(bottom=1)
    axes.set_title(rows[0]["setting"], fontsize="small")
    axes.legend(frameon=False)
    with atomically(path) as file:
        figure.savefig(file, format="png", dpi=120)
    pyplot.close(figure)


if __name__ == "__main__":
    sys.exit(main())
