"""Rows of several classes at once, with true labels beside maybe wrong ones: real wrong labels, and drawn ones."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from experiments.own_data.sets import _rows, _tagged
from meta_noise.data.sources.cifar10_compact import cifar10_compact
from meta_noise.data.sources.mnist import fashion_mnist, mnist

KINDS = {  # of CIFAR-10: airplane automobile bird cat deer dog frog horse ship truck
    "animal": (2, 3, 4, 5, 6, 7),
    "four legs": (3, 4, 5, 6, 7),
    "mammal": (3, 4, 5, 7),
    "pet": (3, 5),
    "hoofed": (4, 7),
    "flies": (0, 2),
    "on roads": (1, 9),
    "carries loads": (0, 8, 9),
}


class Several(NamedTuple):
    """N rows and L classes: `kind` "texts" or "images", `inputs`, `texts` or None, `given` and `truth` [N, L] int8."""

    kind: str
    inputs: np.ndarray
    texts: list[str] | None
    names: tuple[str, ...]
    given: np.ndarray
    truth: np.ndarray


def entities(data: Path, language: str) -> Several:
    """Returns sentences with the kinds of names in them, told by lists of names and rules (given) and by people."""
    folder = data / "hausa_yoruba" / f"{language}_ner"
    clean, noisy = (_tagged(folder / f"train_clean{end}.tsv.gz") for end in ("", "_noisy_labels"))
    pairs = [(a, b) for a, b in zip(noisy, clean, strict=True) if [word for word, _ in a] == [word for word, _ in b]]
    names = sorted({tag.partition("-")[2] for pair in pairs for one in pair for _, tag in one} - {""})

    def kinds(sentence: list[tuple[str, str]]) -> list[bool]:
        found = {tag.partition("-")[2] for _, tag in sentence}
        return [name in found for name in names]

    given, truth = (np.array([kinds(pair[which]) for pair in pairs], np.int8) for which in (0, 1))
    texts = [" ".join(word for word, _ in clean) for _, clean in pairs]
    return Several("texts", np.zeros((len(texts), 0), np.float32), texts, tuple(names), given, truth)


def news(data: Path, rows: int = 3000) -> Several:
    """Returns one to three news texts after each other with the topics that three people each saw in them."""
    found = _rows(data / "noisy_ag_news" / "train.csv.gz")
    rng = np.random.default_rng(4)
    order = iter(rng.permutation(len(found)).tolist())
    texts, given, truth = [], np.zeros((rows, 4), np.int8), np.zeros((rows, 4), np.int8)
    for row in range(rows):
        chosen = [found[next(order)] for _ in range(rng.integers(1, 4))]
        texts.append(" ".join(one["text"] for one in chosen))
        given[row, [int(one["noisy_label"]) for one in chosen]] = 1
        truth[row, [int(one["true_label"]) for one in chosen]] = 1
    return Several(
        "texts", np.zeros((rows, 0), np.float32), texts, ("world", "sports", "business", "science"), given, truth
    )


def people_images(data: Path, which: str, rows: int = 3000) -> Several:
    """Returns images of CIFAR-10 with what is true of the class that people saw (CIFAR-10N), and of the true one."""
    source = cifar10_compact(str(data / "cifar10"), labels=which, verify=False)
    table = np.array([[klass in classes for classes in KINDS.values()] for klass in range(10)], np.int8)
    given, truth = table[source.labels[:rows].astype(int)], table[source.true_labels[:rows].astype(int)]
    return Several("images", source.inputs[:rows], None, tuple(KINDS), given, truth)


def scenes(data: Path, which: str, rows: int = 3000) -> Several:
    """Returns four pictures as one, some places empty, with what is in it; of what is small in number a third is
    missed, and something that is not there is said in one of twelve rows, mostly what is often confused."""
    source = {"digits": mnist, "clothes": fashion_mnist}[which](
        str(data / {"digits": "mnist", "clothes": "fashion_mnist"}[which]), "train"
    )
    rng = np.random.default_rng(5)
    pictures = np.zeros((rows, 56, 56, 1), np.uint8)
    truth = np.zeros((rows, 10), np.int8)
    for row in range(rows):
        for place in rng.permutation(4)[: rng.integers(1, 4)].tolist():
            one = int(rng.integers(len(source.labels)))
            top, left = divmod(place, 2)
            pictures[row, 28 * top : 28 * top + 28, 28 * left : 28 * left + 28] = source.inputs[one].reshape(28, 28, 1)
            truth[row, source.labels[one]] = 1
    return Several("images", pictures, None, tuple(map(str, range(10))), spoilt(truth, 6), truth)


def spoilt(truth: np.ndarray, seed: int, missed: float = 0.2, added: float = 0.03) -> np.ndarray:
    """Returns labels some of which were missed, more of them in rows of many labels, and a few were added, which often
    come with those that are there."""
    rng = np.random.default_rng(seed)
    many = truth.sum(axis=1, keepdims=True) / truth.sum(axis=1).mean()
    together = truth.T.astype(float) @ truth / np.maximum(truth.sum(axis=0), 1)[:, None]
    likely = truth @ together
    likely /= max(likely[truth == 0].mean(), 1e-9)
    lost = (rng.random(truth.shape) < missed * many) & (truth == 1)
    new = (rng.random(truth.shape) < added * likely) & (truth == 0)
    return np.where(lost, 0, np.where(new, 1, truth)).astype(np.int8)
