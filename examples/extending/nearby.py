"""A noise: a label becomes the class before or after it, as when a scale is misread.

`R[c, c] = 1 - rate`, `R[c, c - 1] = R[c, c + 1] = rate / 2`; at the ends the one neighbour has it all.
"""

import numpy as np

from meta_noise.data.corruption import Noisy


def nearby(rng: np.random.Generator, labels: np.ndarray, num_classes: int, rate: float) -> Noisy:
    """Returns labels that move by one class with probability `rate`, and the transition matrix [C, C].

    Args:
        rng: decides.
        labels: [N] true classes.
        num_classes: C.
        rate: in [0, 1].
    """
    beside = np.eye(num_classes, k=1) + np.eye(num_classes, k=-1)
    transition = (1 - rate) * np.eye(num_classes) + rate * beside / beside.sum(axis=1, keepdims=True)
    drawn = rng.random((len(labels), 1)) > np.cumsum(transition, axis=1)[labels]
    return Noisy(drawn.sum(axis=1).clip(0, num_classes - 1).astype(labels.dtype), transition)
