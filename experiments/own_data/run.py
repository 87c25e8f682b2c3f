"""Makes the table of this folder: `meta-noise clean` on four kinds of data, against cleanlab.

    python -m experiments.own_data.run --data data --runs runs/own_data

Every data set is written as a file that a user might have, and cleaned by one command with its defaults, with no
trusted row and with 1% of the rows trusted. cleanlab gets out-of-fold probabilities of the same network with the same
schedule, trained plainly on four fifths of the rows at a time, the trusted labels in place of the given ones where
there are any; its quality is the self-confidence, its suggestion the most probable class. Results are collected in
`results.jsonl`; what is in it is not run again; the table of the README is written anew between its marks.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from rich.console import Console

from experiments.marked import write_between
from experiments.own_data.files import SETS, Case, write_case
from experiments.own_data.plain import out_of_fold
from meta_noise.cleaning.clean import train_own
from meta_noise.data import own as own_data
from meta_noise.report.labels import Evidence, label_table
from meta_noise.report.summary import average_precision, precision_at, suggested_accuracy

HERE = Path(__file__).parent
START, END = "<!-- table: made by experiments.own_data.run -->", "<!-- end of table -->"
SETTINGS = {"cifar10n worst": {"epochs": 8}}  # of `clean`, where its defaults take too long on two cores


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when the table is written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the data sets")
    parser.add_argument("--runs", type=Path, required=True, help="where files and run folders go")
    parser.add_argument("--rows", type=int, default=10_000, help="rows of the large data sets")
    options = parser.parse_args(arguments)
    console, path = Console(highlight=False), HERE / "results.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    done = {(line["data"], line["trusted"], line["way"]) for line in lines}
    for name in SETS:
        if name != "digits" and not options.data.is_dir():
            console.print(f"{name} left out: there is no folder {options.data}.")
            continue
        case = write_case(name, options.data, options.runs / "files", options.rows)
        for trusted in (False, True):
            for way, measure in (("meta-noise", clean), ("cleanlab", cleanlab)):
                if (name, trusted, way) in done:
                    continue
                console.rule(f"{name}, {'1% trusted' if trusted else 'no trusted row'}, {way}")
                begin = time.process_time()
                line = {"data": name, "trusted": trusted, "way": way, **measure(case, trusted, options.runs, console)}
                lines.append({**line, "cpu_seconds": round(time.process_time() - begin)})
                with path.open("a") as file:
                    file.write(json.dumps(lines[-1]) + "\n")
    write_table(lines)
    return 0


def clean(case: Case, trusted: bool, runs: Path, console: Console) -> dict[str, Any]:
    """Returns the measures of `meta-noise clean` with its defaults, but for `SETTINGS`."""
    own = read(case, trusted)
    folder = runs / f"{case.path.stem}_{'trusted' if trusted else 'alone'}"
    fitted = train_own(own, folder, console, **SETTINGS.get(case.name, {}))
    truth = pa.array([case.truth[identity] for identity in fitted.labels["id"].to_pylist()])
    flags = fitted.results["flags"]
    issue = fitted.labels["is_label_issue"].to_numpy()
    wrong = np.array(fitted.labels["given_label"].to_pylist()) != np.array(truth.to_pylist())
    estimated = {key: flags[key] for key in ("precision", "recall")} if flags["known"] else {}
    return {
        **measures(fitted.labels.append_column("true_label", truth)),
        "method": fitted.results["method"],
        "flag_precision": float(wrong[issue].mean()) if issue.any() else None,
        "flag_recall": float(issue[wrong].mean()) if wrong.any() else None,
        "estimated": estimated,
    }


def cleanlab(case: Case, trusted: bool, runs: Path, console: Console) -> dict[str, Any]:
    """Returns the measures of cleanlab on out-of-fold probabilities of the same network, over the same rows."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    del runs
    own = read(case, trusted)
    source = own.source
    probabilities = out_of_fold(own, console, **SETTINGS.get(case.name, {}))  # [N, C]
    rows = np.flatnonzero(~source.trusted) if source.trusted is not None else np.arange(len(source.labels))
    given, probabilities = source.labels[rows], probabilities[rows]
    quality = np.clip(get_label_quality_scores(given, probabilities, method="self_confidence"), 0, 1)
    issue = find_label_issues(given, probabilities, n_jobs=1)  # it would fork
    number = {label: place for place, label in enumerate(own.class_names)}
    truth = np.array([number[case.truth[identity]] for identity in source.ids[rows].tolist()])
    labels = label_table(
        Evidence(source.ids[rows].tolist(), given, own.class_names, probabilities, quality, true=truth)
    )
    wrong = truth != given
    return {
        **measures(labels),
        "method": "supervised",
        "flag_precision": float(wrong[issue].mean()) if issue.any() else None,
        "flag_recall": float(issue[wrong].mean()) if wrong.any() else None,
        "estimated": {},
    }


def read(case: Case, trusted: bool) -> own_data.Own:
    """Returns the data of a case as `meta-noise clean` reads them."""
    return own_data.read(case.path, trusted=str(case.trusted) if trusted else "", skip_bad=True)


def measures(labels: pa.Table) -> dict[str, Any]:
    """Returns what the table shows of a label table with the truth."""
    given, truth = (np.array(labels[name].to_pylist()) for name in ("given_label", "true_label"))
    return {
        "rows": labels.num_rows,
        "wrong": float(np.mean(given != truth)),
        "precision_100": precision_at(labels, 100),
        "average_precision": average_precision(labels),
        "suggested_accuracy": suggested_accuracy(labels),
    }


def write_table(lines: list[dict[str, Any]]) -> None:
    """Writes the table between the marks of the README."""
    head = ["data", "rows", "wrong", "trusted", "way", "worst 100 wrong", "average precision", "suggestions right"]
    head += ["flags: precision", "recall", "estimated precision, recall", "CPU s"]
    text = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    order = {name: place for place, name in enumerate(SETS)}
    for line in sorted(lines, key=lambda line: (order[line["data"]], line["trusted"], line["way"] != "meta-noise")):
        estimated = ", ".join(_interval(line["estimated"].get(key)) for key in ("precision", "recall"))
        cells = [line["data"], f"{line['rows']:,}", _percent(line["wrong"]), "1%" if line["trusted"] else "none"]
        cells += [f"{line['way']} ({line['method']})", _percent(line["precision_100"], 0)]
        cells += [f"{line['average_precision']:.3f}", _percent(line["suggested_accuracy"])]
        cells += [_percent(line["flag_precision"], 0), _percent(line["flag_recall"], 0)]
        cells += [estimated if line["estimated"] else "", f"{line['cpu_seconds']}"]
        text.append("| " + " | ".join(cells) + " |")
    write_between(HERE / "README.md", START, END, "\n".join(text))


def _percent(share: float | None, digits: int = 1) -> str:
    return "-" if share is None else f"{100 * share:.{digits}f}%"


def _interval(share: dict[str, float] | None) -> str:
    return "-" if share is None else f"{100 * share['low']:.0f} to {100 * share['high']:.0f}%"


if __name__ == "__main__":
    sys.exit(main())
