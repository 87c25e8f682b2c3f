"""Data sets with true labels beside maybe wrong ones, as arrays: real wrong labels, and realistic ones drawn."""

import csv
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn import datasets
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from meta_noise.data.sources.cifar10_compact import cifar10_compact
from meta_noise.data.sources.mnist import fashion_mnist, mnist


class Set(NamedTuple):
    """Rows with given and true classes.

    Attributes:
        kind: "texts", "images" or "table".
        inputs: [N, ...] numbers or uint8 images; [N, 0] for texts.
        texts: N texts, or None.
        given: [N] int classes as given.
        truth: [N] int true classes.
        num_classes: C.
    """

    kind: str
    inputs: np.ndarray
    texts: list[str] | None
    given: np.ndarray
    truth: np.ndarray
    num_classes: int


def _texts(texts: list[str], given, truth, rows: int = 0) -> Set:
    chosen = np.random.default_rng(0).permutation(len(texts))[: rows or None]
    given, truth = np.asarray(given, int), np.asarray(truth, int)
    classes = int(max(given.max(), truth.max())) + 1
    return Set("texts", np.zeros((len(chosen), 0)), [texts[i] for i in chosen], given[chosen], truth[chosen], classes)


def _rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter, quoting=quoting))


def weak_text(data: Path, task: str) -> Set:
    """Returns texts of WRENCH that a rule speaks of, labelled by the majority of the rules."""
    folder = data / "weak_text" / task
    with np.load(folder / "labels.npz", allow_pickle=False) as arrays:
        votes, truth, classes = arrays["train_weak"], arrays["train_labels"], len(arrays["label_names"])
    counts = np.stack([(votes == label).sum(axis=1) for label in range(classes)], axis=1)
    chosen = np.flatnonzero(counts.any(axis=1))
    rows = _rows(folder / "train.csv.gz")
    texts = [" . ".join(rows[i][key] for key in ("entity1", "entity2", "text") if key in rows[i]) for i in chosen]
    return _texts(texts, counts[chosen].argmax(axis=1), truth[chosen])


def news_people(data: Path) -> Set:
    """Returns 3,000 news texts with majorities of three people."""
    rows = _rows(data / "noisy_ag_news" / "train.csv.gz")
    return _texts(
        [row["text"] for row in rows], [int(r["noisy_label"]) for r in rows], [int(r["true_label"]) for r in rows], 3000
    )


def african(data: Path, language: str) -> Set:
    """Returns news titles in Hausa or Yoruba, labelled by lists of words."""
    folder = data / "hausa_yoruba" / f"{language}_newsclass"
    clean, noisy = (_rows(folder / f"train_clean{end}.tsv.gz", "\t") for end in ("", "_noisy_labels"))
    names = sorted({row["label"] for row in clean + noisy})
    given, truth = ([names.index(row["label"]) for row in rows] for rows in (noisy, clean))
    return _texts([row["news_title"] for row in clean], given, truth)


def entities(data: Path, language: str) -> Set:
    """Returns 3,000 words with those around them, tagged as entities by lists of names."""
    folder = data / "hausa_yoruba" / f"{language}_ner"
    clean, noisy = (_tagged(folder / f"train_clean{end}.tsv.gz") for end in ("", "_noisy_labels"))
    texts, pairs = [], []
    for sentence, others in zip(clean, noisy, strict=True):
        if [word for word, _ in sentence] != [word for word, _ in others]:
            continue  # a few sentences are cut into other words
        words = ["START", *(word for word, _ in sentence), "END"]
        for place, ((word, tag), (_, other)) in enumerate(zip(sentence, others, strict=True)):
            texts.append(f"before_{words[place]} {word} after_{words[place + 2]}")
            pairs.append((other.partition("-")[2] or "O", tag.partition("-")[2] or "O"))
    names = sorted({name for pair in pairs for name in pair})
    given, truth = ([names.index(pair[which]) for pair in pairs] for which in (0, 1))
    return _texts(texts, given, truth, 3000)


def _tagged(path: Path) -> list[list[tuple[str, str]]]:
    """Returns sentences of (word, tag)."""
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    found: list[list[tuple[str, str]]] = [[]]
    for line in lines:
        word, _, tag = line.partition("\t")
        if word.strip():
            found[-1].append((word, tag.strip()))
        else:
            found.append([])
    return [sentence for sentence in found if sentence]


def sentiment(data: Path, rate: float) -> Set:
    """Returns 3,000 phrases of film reviews; the unclear ones were given the other class more often."""
    with gzip.open(data / "sst2" / "senti.binary.train.tsv.gz", "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").rsplit("\t", 1) for line in file]
    rows = [rows[i] for i in np.random.default_rng(1).permutation(len(rows))[:3000]]
    truth = np.array([int(label) for _, label in rows])
    length = np.array([len(text.split()) for text, _ in rows])
    chance = rate * (1 / np.sqrt(length)) / np.mean(1 / np.sqrt(length))  # short phrases are less clear
    given = np.where(np.random.default_rng(2).random(len(rows)) < chance, 1 - truth, truth)
    return _texts([text for text, _ in rows], given, truth)


def tweets(data: Path, rate: float) -> Set:
    """Returns 3,000 words of tweets with the words around them, tags confused as classes of like frequency are."""
    blocks = (data / "twitter_pos" / "tweets-train.txt").read_text(encoding="utf-8").strip().split("\n\n")
    texts, tags = [], []
    for block in blocks:
        words = [line.split("\t") for line in block.split("\n")]
        for place, (word, tag) in enumerate(words):
            before = words[place - 1][0] if place else "START"
            after = words[place + 1][0] if place + 1 < len(words) else "END"
            texts.append(f"before_{before} {word} after_{after}")
            tags.append(tag)
    names = sorted(set(tags))
    truth = np.array([names.index(tag) for tag in tags])
    found = _texts(texts, pair_noise(truth, rate, 3), truth, 3000)
    return found


