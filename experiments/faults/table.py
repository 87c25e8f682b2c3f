"""Writes the table of the README from results.jsonl."""

import json
from collections import defaultdict
from pathlib import Path

from experiments.marked import write_between

HERE = Path(__file__).parent
RESULTS = HERE / "results.jsonl"
START, END = "<!-- table: made by experiments.faults -->", "<!-- end of table -->"


def write_table(results: Path = RESULTS) -> None:
    """Writes the table between its marks, if the results are those beside it."""
    if results.resolve() != RESULTS.resolve():
        return
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for line in map(json.loads, results.read_text().splitlines()):
        key = line["kind"], line["on"].split(" (")[0]
        for place, number in enumerate((line["trials"], line["idle"], len(line["failures"]))):
            sums[key][place] += number
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (kind, _), numbers in sums.items():
        for place, number in enumerate(numbers):
            totals[kind.split()[0].rstrip(",")][place] += number
    text = ["| disturbance | of | trials | without effect | failures |", "| --- | --- | ---: | ---: | ---: |"]
    text += [
        f"| {kind} | {on} | {trials:,} | {idle:,} | {failed:,} |"
        for (kind, on), (trials, idle, failed) in sorted(sums.items())
    ]
    text += [f"| **{kind}: all** | | **{t:,}** | {i:,} | **{f:,}** |" for kind, (t, i, f) in sorted(totals.items())]
    write_between(HERE / "README.md", START, END, "\n".join(text))
