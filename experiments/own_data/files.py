"""The data sets of the table as files that a user might have, with the truth apart from them."""

import csv
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.datasets import load_digits

TRUSTED = 0.01  # share of rows that a person has checked


class Case(NamedTuple):
    """A file of rows.

    Attributes:
        name: of the data set.
        path: of the file; ids in column id, maybe wrong labels in column label.
        trusted: of a second file: ids and true labels of 1% of the rows, drawn at random.
        truth: id -> true label as text.
    """

    name: str
    path: Path
    trusted: Path
    truth: dict[str, str]


def digits(data: Path, rows: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Returns scikit-learn's 1,797 digits as numeric columns; 30% of the labels are another class, at random."""
    del data, rows
    found = load_digits()
    rng = np.random.default_rng(0)
    other = (found.target + rng.integers(1, 10, len(found.target))) % 10
    given = np.where(rng.random(len(other)) < 0.3, other, found.target)
    pixels = [{f"p{place}": float(value) for place, value in enumerate(row)} for row in found.data]
    return [{"label": str(label), **row} for label, row in zip(given, pixels, strict=True)], found.target.astype(
        str
    ).tolist()


def noisy_ag_news(data: Path, rows: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Returns 10,000 news texts of four classes; majorities of three people are wrong for 19.75%."""
    names = ("World", "Sports", "Business", "Sci/Tech")
    found = _csv(data / "noisy_ag_news" / "train.csv.gz")[: rows or None]
    texts = [{"label": names[int(row["noisy_label"])], "text": row["text"]} for row in found]
    return texts, [names[int(row["true_label"])] for row in found]


def weak_text(data: Path, rows: int, task: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Returns the texts of a task that any rule speaks of, labelled by the majority of the rules."""
    del rows
    folder = data / "weak_text" / task
    with np.load(folder / "labels.npz", allow_pickle=False) as arrays:
        votes, truth = arrays["train_weak"], arrays["train_labels"]
        names = [str(name) for name in arrays["label_names"]]
    counts = np.stack([(votes == label).sum(axis=1) for label in range(len(names))], axis=1)
    chosen = np.flatnonzero(counts.any(axis=1))
    texts = [row["text"] for row in _csv(folder / "train.csv.gz")]
    found = [{"label": names[counts[row].argmax()], "text": texts[row]} for row in chosen]
    return found, [names[truth[row]] for row in chosen]


def cifar10n_worst(data: Path, rows: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Returns the first images of CIFAR-10 as JPEG files in a column, with the worst labels of CIFAR-10N."""
    folder = data / "cifar10"
    with np.load(folder / "index.npz", allow_pickle=False) as index:
        header, offsets, truth = index["header"].tobytes(), index["train_offsets"], index["train_labels"]
        names = [str(name) for name in index["class_names"]]
    with np.load(folder / "cifar10n.npz", allow_pickle=False) as labels:
        given = labels["worst"]
    scans = (folder / "train_scans.bin").read_bytes()
    images = [header + scans[offsets[row] : offsets[row + 1]] for row in range(rows)]
    return [{"label": names[given[row]], "image": image} for row, image in enumerate(images)], [
        names[label] for label in truth[:rows]
    ]


SETS: dict[str, Callable[[Path, int], tuple[list[dict[str, Any]], list[str]]]] = {
    "digits": digits,
    "weak_text youtube": lambda data, rows: weak_text(data, rows, "youtube"),
    "weak_text semeval": lambda data, rows: weak_text(data, rows, "semeval"),
    "noisy_ag_news": noisy_ag_news,
    "cifar10n worst": cifar10n_worst,
}


def write_case(name: str, data: Path, folder: Path, rows: int) -> Case:
    """Writes a data set and its trusted rows below `folder`; `rows` is the size of the large ones."""
    found, truth = SETS[name](data, rows)
    ids = [f"row-{number:05d}" for number in range(len(found))]
    table = [{"id": identity, **row} for identity, row in zip(ids, found, strict=True)]
    folder.mkdir(parents=True, exist_ok=True)
    stem = name.replace(" ", "_")
    if isinstance(found[0].get("image"), bytes):
        path = folder / f"{stem}.parquet"
        pq.write_table(pa.Table.from_pylist(table), path)
    else:
        path = folder / f"{stem}.csv"
        _write(path, table)
    chosen = np.random.default_rng(1).choice(len(ids), max(round(TRUSTED * len(ids)), 1), replace=False)
    trusted = folder / f"{stem}_trusted.csv"
    _write(trusted, [{"id": ids[row], "label": truth[row]} for row in np.sort(chosen)])
    return Case(name, path, trusted, dict(zip(ids, truth, strict=True)))


def _csv(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
