"""Sets whose inputs tell classes poorly, or well, with few wrong labels or many: on these it was chosen what is done
where no row is trusted. None of them is in the table of answers.

The truth is real, or made; wrong labels are drawn. Without any, all that predictions contradict is their own error.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn import datasets

from experiments.own_data.sets import Set, pair_noise, unclear_noise

RATES = (0, 5, 10, 20, 35, 50)  # wrong labels, in per cent
KINDS = ("pair", "alike", "unclear")
MOST_OF_TWO = 35  # per cent: of two classes half wrong labels tell nothing

Rows = tuple[np.ndarray, np.ndarray]


def _few_columns(name: str, columns: list[int], rows: int = 0) -> Rows:
    """Returns some columns of one of scikit-learn's tables, and its classes."""
    found = getattr(datasets, f"load_{name}")()
    chosen = np.random.default_rng(3).permutation(len(found.target))[: rows or None]
    return found.data[chosen][:, columns], found.target[chosen].astype(int)


def _diabetes() -> Rows:
    """Returns patients, and whether the disease went on little, some or much."""
    found = datasets.load_diabetes()
    return found.data, np.digitize(found.target, np.quantile(found.target, [1 / 3, 2 / 3]))


def _made(seed: int, apart: float, classes: int) -> Rows:
    return datasets.make_classification(
        1000,
        15,
        n_informative=6,
        n_redundant=2,
        n_classes=classes,
        n_clusters_per_class=2,
        class_sep=apart,
        random_state=seed,
    )


SOURCES: dict[str, Callable[[], Rows]] = {
    "diabetes": _diabetes,
    "iris, sepals": lambda: _few_columns("iris", [0, 1]),
    "breast cancer, four columns": lambda: _few_columns("breast_cancer", [4, 8, 9, 14]),
    "wine, three columns": lambda: _few_columns("wine", [1, 3, 7]),
    "digits, eight points": lambda: _few_columns("digits", [19, 21, 26, 28, 35, 37, 43, 44], 900),
    "made, far apart": lambda: _made(11, 1.6, 4),
    "made, near": lambda: _made(12, 0.7, 4),
    "made, two classes": lambda: _made(13, 0.5, 2),
    "made, eight classes": lambda: _made(14, 1.0, 8),
}


def weak_sets() -> dict[str, Callable[[Path], Set]]:
    """Returns name -> set; that of its source comes before the colon."""
    found: dict[str, Callable[[Path], Set]] = {}
    for number, (name, source) in enumerate(SOURCES.items()):
        for rate in RATES:
            if rate <= MOST_OF_TWO or name != "made, two classes":
                kind = KINDS[(number + rate) % 3]
                found[f"{name}: {rate}%"] = _drawn(source, kind, rate / 100, 100 * number + rate)
    return found


def _drawn(source: Callable[[], Rows], kind: str, rate: float, seed: int) -> Callable[[Path], Set]:
    """Returns the reading of a source with wrong labels: the next class, any, or what unclear rows are taken for."""

    def read(data: Path) -> Set:
        del data
        x, truth = source()
        classes = int(truth.max()) + 1
        if not rate:
            given = truth
        elif kind == "pair":
            given = pair_noise(truth, rate, seed)
        elif kind == "unclear":
            given = unclear_noise(x, truth, rate, seed)
        else:
            rng = np.random.default_rng(seed)
            other = (truth + rng.integers(1, classes, len(truth))) % classes
            given = np.where(rng.random(len(truth)) < rate, other, truth)
        return Set("table", x.astype(np.float32), None, given, truth, classes)

    return read
