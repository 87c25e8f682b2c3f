"""Very many classes: how far labels agree with the nearest mean of a class, without a matrix of rows by classes."""

from typing import NamedTuple

import numpy as np

from meta_noise.cleaning.tournament.noise_rate import NoiseRate, wilson_interval
from meta_noise.cleaning.tournament.softmax import softmax

BLOCK = 1_000  # rows at a time
SHARPNESS = (2.0, 5.0, 10.0, 20.0, 40.0)


class Near(NamedTuple):
    """Of N rows: `own` [N] probability of the given class, `best` [N] the most probable class, `above` [N] bool: it is
    another one than given, and surer than it usually is of its own rows; `top` [N] its probability."""

    own: np.ndarray
    best: np.ndarray
    above: np.ndarray
    top: np.ndarray


def nearest_means(near: np.ndarray, given: np.ndarray, num_classes: int) -> Near:
    """Returns what the means of the classes, each row left out of its own, say of rows near [N, D] given as [N]."""
    x = near / np.maximum(np.linalg.norm(near, axis=1, keepdims=True), 1e-9)
    counts = np.bincount(given, minlength=num_classes)
    sums = np.zeros((num_classes, x.shape[1]), np.float32)
    np.add.at(sums, given, x)
    means = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    rest = sums[given] - x
    own_cosine = np.einsum("nd,nd->n", x, rest) / np.maximum(np.linalg.norm(rest, axis=1), 1e-9)
    own_cosine[counts[given] < 2] = 0.0  # nothing is left of the class
    sample = np.random.default_rng(0).permutation(len(x))[:BLOCK]
    cosines = _cosines(x[sample], means, given[sample], own_cosine[sample], counts)
    losses = [-np.mean(np.log(softmax(s * cosines)[np.arange(len(sample)), given[sample]] + 1e-12)) for s in SHARPNESS]
    sharp = SHARPNESS[int(np.argmin(losses))]
    own, best, top = (np.empty(len(x), kind) for kind in (np.float32, np.int64, np.float32))
    usual = np.zeros(num_classes)
    for start in range(0, len(x), BLOCK):
        block = slice(start, start + BLOCK)
        p = softmax(sharp * _cosines(x[block], means, given[block], own_cosine[block], counts))
        own[block] = p[np.arange(len(p)), given[block]]
        best[block], top[block] = p.argmax(axis=1), p.max(axis=1)
        usual += np.bincount(given[block], weights=own[block], minlength=num_classes)
    usual /= np.maximum(counts, 1)
    return Near(own, best, (best != given) & (top >= usual[best]), top)


def _cosines(x: np.ndarray, means: np.ndarray, given: np.ndarray, own: np.ndarray, counts: np.ndarray) -> np.ndarray:
    found = x @ means.T
    found[np.arange(len(x)), given] = own
    found[:, counts == 0] = -1
    return found


def rate_of_many(near: Near, given: np.ndarray, num_classes: int) -> NoiseRate:
    """Returns the noise rate: rows above another class; the interval ends at all that disagree."""
    rows = np.maximum(np.bincount(given, minlength=num_classes), 1)
    values = np.bincount(given, weights=near.above, minlength=num_classes) / rows
    high = np.bincount(given, weights=near.best != given, minlength=num_classes) / rows
    lows = [wilson_interval(v / 2, n)[0] for v, n in zip(values, rows, strict=True)]
    highs = [wilson_interval(h, n)[1] for h, n in zip(high, rows, strict=True)]
    value, most = float(near.above.mean()), float(np.mean(near.best != given))
    ends = wilson_interval(value / 2, len(given))[0], wilson_interval(most, len(given))[1]
    return NoiseRate(value, *ends, np.stack([values, lows, highs], axis=1), 0, 0)
