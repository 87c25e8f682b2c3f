"""Makes the predictions of the stored rows anew, where the way in which steps are counted has changed.

    python -m experiments.benchmark.predicted --write

Nothing is compiled or measured. Rows of a case that has other passes now than when it was measured stay as they are.
"""

import argparse
import sys
from pathlib import Path

from experiments.benchmark import table
from experiments.benchmark.cases import CASES, PLAIN, counted
from experiments.benchmark.rows import title, traced_counts
from experiments.benchmark.steps import Setting, make_step, shapes_of
from meta_noise.train.counts import ratios

FOLDER = Path(__file__).parent
SETTINGS = (
    Setting({"name": "resnet_cifar"}, 100, 32, 10, {}),
    Setting({"name": "resnet_cifar", "depth": 8}, 32, 16, 10, {}),
    Setting({"name": "wide_resnet", "depth": 28, "widening": 10}, 4, 32, 10, {}),
)


def predict(rows: list[table.Row]) -> list[table.Row]:
    """Returns the rows with predictions by the counts of now."""
    settings = {title(setting): setting for setting in SETTINGS}
    cases = {case.name: case for case in (PLAIN, *CASES)}
    plain = {}
    found = []
    for row in rows:
        setting, case = settings.get(row["setting"]), cases.get(row["case"])
        if row["library"] != "meta_noise" or setting is None or case is None:
            found.append(row)
            continue
        if row["setting"] not in plain:
            plain[row["setting"]] = traced_counts(make_step(setting, PLAIN))
        step = make_step(setting, case)
        is_same = abs(counted(case, shapes_of(step).learner.params, step.network.stages) - row["counted"]) < 1e-6
        predicted = ratios(plain[row["setting"]], traced_counts(step))._asdict() if is_same else row["predicted"]
        found.append({**row, "predicted": predicted})
    return found


def main(arguments: list[str] | None = None) -> int:
    """Prints predicted over measured time, memory and seconds to compile, each in units of the plain step."""
    parser = argparse.ArgumentParser(prog="python -m experiments.benchmark.predicted", description=__doc__)
    parser.add_argument("--write", action="store_true", help="also into the page of this folder")
    options = parser.parse_args(arguments)
    rows = predict(table.read_lines(FOLDER / "results.jsonl"))
    plain = {row["setting"]: row for row in rows if (row["library"], row["case"]) == ("meta_noise", PLAIN.name)}
    for row in (row for row in rows if row["library"] == "meta_noise" and row["setting"] in plain):
        measured = {
            "time": row["ratio"],
            "memory": row["temporary_bytes"] / row["plain"]["temporary_bytes"],
            "compiling": row["compile_seconds"] / plain[row["setting"]]["compile_seconds"],
        }
        said = [f"{key} {row['predicted'].get(key, 0) / value:.2f}" for key, value in measured.items()]
        print(f"{row['setting'].split(':')[0]}, {row['case']}: {', '.join(said)}", flush=True)
    if options.write:
        table.write_lines(FOLDER / "results.jsonl", rows)
        table.write_page(FOLDER / "README.md", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
