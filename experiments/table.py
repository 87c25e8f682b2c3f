"""Prints the cells of a sweep, the figure of a paper beside ours; cells that were not run are empty.

    python -m experiments.table digits_methods
    python -m experiments.table glc_mnist --write

Figures of papers are in `published.py` beside `cells.py`: `PUBLISHED`, by cell without its seed, and
`summary(results)`, a further table. `--write` puts what is printed between the marks of the folder's README.
"""

import argparse
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments import ledger
from experiments.cell import Cell
from experiments.marked import write_between
from experiments.sweep import cells_of
from experiments.tables import BY_CELL
from meta_noise.errors import InputError, unknown_name

HERE = Path(__file__).parent
START, END = BY_CELL, "<!-- end of experiments.table -->"
HEAD = ("cell", "trusted rows", "published", "last", "best", "selected", "seeds", "diverged", "minutes, median")


def main(arguments: list[str] | None = None) -> int:
    """Returns 0, or 2 where there is no such folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="folder of experiments/, such as digits_methods")
    parser.add_argument("--write", action="store_true", help="also between the marks of its README")
    options = parser.parse_args(arguments)
    try:
        text = text_of(options.name)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(text)
    if options.write:
        write_between(HERE / options.name / "README.md", START, END, text)
    return 0


def text_of(name: str) -> str:
    """Returns the tables of a folder of experiments/.

    Raises:
        InputError: there is no such folder.
    """
    known = sorted(path.parent.name for path in HERE.glob("*/cells.py"))
    if name not in known:
        raise unknown_name("table", name, known)
    cells, results, papers = cells_of(HERE / name), _results(name), _papers(name)
    rows = [_row(key, group, results, papers.get("PUBLISHED", {})) for key, group in _by_seed(cells).items()]
    first = [papers["summary"](results)] if "summary" in papers else []
    return "\n".join([*first, table(HEAD, rows)])


def summary_of(name: str) -> str:
    """Returns the further table of a folder of experiments/ whose `published.py` has one."""
    return _papers(name)["summary"](_results(name))


def _results(name: str) -> list[dict[str, Any]]:
    return ledger.read(HERE / name / "results.jsonl")


def _papers(name: str) -> dict[str, Any]:
    file = HERE / name / "published.py"
    return runpy.run_path(str(file)) if file.exists() else {}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _by_seed(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.unseeded, []).append(cell)
    return groups


def _row(key: str, cells: list[Cell], results: list[dict[str, Any]], published: dict[str, str]) -> list[str]:
    names = {cell.key for cell in cells}
    mine = [result for result in results if result["cell"] in names]
    whole = [result for result in mine if "diverged" not in result]
    figures = [
        mean_of([result["accuracy"].get(measure) for result in whole]) for measure in ("last", "best", "selected")
    ]
    seeds = f"{len(whole)} of {len(cells)}" if mine else ""
    diverged = str(len(mine) - len(whole)) if len(mine) > len(whole) else ""
    minutes = f"{np.median([result['seconds'] for result in whole]) / 60:.1f}" if whole else ""
    trusted = _trusted(whole[0]["clean_set"]) if whole else ""
    return [f"`{key}`", trusted, published.get(key, ""), *figures, seeds, diverged, minutes]


def _trusted(clean: dict[str, Any]) -> str:
    kind = "guessed" if clean.get("pseudo") else "trained on" if clean["trained_on"] else "not used"
    return f"{clean['size']:,}, {kind}" if clean["size"] else "none"


def mean_of(values: Sequence[Any]) -> str:
    """Returns mean and standard deviation in per cent, the latter of several seeds only."""
    known = 100 * np.asarray([value for value in values if value is not None], float)
    if not len(known):
        return ""
    return f"{known.mean():.2f}" + (f" ± {known.std(ddof=1):.2f}" if len(known) > 1 else "")


if __name__ == "__main__":
    sys.exit(main())
