"""Runs the cells of a table; cells that are done are not run again.

    python -m experiments.sweep experiments/digits --runs=runs/digits_table
    python -m experiments.sweep experiments/digits --runs=runs/digits_table --at-once=4 --only=mw_net,seed=0

A folder of `experiments/` holds `cells.py` with `CELLS`: a tuple of (config file with argument, overrides). Every cell
is a run folder below `--runs`; an interrupted cell is resumed from its checkpoint, whenever and wherever both are at
hand. Results are collected in `results.jsonl` beside `cells.py`, a line as soon as a cell ends, and the tables of its
README are written anew between the marks, where they are not those of `python -m experiments.table`. With `--at-once`
so many processes share the device.
"""

import argparse
import collections
import json
import os
import queue
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from experiments import ledger
from experiments.cell import Cell, run_cell
from experiments.tables import END, START, write_tables
from meta_noise.disk.lock import alone_in
from meta_noise.errors import InputError, StoppedError, failure, unknown_name
from meta_noise.hosts.kept_memory import keep_memory

__all__ = ["END", "START", "main"]


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when all cells are done, 2 where one cannot be run, 130 when interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with cells.py, such as experiments/digits")
    parser.add_argument("--runs", type=Path, required=True, help="where the run folders go")
    parser.add_argument("--data", default="", help="folder of the data set, in place of the one in the config")
    parser.add_argument("--only", default="", help="only cells with all of these words, divided by commas")
    parser.add_argument("--at-once", type=int, default=1, help="cells that run at the same time")
    parser.add_argument("--single", type=int, default=-1, help=argparse.SUPPRESS)  # a process of --at-once
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    try:
        if options.at_once < 1:
            raise InputError(f"--at-once is {options.at_once}; give 1 or more processes.")
        cells = cells_of(options.folder)
        if options.single >= 0:
            print(json.dumps(run_cell(cells[options.single], options.runs, options.data, Console(stderr=True))))
            return 0
        with alone_in(options.folder):
            return _sweep(options, [cells[number] for number in _chosen(cells, options.only)], cells, console)
    except InputError as error:
        console.print(f"error: {error}", soft_wrap=True)
        return 2
    except StoppedError as error:
        console.print(str(error))
        return 130


def cells_of(folder: Path) -> list[Cell]:
    """Returns the cells of a folder.

    Raises:
        InputError: it has no cells.py, or that cannot be run, or holds no cells, or the same one twice.
    """
    path = folder / "cells.py"
    if not path.is_file():
        raise InputError(
            f"{folder} has no cells.py, so there is nothing to run; name a folder such as experiments/digits."
        )
    try:
        cells = runpy.run_path(str(path)).get("CELLS")
    except Exception as error:  # whatever somebody wrote there
        raise failure(str(path), error) from error
    if not (cells and isinstance(cells, list | tuple) and all(map(_is_cell, cells))):
        raise InputError(f"{path} holds no CELLS; it must say CELLS = ((config file with argument, overrides), ...).")
    found = [Cell(*cell) for cell in cells]
    twice = next((key for key, count in collections.Counter(cell.key for cell in found).items() if count > 1), "")
    if twice:
        raise InputError(f"{path} has the cell {twice} more than once; name each once.")
    return found


def _is_cell(cell: Any) -> bool:
    match cell:
        case (str(), dict()):
            return True
    return False


def _chosen(cells: Sequence[Cell], only: str) -> list[int]:
    """Returns the positions of the cells whose name has all the words in `only`; InputError where a word is in none."""
    words = [word for word in only.split(",") if word]
    known = sorted({part for cell in cells for part in cell.config.replace(":", ",").split(",")})
    for word in words:
        if not any(word in cell.key for cell in cells):
            raise unknown_name("word of a cell in --only:", word, known)
    chosen = [number for number, cell in enumerate(cells) if all(word in cell.key for word in words)]
    if not chosen:
        raise InputError(f"No cell has all words of --only={only}; give words that stand in one cell together.")
    return chosen


def _sweep(options: argparse.Namespace, wanted: list[Cell], cells: list[Cell], console: Console) -> int:
    path = options.folder / "results.jsonl"
    note = ledger.mend(path)
    if note:
        console.print(note, soft_wrap=True)
    done = {result["cell"]: result for result in ledger.read(path)}
    left = [cell for cell in wanted if cell.key not in done]
    found = _several(left, cells, options, console) if options.at_once > 1 else _one_by_one(left, options, console)
    for result in found:
        ledger.add(path, result)
        done[result["cell"]] = result
        if "diverged" in result:
            console.print(f"{result['cell']}: {result['diverged']}", soft_wrap=True)
    if not write_tables(options.folder / "README.md", list(done.values())):
        name = options.folder.name
        console.print(f"Its tables are made by python -m experiments.table {name} --write", soft_wrap=True)
    return 0


def _one_by_one(cells: Sequence[Cell], options: argparse.Namespace, console: Console) -> Iterator[dict[str, Any]]:
    for position, cell in enumerate(cells, start=1):
        console.rule(f"{position}/{len(cells)}  {cell.key}")
        yield run_cell(cell, options.runs, options.data, console)


def _several(
    left: Sequence[Cell], cells: list[Cell], options: argparse.Namespace, console: Console
) -> Iterator[dict[str, Any]]:
    """Gives results as they come from `at_once` processes, each of which runs one cell after the other."""
    waiting: queue.SimpleQueue = queue.SimpleQueue()
    ended: queue.SimpleQueue = queue.SimpleQueue()
    for cell in left:
        waiting.put(cell)
    running: set[subprocess.Popen] = set()
    stopping = threading.Event()

    def work() -> None:
        while not stopping.is_set():
            try:
                cell = waiting.get_nowait()
            except queue.Empty:
                return
            process = subprocess.Popen(_command(cells.index(cell), options), stdout=subprocess.PIPE, text=True)
            running.add(process)
            output, _ = process.communicate()
            running.discard(process)
            ended.put((cell, process.returncode, output))

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(options.at_once, len(left)))]
    for thread in threads:
        thread.start()
    try:
        for number in range(1, len(left) + 1):
            cell, code, output = ended.get()
            console.print(f"{number}/{len(left)}  {cell.key}", soft_wrap=True)
            if code == 130:
                raise StoppedError(f"{cell.key} was stopped; the same command continues.")
            if code:
                said = output.strip().splitlines()[-1:] or [f"it ended with {code}"]
                raise InputError(f"{cell.key} cannot be run: {said[0].removeprefix('error: ')}")
            yield json.loads(output.splitlines()[-1])
    except KeyboardInterrupt:
        raise StoppedError("Stopped; the same command continues.") from None
    finally:
        stopping.set()
        for process in tuple(running):
            process.terminate()  # it saves a checkpoint
        for thread in threads:
            thread.join()


def _command(number: int, options: argparse.Namespace) -> list[str]:
    """Returns the command of a process that runs one cell."""
    own = ["--single", str(number), f"--runs={options.runs}", f"--data={options.data}"]
    return [sys.executable, "-m", "experiments.sweep", os.fspath(options.folder), *own]


if __name__ == "__main__":
    keep_memory()
    sys.exit(main())