def people_images(data: Path, which: str, rows: int = 3000) -> Set:
    """Returns images of CIFAR-10 with labels of CIFAR-10N."""
    source = cifar10_compact(str(data / "cifar10"), labels=which, verify=False)
    return Set("images", source.inputs[:rows], None, source.labels[:rows].astype(int), source.true_labels[:rows], 10)


def instance_images(data: Path, rate: str) -> Set:
    """Returns 3,000 images of CIFAR-10, none of those above, with published wrong labels that depend on the image."""
    source = cifar10_compact(str(data / "cifar10"), verify=False)
    with np.load(data / "cifar10" / "idn_labels.npz", allow_pickle=False) as arrays:
        given = arrays[f"idn_{rate}"][10_000:13_000].astype(int)
    truth = source.labels[10_000:13_000].astype(int)
    return Set("images", source.inputs[10_000:13_000], None, given, truth, 10)


def drawn_images(source, rate: float, kind: str, rows: int = 3000) -> Set:
    """Returns images with wrong labels drawn for those that are unclear, or between pairs of classes."""
    images, truth = source.inputs[:rows], source.labels[:rows].astype(int)
    pixels = images.reshape(len(images), -1) / 255
    given = pair_noise(truth, rate, 4) if kind == "pair" else unclear_noise(pixels, truth, rate, 4)
    return Set("images", images, None, given, truth, 10)


def table(name: str, rate: float, kind: str) -> Set:
    """Returns one of scikit-learn's tables with wrong labels drawn."""
    found = getattr(datasets, f"load_{name}")()
    truth = found.target.astype(int)
    given = pair_noise(truth, rate, 5) if kind == "pair" else unclear_noise(found.data, truth, rate, 5)
    return Set("table", found.data.astype(np.float32), None, given, truth, int(truth.max()) + 1)


def made_table(rate: float) -> Set:
    """Returns 2,000 rows of 20 columns with five classes in clusters that no plane parts."""
    x, truth = datasets.make_classification(
        2000, 20, n_informative=8, n_redundant=4, n_classes=5, n_clusters_per_class=3, class_sep=1.2, random_state=6
    )
    return Set("table", x.astype(np.float32), None, pair_noise(truth, rate, 7), truth, 5)


def pair_noise(truth: np.ndarray, rate: float, seed: int) -> np.ndarray:
    """Returns labels of which a share was given as the next class, each class with its own rate around `rate`."""
    rng = np.random.default_rng(seed)
    classes = int(truth.max()) + 1
    rates = rate * (0.5 + rng.random(classes))
    return np.where(rng.random(len(truth)) < rates[truth], (truth + 1) % classes, truth)


def unclear_noise(x: np.ndarray, truth: np.ndarray, rate: float, seed: int) -> np.ndarray:
    """Returns labels of which a share is wrong: rows that a model finds unclear, given as what it takes them for."""
    rng = np.random.default_rng(seed)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=200))
    p = cross_val_predict(model, x, truth, cv=3, method="predict_proba")
    own = p[np.arange(len(p)), truth]
    other = p.copy()
    other[np.arange(len(p)), truth] = 0
    chance = (1.05 - own) / np.mean(1.05 - own) * rate
    return np.where(rng.random(len(p)) < np.minimum(chance, 0.9), other.argmax(axis=1), truth)


SETS: dict[str, Callable[[Path], Set]] = {
    "youtube": lambda data: weak_text(data, "youtube"),
    "sms": lambda data: weak_text(data, "sms"),
    "semeval": lambda data: weak_text(data, "semeval"),
    "news by people": news_people,
    "hausa": lambda data: african(data, "hausa"),
    "yoruba": lambda data: african(data, "yoruba"),
    "sentiment 30%": lambda data: sentiment(data, 0.3),
    "tweets 25%": lambda data: tweets(data, 0.25),
    "cifar10n aggre": lambda data: people_images(data, "aggre"),
    "cifar10n random1": lambda data: people_images(data, "random1"),
    "cifar10n worst": lambda data: people_images(data, "worst"),
    "mnist unclear 30%": lambda data: drawn_images(mnist(str(data / "mnist")), 0.3, "unclear"),
    "fashion pair 25%": lambda data: drawn_images(fashion_mnist(str(data / "fashion_mnist")), 0.25, "pair"),
    "digits unclear 25%": lambda data: table("digits", 0.25, "unclear"),
    "breast_cancer unclear 20%": lambda data: table("breast_cancer", 0.2, "unclear"),
    "wine pair 25%": lambda data: table("wine", 0.25, "pair"),
    "iris unclear 20%": lambda data: table("iris", 0.2, "unclear"),
    "made table pair 30%": lambda data: made_table(0.3),
    "hausa entities": lambda data: entities(data, "hausa"),
    "yoruba entities": lambda data: entities(data, "yoruba"),
    "cifar10 instance 20%": lambda data: instance_images(data, "02"),
    "cifar10 instance 40%": lambda data: instance_images(data, "04"),
    "cifar10 instance 60%": lambda data: instance_images(data, "06"),
    "cifar10n aggre 1500": lambda data: people_images(data, "aggre", 1500),
}
LATER = tuple(SETS)[18:23]  # added when everything was settled, and measured once; the last one was looked at
