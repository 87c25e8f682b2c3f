"""How time, memory and files grow with rows, classes, lengths of texts, sizes of networks; and by method.

    python -m experiments.benchmark.growth                            # what is not stored yet; makes the page's table
    python -m experiments.benchmark.growth --axes classes --at-most 1000
    python -m experiments.benchmark.growth --axes rows --at-most 1e7  # with ten million rows: minutes, gigabytes

A case is one command in a process of its own: `meta-noise clean` of made data, with one epoch of the method, then
`meta-noise export` of what it trained. Networks are not trained: their steps are compiled, and counted by the compiler.
Every case is a line of growth.jsonl as soon as it is done, so that a run that was stopped goes on where it was.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from experiments.benchmark import growth_table, table

FOLDER = Path(__file__).parent
FEATURES, WRONG, TRUSTED, WORDS = 16, 0.2, 0.02, 5_000
METHODS = (
    "supervised",
    "l2r",
    "mw_net",
    "mlc_lcn",
    "mlc_t",
    "ieg",
    "famus",
    "cmw_net",
    "co_teaching",
    "elr_plus",
    "glc",
)


class Case(NamedTuple):
    """One line.

    Attributes:
        axis: what grows: rows, classes, words, parameters; or method.
        value: of it.
        rows: of the data.
        classes: of the labels.
        words: of a text; 0: `FEATURES` numbers in place of a text.
        method: that trains.
    """

    axis: str
    value: int | str
    rows: int = 12_000
    classes: int = 10
    words: int = 0
    method: str = "mw_net"


CASES: tuple[Case, ...] = (
    *(Case("rows", rows, rows=rows, classes=4) for rows in (10_000, 30_000, 100_000, 1_000_000, 10_000_000)),
    *(Case("classes", count, classes=count) for count in (10, 100, 1_000)),
    Case("classes", 10_000, rows=120_000, classes=10_000),
    *(Case("words", words, rows=2_000, classes=4, words=words) for words in (8, 32, 128, 512)),
    *(Case("parameters", count, rows=0) for count in (100_000, 1_000_000, 10_000_000, 100_000_000)),
    *(Case("method", name, rows=5_000, method=name) for name in METHODS),
)
USUAL = {"rows": 1_000_000}  # more is an option


def write_data(folder: Path, case: Case) -> list[str]:
    """Writes the data of a case; returns the arguments of `meta-noise clean` that name them.

    Of every class there are at least two trusted rows where there are rows enough.
    """
    draw = np.random.default_rng(0)
    centres = np.random.default_rng(1).normal(size=(case.classes, FEATURES)).astype(np.float32)
    true = np.arange(case.rows) % case.classes
    given = np.where(draw.random(case.rows) < WRONG, draw.integers(0, case.classes, case.rows), true)
    trusted = np.arange(case.rows) < max(int(TRUSTED * case.rows), min(2 * case.classes, case.rows // 4))
    labels = pa.array([f"class {label}" for label in np.where(trusted, true, given)])
    columns = {"label": labels, "trusted": pa.array(trusted)}
    arguments = [str(folder / "data.parquet"), "--trusted", "trusted"]
    if case.words:
        words = draw.integers(0, WORDS, (case.rows, case.words))
        words[:, 0] = WORDS + true  # a word that tells the class
        columns["text"] = pa.array([" ".join(f"w{word}" for word in row) for row in words])
    else:
        noise = draw.standard_normal((case.rows, FEATURES), np.float32)
        np.save(folder / "features.npy", 2 * centres[true] + noise)
        arguments += ["--features", str(folder / "features.npy")]
    pq.write_table(pa.table(columns), folder / "data.parquet")
    return arguments


def measured(case: Case, scratch: Path | None) -> table.Row:
    """Returns the line of a case.

    Raises:
        RuntimeError: a command failed; the message is the end of what it said.
    """
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        if case.axis == "parameters":
            found = folder / "found.json"
            usage = _run(
                [sys.executable, "-m", "experiments.benchmark.growth_network", str(case.value), str(found)], folder
            )
            return {**case._asdict(), **usage, **json.loads(found.read_text())}
        command = [sys.executable, "-m", "meta_noise.cli.run"]
        out = folder / "run"
        clean = ["clean", *write_data(folder, case), "--out", str(out), "--method", case.method, "--epochs", "1"]
        usage = _run([*command, *clean, "--no-cache"], folder)
        written = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        exported = _run([*command, "export", str(out)], folder)
        return {**case._asdict(), **usage, "written_bytes": written, "export_cpu_seconds": exported["cpu_seconds"]}


def _run(command: Sequence[str], folder: Path) -> table.Row:
    """Returns time and peak memory of a command; its own and its children's processor time."""
    begin = time.monotonic()
    with open(folder / "log", "wb") as log:
        pid = os.posix_spawn(
            command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, log.fileno(), out) for out in (1, 2)]
        )
        _, status, used = os.wait4(pid, 0)
    if status:
        raise RuntimeError(" ".join(command) + "\n" + (folder / "log").read_text()[-1500:])
    return {
        "seconds": round(time.monotonic() - begin, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_bytes": used.ru_maxrss * 1024,
    }


def in_order(rows: Sequence[table.Row]) -> list[table.Row]:
    """Returns the rows in the order of `CASES`."""
    places = {(case.axis, case.value): place for place, case in enumerate(CASES)}
    return sorted(rows, key=lambda row: places.get((row["axis"], row["value"]), len(places)))


def main(arguments: list[str] | None = None) -> int:
    """Returns 0, or 1 where a command of a case failed."""
    parser = argparse.ArgumentParser(prog="python -m experiments.benchmark.growth", description=__doc__.splitlines()[0])
    axes = tuple(dict.fromkeys(case.axis for case in CASES))
    parser.add_argument("--axes", nargs="+", choices=axes, default=axes)
    parser.add_argument(
        "--at-most", type=float, default=None, help="largest value; else 1e6 rows, and all of the others"
    )
    parser.add_argument("--scratch", type=Path, help="folder for data and runs (default: that of the system)")
    options = parser.parse_args(arguments)
    console, path = Console(highlight=False, markup=False, soft_wrap=True), FOLDER / "growth.jsonl"
    done = {(row["axis"], row["value"]) for row in table.read_lines(path)}
    for case in CASES:
        most = options.at_most if options.at_most is not None else USUAL.get(case.axis, float("inf"))
        too_large = not isinstance(case.value, str) and case.value > most
        if case.axis not in options.axes or too_large or (case.axis, case.value) in done:
            continue
        try:
            row = measured(case, options.scratch)
        except RuntimeError as error:
            console.print(f"error: {case.axis} {case.value}: {error}")
            return 1
        console.print(
            f"{case.axis} {case.value}: {row['cpu_seconds']} s of processors, {row['peak_bytes'] / 1e9:.2f} GB"
        )
        table.write_lines(path, in_order([*table.read_lines(path), row]))  # read anew: another axis may run beside
    growth_table.write_page(FOLDER / "README.md", table.read_lines(path))
    return 0


if __name__ == "__main__":
    sys.exit(main())
