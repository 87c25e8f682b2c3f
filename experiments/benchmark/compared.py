"""Compares stored rows of two commits: what a step takes, what compiling it takes, and its memory, before and after.

    python -m experiments.benchmark --model resnet_cifar --model-settings depth=14 --pairs 1 --json now.jsonl
    python -m experiments.benchmark.compared --before first.jsonl second.jsonl --after now.jsonl --write

The rows of all files of a side are taken together, the median of each case: let the two commits take turns on one
machine. Only cases that both sides have are listed.
"""

import argparse
import statistics
import sys
from pathlib import Path

from experiments.benchmark import table
from experiments.marked import write_between
from experiments.table import table as markdown

FOLDER = Path(__file__).parent
START, END = "<!-- compared: made by experiments.benchmark.compared -->", "<!-- end of compared -->"
HEAD = ("step of", *(f"{what}, {side}" for what in ("s", "compile, s", "memory, MiB") for side in ("before", "after")))
FIGURES = {"seconds": (1, ".2f"), "compile_seconds": (1, ".1f"), "temporary_bytes": (2**-20, ".0f")}


def compared(before: list[table.Row], after: list[table.Row]) -> str:
    """Returns a line for each case that both have, in Markdown."""
    lines = []
    for case in dict.fromkeys(row["case"] for row in before):
        sides = [[row for row in rows if row["case"] == case] for rows in (before, after)]
        if all(sides):
            figures = (
                format(factor * statistics.median(row[name] for row in rows), form)
                for name, (factor, form) in FIGURES.items()
                for rows in sides
            )
            lines.append((case, *figures))
    return markdown(HEAD, lines)


def main(arguments: list[str] | None = None) -> int:
    """Prints the table, and puts it into the page of this folder with --write."""
    parser = argparse.ArgumentParser(prog="python -m experiments.benchmark.compared", description=__doc__)
    parser.add_argument("--before", nargs="+", type=Path, required=True, help="rows of the older commit")
    parser.add_argument("--after", nargs="+", type=Path, required=True, help="rows of the newer one")
    parser.add_argument("--write", action="store_true", help="also into the page of this folder")
    options = parser.parse_args(arguments)
    before, after = (
        [row for file in files for row in table.read_lines(file)] for files in (options.before, options.after)
    )
    text = compared(before, after)
    print(text)
    if options.write:
        write_between(FOLDER / "README.md", START, END, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
