"""Small data with wrong labels: numbers, texts, images and a table of mixed cells about the same 90 things."""

import numpy as np

NAMES = np.array(["ant", "bee", "cat"])
WORDS = {
    "ant": ["soil", "nest", "queen", "crawl"],
    "bee": ["honey", "hive", "wing", "sting"],
    "cat": ["fur", "purr", "mouse", "milk"],
}
COLOURS = {"ant": "black", "bee": "yellow", "cat": "grey"}
ROWS = 90


def labels(rate=0.2):
    """Returns true and given labels [N], and which are wrong."""
    rng = np.random.default_rng(1)
    truth = NAMES[rng.integers(0, 3, ROWS)]
    given = np.where(rng.random(ROWS) < rate, NAMES[rng.integers(0, 3, ROWS)], truth)
    return truth, given, given != truth


def numbers(truth):
    rng = np.random.default_rng(2)
    return 3 * np.eye(3, 4)[np.searchsorted(NAMES, truth)] + 0.6 * rng.normal(size=(len(truth), 4))


def texts(truth):
    rng = np.random.default_rng(3)
    return [" ".join(rng.choice(WORDS[name], 6)) for name in truth]


def images(truth):
    rng = np.random.default_rng(4)
    found = rng.integers(0, 60, (len(truth), 12, 12), dtype=np.uint8)
    found[np.arange(len(truth)), 4 * np.searchsorted(NAMES, truth)] = 250
    return found


def cells(truth):
    """Returns columns of numbers with a gap, of words with a gap, and of dates."""
    rng = np.random.default_rng(5)
    values = numbers(truth)
    size = values[:, 0].copy()
    size[5] = np.nan
    colour = [COLOURS[name] if rng.random() < 0.9 else "red" for name in truth]
    colour[3] = None
    day = np.datetime64("2024-01-01") + np.arange(len(truth)).astype("timedelta64[D]")
    return {"size": size, "weight": values[:, 1], "colour": colour, "day": day}
