"""Which rows are flagged: by the noise of each class and the ranking, or as asked for."""

from typing import Literal, NamedTuple

import numpy as np

from meta_noise.errors import InputError


class Threshold(NamedTuple):
    """What flags should reach: `kind` "noise" needs no value; precision and recall are 0..1, count is rows."""

    kind: Literal["noise", "precision", "recall", "count"] = "noise"
    value: float = 0.0

    def __str__(self) -> str:
        """As it is written, such as "count=200"; "" for "noise"."""
        return "" if self.kind == "noise" else f"{self.kind}={self.value:g}"

    @property
    def found(self) -> str:
        """What the flagged labels do, in words."""
        return "look wrong" if self.kind == "noise" else f"are flagged, as asked for by {self}"


BY_NOISE = Threshold()
UNCHECKED = 2.0  # the favour of given labels where no row is trusted


class Flags(NamedTuple):
    """What is said of N rows.

    Attributes:
        is_issue: [N] bool.
        suggested: [N] int class, another one than given wherever a row is flagged.
        probability: [N] of the suggestion.
        quality: [N] probability that the given label is right.
        believed: [N] int class that is believed: the given one unless another is enough more probable.
        precision, recall: of the flags, as expected from the probabilities.
    """

    is_issue: np.ndarray
    suggested: np.ndarray
    probability: np.ndarray
    quality: np.ndarray
    believed: np.ndarray
    precision: float | None
    recall: float | None

    @property
    def is_better(self) -> np.ndarray:
        """[N] bool, the row is flagged and its suggestion no less probable, which a threshold does not ask for."""
        return self.is_issue & ~(self.probability < self.quality)


def read_threshold(text: str) -> Threshold:
    """Returns the threshold written as precision=0.8, recall=0.9 or count=200; InputError says what is wrong."""
    kind, _, number = text.partition("=")
    try:
        value = float(number)
    except ValueError:
        value = np.nan
    right = {"precision": 0 < value <= 1, "recall": 0 < value <= 1, "count": value >= 0 and value == value // 1}
    if not right.get(kind.strip(), False):
        raise InputError(f"--flag is {text!r}; give precision=0.8 or recall=0.9 (above 0, at most 1) or count=200.")
    return Threshold(kind.strip(), value)  # type: ignore[arg-type]


def favour_of(is_checked: bool) -> float:
    """Returns how many times as probable as the given class another one has to be to be believed: trusted rows have
    calibrated the probabilities, which are unchecked without any."""
    return 1.0 if is_checked else UNCHECKED


def flag(
    posterior: np.ndarray, given: np.ndarray, class_rates: np.ndarray, threshold: Threshold, favour: float = 1.0
) -> Flags:
    """Returns the flags of rows with calibrated p(y | x, given) [N, C] and given classes [N].

    By default, of the rows given as a class as many of the least quality are flagged as labels of it are estimated to
    be wrong (`class_rates` [C]), as far as another class is `favour` times as probable. A threshold flags in the order
    of quality.
    """
    rows = np.arange(len(given))
    weighed = posterior.copy()
    weighed[rows, given] *= favour
    believed = weighed.argmax(axis=1)
    quality = posterior[rows, given].astype(np.float64)
    order = np.argsort(quality, kind="stable")
    doubt = 1 - quality
    if threshold.kind == "noise":
        is_issue = _by_class(order, given, class_rates) & (believed != given)
    else:
        found = np.cumsum(doubt[order])
        counts = np.arange(1, len(order) + 1)
        if threshold.kind == "precision":
            many = int(np.max(counts[found / counts >= threshold.value], initial=0))
        elif threshold.kind == "recall":
            many = int(np.searchsorted(found, threshold.value * found[-1] * (1 - 1e-12)) + 1)
        else:
            many = int(min(threshold.value, len(order)))
        is_issue = np.zeros(len(given), bool)
        is_issue[order[:many]] = True
    weighed[rows[is_issue], given[is_issue]] = -1  # a flagged row gets another class
    suggested = weighed.argmax(axis=1)
    hits = float(doubt[is_issue].sum())
    precision = hits / is_issue.sum() if is_issue.any() else None
    recall = hits / doubt.sum() if doubt.sum() > 0 else None
    return Flags(is_issue, suggested, posterior[rows, suggested], quality, believed, precision, recall)


def _by_class(order: np.ndarray, given: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Returns [N] bool: the first of each class in the order, as many as its rate says."""
    found = np.zeros(len(given), bool)
    counts = np.bincount(given, minlength=len(rates))
    for klass in np.flatnonzero(counts):
        mine = order[given[order] == klass]
        found[mine[: int(np.ceil(rates[klass] * counts[klass]))]] = True
    return found
