"""What is measured of an answer on rows that are not trusted."""

import numpy as np
from sklearn.metrics import average_precision_score


def measures(posterior: np.ndarray, given: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Returns average precision of low quality for wrong labels, accuracy, mean log-likelihood and calibration error.

    Args:
        posterior: [n, C] probabilities of the true class.
        given: [n] int.
        truth: [n] int.
    """
    rows = np.arange(len(given))
    suggested = posterior.argmax(axis=1)
    right = suggested == truth
    return {
        "ap": float(average_precision_score(given != truth, 1 - posterior[rows, given])),
        "accuracy": float(right.mean()),
        "log_likelihood": float(np.mean(np.log(np.maximum(posterior[rows, truth], 1e-4)))),
        "ece": calibration_error(posterior[rows, suggested], right),
    }


def calibration_error(probability: np.ndarray, right: np.ndarray, bins: int = 15) -> float:
    """Returns the expected calibration error over bins of equal counts, 0..1."""
    order = np.argsort(probability)
    parts = np.array_split(order, min(bins, len(order)))
    return float(sum(abs(probability[part].mean() - right[part].mean()) * len(part) for part in parts) / len(order))
