"""A person's whole way on three real sets: own data in, a corrected file out, with scores before and after.

    nice -n 19 python -m experiments.own_data_way.way --data=data --runs=runs/own_data_way

Texts as CSV, photographs in a folder, a table with gaps and categories are written as a user has them (`sets.py`). Then
come the commands of the README, as they would be typed: `meta-noise inspect`, `clean`, `queue`, `ingest`. Between the
last two an annotator who always knows the answer fills in `queue.csv`. What is scored is read from the corrected file
alone. What is below `--runs` already is not made again. The table of README.md is written anew.
"""

import argparse
import csv
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from experiments.own_data_way.sets import SETS, Given
from meta_noise.cli.run import run

ASKED = 60  # rows that are looked at
START, END = "<!-- table: made by experiments.own_data_way.way -->", "<!-- end of table -->"
HEADER = "| data | rows | state | labels right | flagged | of these wrong | plain classifier |"


class Scores(NamedTuple):
    """Of a corrected file: the share of right labels, flagged rows, the share of these that were wrong (None where no
    row is flagged), accuracy of a plain classifier that learned the labels, on rows apart. Shares are from 0 to 1."""

    right: float
    flagged: int
    wrong_of_flagged: float | None
    accuracy: float


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when the table is written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, required=True, help="where data and run folders go")
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the published files")
    options = parser.parse_args(arguments)
    lines = [HEADER, "| --- | ---: | --- | ---: | ---: | ---: | ---: |"]
    for name, make in SETS.items():
        lines += way(name, make, options.data, options.runs)
        print("\n".join(lines), flush=True)
    into_readme(Path(__file__).with_name("README.md"), lines)
    return 0


def way(name: str, make: Callable[[Path, Path], Given], data: Path, runs: Path) -> list[str]:
    """Returns the lines of the table for one set.

    Args:
        name: of the set.
        make: writes the set into a folder, from the folder of published files.
        data: the published files.
        runs: where everything goes.
    """
    stem = name.split(",")[0].replace(" ", "_")
    given, out = make(runs / "data" / stem, data), runs / stem
    following = out.with_name(f"{stem}-round2")
    begin = time.process_time()
    if not (out / "report.html").is_file():
        command("inspect", given.path, "--no-cost", *given.options)
        command("clean", given.path, "--out", out, *given.options)
    if not (following / "report.html").is_file():
        queue, answers = out / "queue", out.with_name(f"{stem}_answers.csv")
        if not queue.exists():
            command("queue", out, "--n", ASKED)
        answer(queue / "queue.csv", answers, given.truth)
        command("ingest", out, answers, "--out", following)
    rows = f"{len(given.truth):,}"
    before = scores(given, read(out), "given_label")
    found = [("as given", before._replace(flagged=0, wrong_of_flagged=None))]
    found.append(("after `clean`", scores(given, read(out), given.label)))
    found.append((f"after {ASKED} answers and `ingest`", scores(given, read(following), given.label)))
    print(f"{name}: {time.process_time() - begin:.0f} s of CPU", flush=True)
    return [f"| {name} | {rows} | {state} | {_cells(one)} |" for state, one in found]


def command(*words: Any) -> None:
    """Runs a command as it is typed, and says it.

    Raises:
        SystemExit: it did not end well.
    """
    typed = [str(word) for word in words]
    print(f"$ meta-noise {' '.join(typed)}", flush=True)
    if code := run(typed):
        raise SystemExit(code)


def answer(queue: Path, answers: Path, truth: dict[str, str]) -> None:
    """Writes the rows of a queue with true answers."""
    with queue.open(encoding="utf-8", newline="") as file:
        rows = [{**row, "answer": truth[row["id"]]} for row in csv.DictReader(file)]
    with answers.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def read(folder: Path) -> list[dict[str, str]]:
    """Returns the rows of the corrected file of a run."""
    with (folder / "cleaned.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def scores(given: Given, rows: list[dict[str, str]], column: str) -> Scores:
    """Returns the scores of the labels in a column of a corrected file."""
    truth = [given.truth[row[given.id]] for row in rows]
    flagged = [row["is_label_issue"] == "true" for row in rows]
    wrong = [row["given_label"] != true for row, true in zip(rows, truth, strict=True)]
    hits = [is_wrong for is_wrong, is_flagged in zip(wrong, flagged, strict=True) if is_flagged]
    labels = {row[given.id]: row[column] for row in rows}
    return Scores(
        float(np.mean([row[column] == true for row, true in zip(rows, truth, strict=True)])),
        sum(flagged),
        float(np.mean(hits)) if hits else None,
        given.accuracy(labels),
    )


def _cells(one: Scores) -> str:
    wrong = "" if one.wrong_of_flagged is None else f"{100 * one.wrong_of_flagged:.1f}"
    return f"{100 * one.right:.1f} | {one.flagged or ''} | {wrong} | {100 * one.accuracy:.1f}"


def into_readme(path: Path, lines: Iterable[str]) -> None:
    """Puts the table between the marks of a file."""
    text = path.read_text(encoding="utf-8")
    head, tail = text[: text.index(START) + len(START)], text[text.index(END) :]
    path.write_text("\n\n".join((head, "\n".join(lines), tail)), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
