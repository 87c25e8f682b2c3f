"""No label noise: `R = I`, so that a run without noise is a run like any other."""

import numpy as np

from meta_noise.data.corruption import Noisy, check_labels, check_rate


def none(rng: np.random.Generator, labels: np.ndarray, num_classes: int, rate: float = 0.0) -> Noisy:
    """Returns the labels [N] as they are, and the identity matrix; `rate` is checked but has no effect."""
    del rng
    check_rate(rate)
    return Noisy(check_labels(labels, num_classes), np.eye(num_classes))
