"""Three real sets as a user has them, with their truth apart, and a plain classifier for each."""

import csv
import gzip
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from meta_noise.data.sources.cifar10_compact import cifar10_compact

NEWS = ("World", "Sports", "Business", "Sci/Tech")
TEXTS, PHOTOGRAPHS, TABLE = 4_000, 2_000, 400  # rows with given labels; others measure
GAPS, NOISE = 0.08, 0.2  # of the table: share of missing cells, share of labels that are turned


class Given(NamedTuple):
    """A user's data.

    Attributes:
        path: a file, or a folder of images.
        options: of the commands that read it.
        id, label: columns of the corrected file.
        truth: id -> true label.
        accuracy: `(id -> label) -> accuracy`, 0 to 1, of a plain classifier that learned these labels, on other rows
            with true ones.
    """

    path: Path
    options: tuple[str, ...]
    id: str
    label: str
    truth: dict[str, str]
    accuracy: Callable[[dict[str, str]], float]


def texts(folder: Path, data: Path) -> Given:
    """Returns 4,000 news texts as CSV, labelled by three people each, whose majority is wrong for a fifth."""
    with gzip.open(data / "noisy_ag_news" / "train.csv.gz", "rt", encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    order = np.random.default_rng(0).permutation(len(found))[: TEXTS + 2_000]
    chosen = [found[row] for row in order.tolist()]
    rows = [
        {"id": f"news-{number:04d}", "text": row["text"], "topic": NEWS[int(row["noisy_label"])]}
        for number, row in enumerate(chosen[:TEXTS])
    ]
    truth = {row["id"]: NEWS[int(one["true_label"])] for row, one in zip(rows, chosen, strict=False)}
    model = make_pipeline(TfidfVectorizer(sublinear_tf=True, min_df=2), LogisticRegression(C=3, max_iter=300))
    inputs = {row["id"]: row["text"] for row in rows}
    rest = chosen[TEXTS:]
    apart = [row["text"] for row in rest], [NEWS[int(row["true_label"])] for row in rest]
    path = _csv(folder / "news.csv", rows)
    return Given(path, ("--label", "topic"), "id", "topic", truth, _accuracy(model, inputs, *apart))


def photographs(folder: Path, data: Path) -> Given:
    """Returns 2,000 photographs of CIFAR-10 in ten folders, in which people put them: the worst of CIFAR-10N."""
    source = cifar10_compact(str(data / "cifar10"), labels="worst", verify=False)
    with np.load(data / "cifar10" / "index.npz", allow_pickle=False) as index:
        names = [str(name) for name in index["class_names"]]
        header, offsets = index["header"].tobytes(), index["train_offsets"]
    scans = (data / "cifar10" / "train_scans.bin").read_bytes()
    truth, inputs = {}, {}
    for row in range(PHOTOGRAPHS):
        identity = f"{names[source.labels[row]]}/{row:05d}.jpg"
        path = folder / identity
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(header + scans[offsets[row] : offsets[row + 1]])
        truth[identity] = names[source.true_labels[row]]
        inputs[identity] = source.inputs[row].reshape(-1) / 255
    rest = slice(PHOTOGRAPHS, PHOTOGRAPHS + 2_000)
    apart = source.inputs[rest].reshape(-1, 3072) / 255, [names[klass] for klass in source.true_labels[rest]]
    model = make_pipeline(PCA(60, whiten=True, random_state=0), SVC(C=2))
    return Given(folder, (), "image", "label", truth, _accuracy(model, inputs, *apart))


def table(folder: Path, data: Path) -> Given:
    """Returns 400 rows on tumours (Wisconsin), two of thirty numbers made categories, with gaps; a fifth of the labels
    is turned, by lot."""
    del data
    cancer, rng = load_breast_cancer(), np.random.default_rng(0)
    names = [str(name) for name in cancer.feature_names]
    numbers = cancer.data[:, 2:]
    bands = [np.digitize(column, np.quantile(column, (0.33, 0.67))) for column in cancer.data[:, :2].T]
    order = rng.permutation(len(numbers))
    gap = rng.random(cancer.data.shape) < GAPS
    turned = rng.random(len(numbers)) < NOISE
    kinds = ("malignant", "benign")
    rows, apart = [], []
    for place, row in enumerate(order.tolist()):
        cells = [("small", "middle", "large")[band[row]] for band in bands] + [f"{cell:g}" for cell in numbers[row]]
        shown = {name: "" if gap[row, at] else cell for at, (name, cell) in enumerate(zip(names, cells, strict=True))}
        true = int(cancer.target[row])
        line = {"patient": f"p{row:03d}", "diagnosis": kinds[true ^ int(turned[row] and place < TABLE)], **shown}
        (rows if place < TABLE else apart).append(line)
    truth = {f"p{row:03d}": kinds[cancer.target[row]] for row in order[:TABLE].tolist()}
    inputs = {row["patient"]: _numbers(row, names) for row in rows}
    others = np.array([_numbers(row, names) for row in apart]), [row["diagnosis"] for row in apart]
    model = HistGradientBoostingClassifier(categorical_features=[0, 1], random_state=0)
    options = ("--label", "diagnosis", "--id", "patient")
    path = _csv(folder / "tumours.csv", rows)
    return Given(path, options, "patient", "diagnosis", truth, _accuracy(model, inputs, *others))


SETS: dict[str, Callable[[Path, Path], Given]] = {
    "news texts, CSV": texts,
    "photographs, folder": photographs,
    "tumours, CSV with gaps and categories": table,
}


def _numbers(row: dict[str, str], names: Sequence[str]) -> list[float]:
    """Returns the cells as numbers, gaps as NaN."""
    band = {"small": 0.0, "middle": 1.0, "large": 2.0, "": np.nan}
    return [band[row[name]] if row[name] in band else float(row[name]) for name in names]


def _accuracy(model: Any, inputs: dict[str, Any], others: Any, truth: Sequence[str]) -> Callable[..., float]:
    def accuracy(labels: dict[str, str]) -> float:
        ids = list(labels)
        learned = [inputs[identity] for identity in ids]
        rows = learned if isinstance(learned[0], str) else np.array(learned)
        model.fit(rows, [labels[identity] for identity in ids])
        return float(np.mean(model.predict(others) == np.array(truth)))

    return accuracy


def _csv(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return path
