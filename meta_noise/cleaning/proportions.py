"""Shares of counted things with their intervals, as JSON holds them."""

from typing import Any

import numpy as np

CONFIDENCE = 0.95


def wilson(hits: int, count: int) -> dict[str, Any] | None:
    """Returns {value, low, high, hits, of}: a share and its interval of 95%, None where nothing was counted.

    Interval: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the
    American Statistical Association 22, 1927. It stays in 0..1 and is honest about few and about no hits.
    """
    if not count:
        return None
    from scipy.stats import binomtest  # a second to import, which a finished run should not cost

    interval = binomtest(int(hits), int(count)).proportion_ci(CONFIDENCE, method="wilson")
    return {
        "value": hits / count,
        "low": float(interval.low),
        "high": float(interval.high),
        "hits": int(hits),
        "of": int(count),
    }


def between(value: float, draws: np.ndarray) -> dict[str, Any]:
    """Returns {value, low, high} of a quantity in 0..1, the interval of 95% being that of its `draws` [n]."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(np.clip(draws, 0, 1), (tail, 1 - tail))
    value = float(np.clip(value, 0, 1))
    return {"value": value, "low": min(float(low), value), "high": max(float(high), value)}
