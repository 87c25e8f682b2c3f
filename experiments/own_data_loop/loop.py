"""The loop with a person, played by an honest one: queue, answers, ingest, several rounds, on data of three forms.

    nice -n 19 python -m experiments.own_data_loop.loop --runs=runs/own_data_loop --data=data

Data are written as a user has them: digits as CSV, Fashion-MNIST as a folder of PNG files, NoisyAG-News as CSV of
texts. The annotator sees the rows of `queue.csv` and answers with the true label. Each round is a run folder below
`--runs`; what is there is not trained again. At the end comes a new run with all answers, for comparison. The table of
README.md is written anew.
"""

import argparse
import csv
import gzip
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from rich.console import Console
from sklearn.datasets import load_digits

import meta_noise
from meta_noise.data.origin import read_origin
from meta_noise.data.sources.mnist import fashion_mnist
from meta_noise.report.files import read_object
from meta_noise.report.labels import read_labels

ROUNDS, ASKED = 3, 100
START, END = "<!-- table: made by experiments.own_data_loop.loop -->", "<!-- end of table -->"
HEADER = "| data | round | answers | accuracy | wrong at 100 | wrong of suspicious | noise by chance rows | noise |"


class Data(NamedTuple):
    """A user's data: where, the true label of each id, and settings of `meta_noise.clean`."""

    path: Path
    truth: dict[str, str]
    settings: dict[str, Any]


def digits(folder: Path, shared: Path) -> Data:
    """Returns 1,297 digits as CSV with 40% uniform noise, 500 to measure on."""
    del shared
    found, rng = load_digits(), np.random.default_rng(0)
    labels = found.target.copy()
    test = np.arange(len(labels)) >= 1297
    noisy = (rng.random(len(labels)) < 0.4) & ~test
    labels[noisy] = rng.integers(0, 10, noisy.sum())
    rows = [
        {"id": f"digit{row}", "label": labels[row], "split": "test" if test[row] else "train"}
        | {f"pixel{place}": f"{value:g}" for place, value in enumerate(found.data[row])}
        for row in range(len(labels))
    ]
    path = _write(folder / "digits.csv", rows)
    return Data(path, {f"digit{row}": str(klass) for row, klass in enumerate(found.target)}, {})


def fashion(folder: Path, shared: Path) -> Data:
    """Returns 2,000 images of Fashion-MNIST in class folders, 40% in a wrong one, 1,000 to measure on."""
    names = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")
    truth, root = {}, folder / "fashion"
    for part, count in (("train", 2000), ("test", 1000)):
        source = fashion_mnist(str(shared / "fashion_mnist"), part)
        images, labels = source.inputs[:count, ..., 0], source.labels[:count]
        rng = np.random.default_rng(0)
        wrong = rng.random(count) < (0.4 if part == "train" else 0)
        given = np.where(wrong, (labels + rng.integers(1, 10, count)) % 10, labels)
        for row in range(count):
            path = root / part / names[given[row]] / f"{row:05d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                Image.fromarray(images[row]).save(path)
            truth[path.relative_to(root).as_posix()] = names[labels[row]]
    return Data(root, truth, {"method": "mw_net", "epochs": 15})


def news(folder: Path, shared: Path) -> Data:
    """Returns 4,000 texts with the labels that people gave, 2,000 others to measure on."""
    names = ("World", "Sports", "Business", "Sci/Tech")
    with gzip.open(shared / "noisy_ag_news/train.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rng = np.random.default_rng(0)
    order = rng.permutation(len(rows))
    truth, table = {}, []
    for position, row in enumerate(order[:6000].tolist()):
        split = "train" if position < 4000 else "test"
        true = names[int(rows[row]["true_label"])]
        given = names[int(rows[row]["noisy_label"])] if split == "train" else true
        truth[f"text{row}"] = true
        table.append({"id": f"text{row}", "text": rows[row]["text"], "label": given, "split": split})
    return Data(_write(folder / "news.csv", table), truth, {})


SETS: dict[str, Callable[[Path, Path], Data]] = {
    "digits, CSV": digits,
    "Fashion-MNIST, folder": fashion,
    "NoisyAG-News, CSV": news,
}


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when the table is written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, required=True, help="where data and run folders go")
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the official files")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    lines = [HEADER, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name, make in SETS.items():
        data = make(options.runs / "data", options.data)
        out = options.runs / make.__name__
        console.rule(name)
        meta_noise.clean(data.path, out, console=console, **data.settings)
        for number in range(1, ROUNDS + 2):
            line, answers = _round(out, data, number)
            lines.append(f"| {name} | {line} |")
            console.print(lines[-1])
            if number <= ROUNDS:
                following = options.runs / f"{make.__name__}-round{number + 1}"
                epochs = data.settings.get("epochs", 0) // 3
                meta_noise.ingest(out, answers, following, epochs=epochs, console=console)
                out = following
        lines.append(f"| {name} | {_anew(options.runs / f'{make.__name__}-new', out, data)} |")
        console.print(lines[-1])
    _into_readme(Path(__file__).with_name("README.md"), lines)
    return 0


def _anew(out: Path, last: Path, data: Data) -> str:
    """Returns the cells of the table for a new run with the same answers, as trusted rows of a file of their own."""
    rows = [{"id": answer.id, "label": answer.label} for answer in read_origin(last).answers]
    trusted = _write(out.with_suffix(".csv"), rows)
    fitted = meta_noise.clean(data.path, out, trusted=str(trusted), epochs=data.settings.get("epochs", 0))
    return f"new run | {len(rows)} | {100 * fitted.results['accuracy']['last']:.1f} | | | |  "


def _round(out: Path, data: Data, number: int) -> tuple[str, Path]:
    """Returns the cells of the table for a finished run, and the file with the answers to its queue."""
    labels = read_labels(out)
    ids, given = labels["id"].to_pylist(), labels["given_label"].to_pylist()
    wrong = np.array([data.truth[identity] != label for identity, label in zip(ids, given, strict=True)])
    worst = np.argsort(np.asarray(labels["label_quality"]), kind="stable")[:100]
    folder = meta_noise.queue(out, ASKED)
    with (folder / "queue.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    answered = [{**row, "answer": data.truth[row["id"]]} for row in rows]
    changed = {
        why: [row["answer"] != row["given_label"] for row in answered if row["why"] == why]
        for why in ("suspicious", "random")
    }
    accuracy = read_object(out / "results.json")["accuracy"]["last"]
    values = (np.mean(wrong[worst]), np.mean(changed["suspicious"]), np.mean(changed["random"]), wrong.mean())
    cells = " | ".join(f"{100 * value:.1f}" for value in (accuracy, *values))
    return f"{number} | {ASKED * (number - 1)} | {cells}", _write(folder / "answers.csv", answered)


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def _into_readme(path: Path, lines: list[str]) -> None:
    """Writes the table between the marks."""
    text = path.read_text(encoding="utf-8")
    before, after = text.split(START)[0], text.split(END)[1]
    path.write_text(f"{before}{START}\n\n" + "\n".join(lines) + f"\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
