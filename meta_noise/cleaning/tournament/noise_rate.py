"""One estimate of how many labels are wrong, of all rows and of each class, with its interval."""

from typing import NamedTuple

import numpy as np
from scipy.stats import norm

from meta_noise.cleaning.tournament.confusion import anchored, confident

CONFIDENCE = 0.95
LEAST = 5  # trusted rows, wrong and right ones each, from which it shows what predictions are worth
PRIOR = 10.0  # rows that the rate of a class by predictions is worth beside its trusted rows


class NoiseRate(NamedTuple):
    """Shares of wrong labels.

    Attributes:
        value, low, high: of all rows and its interval of 95%.
        classes: [C, 3] the same of the rows given as each class.
        counted: trusted rows whose given label is known; 0 where all comes from predictions.
        wrong: so many of them were wrong.
    """

    value: float
    low: float
    high: float
    classes: np.ndarray
    counted: int
    wrong: int


def wilson_interval(share: float, count: float) -> tuple[float, float]:
    """Returns the interval of 95% of a share seen in `count` rows, which need not be a whole number (Wilson 1927)."""
    z = float(norm.ppf((1 + CONFIDENCE) / 2))
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * np.sqrt(max(share * (1 - share), 0) / count + z * z / (4 * count * count))
    return max(float(middle - half), 0.0), min(float(middle + half), 1.0)


def rate_by_trusted(doubt: np.ndarray, given: np.ndarray, held_doubt: np.ndarray, held_given, wrong) -> NoiseRate:
    """Returns the rate from trusted rows drawn at random, sharpened by what is predicted of all others.

    The mean doubt of all rows, corrected by how far doubt is from the truth on trusted rows, is right whatever the
    predictions are worth, and the more precise the better they are: A. N. Angelopoulos et al., "Prediction-powered
    inference", Science 382, 2023. The interval is Wilson's for the number of rows that this precision is worth.

    Args:
        doubt: [N] predicted probability that the given label of a row that is not trusted is wrong.
        given: [N] its given class.
        held_doubt: [n] the same of the trusted rows, predicted without their true label.
        held_given: [n] their given class.
        wrong: [n] bool, whether it was wrong.
    """
    count = len(wrong)
    slope = 0.0
    if min(wrong.sum(), count - wrong.sum()) >= LEAST and held_doubt.std() > 0:
        slope = float(np.cov(held_doubt, wrong)[0, 1] / (held_doubt.var(ddof=1) + 1 / count))
        slope = min(max(slope, 0.0), 1.0)
    rest = wrong - slope * held_doubt
    value = float(np.clip(slope * doubt.mean() + rest.mean(), 0, 1))
    variance = float(rest.var(ddof=min(1, count - 1)) / count + slope**2 * doubt.var() / max(len(doubt), 1))
    spread = max(value, 0.5 / count) * (1 - min(value, 1 - 0.5 / count))
    worth = float(np.clip(spread / max(variance, 1e-9), count, 4 * count)) if slope else float(count)
    low, high = wilson_interval(value, worth)
    scale = value / max(float(doubt.mean()), 1e-6)
    return NoiseRate(value, low, high, _classes(doubt * scale, given, held_given, wrong), count, int(wrong.sum()))


def _classes(doubt: np.ndarray, given: np.ndarray, held_given: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    classes = int(max(given.max(initial=0), held_given.max(initial=0))) + 1
    rows = np.bincount(given, minlength=classes)
    predicted = np.clip(np.bincount(given, weights=doubt, minlength=classes) / np.maximum(rows, 1), 0, 1)
    hits = np.bincount(held_given, weights=wrong, minlength=classes) + PRIOR * predicted
    counts = np.bincount(held_given, minlength=classes) + PRIOR
    values = hits / counts
    return np.array([(v, *wilson_interval(v, n)) for v, n in zip(values, counts, strict=True)])


def rate_by_predictions(p: np.ndarray, given: np.ndarray) -> NoiseRate:
    """Returns the rate from out-of-fold p(given | x) [n, C] alone.

    The value is that of confident learning, which is too high where predictions are weak; so it is at most the upper
    end of what the labels of the surest rows show. The interval goes from half of what either says to all that the
    predictions contradict. Wrong labels that follow the inputs stay unseen.
    """
    classes = p.shape[1]
    rows = np.bincount(given, minlength=classes)
    share = rows / len(given)
    sure, usual = (_of_given(transition, share) for transition in (anchored(p, given), confident(p, given)))
    disagrees = p.argmax(axis=1) != given
    high = np.bincount(given, weights=disagrees, minlength=classes) / np.maximum(rows, 1)
    least = np.minimum(sure, usual)
    counts, looked_at = np.maximum(rows, 1), np.maximum(0.1 * rows, 10)  # of each class, and the surest of them
    most = np.array([wilson_interval(v, n)[1] for v, n in zip(sure, looked_at, strict=True)])
    value = np.minimum(np.minimum(usual, most), np.maximum(high, least))  # no more than all that is contradicted
    lows = [wilson_interval(v / 2, n)[0] for v, n in zip(least, looked_at, strict=True)]
    highs = [wilson_interval(max(v, h), n)[1] for v, h, n in zip(value, high, counts, strict=True)]
    some = max(0.1 * len(given), 10)
    total = float(min(share @ value, wilson_interval(float(share @ sure), some)[1]))
    low = min(wilson_interval(float(share @ least) / 2, some)[0], total)
    top = max(wilson_interval(float(disagrees.mean()), len(given))[1], total)
    return NoiseRate(total, low, top, np.stack([value, lows, highs], axis=1), 0, 0)


def rate_of_surest(p: np.ndarray, given: np.ndarray) -> float:
    """Returns the share of wrong labels that confident disagreement alone supports, 0..1.

    Out-of-fold p(given | x) [n, C] contradict given labels [n] where these are wrong and where the inputs do not tell
    classes apart; of the second the less, the surer they are. So the share of what is contradicted in the surest fifth
    and in the next one is drawn on, as a straight line, to rows of which nothing would be surer. It is too low where
    wrong labels gather in unclear rows.
    """
    fifth = max(len(given) // 5, 1)
    order = np.argsort(-p.max(axis=1), kind="stable")
    wrong = (p.argmax(axis=1) != given)[order]
    return float(np.clip(1.5 * wrong[:fifth].mean() - 0.5 * wrong[fifth : 2 * fifth].mean(), 0, 1))


def _of_given(transition: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Returns [C]: the share of wrong labels among rows given as each class, whose shares are `share` [C]."""
    true = share.copy()
    for _ in range(200):  # shares of the true classes under which given ones have theirs
        true = true * (transition @ (share / np.maximum(true @ transition, 1e-12)))
    joint = true[:, None] * transition
    return np.clip(1 - np.diag(joint) / np.maximum(joint.sum(axis=0), 1e-12), 0, 1)
