"""Class-balanced cross-entropy: a class weighs as much as the effective number of its examples is small.

Y. Cui, M. Jia, T.-Y. Lin, Y. Song, S. Belongie, "Class-Balanced Loss Based on Effective Number of Samples", CVPR 2019,
https://arxiv.org/abs/1901.05555, equations 2 and 7. With `n_c` training examples of class c,

    W_c ~ (1 - beta) / (1 - beta^{n_c}),   sum_c W_c = C,   L(q, z) = -sum_c q_c W_c log softmax(z)_c

The code that comes with LDAM divides the sum over a batch by the sum of the weights in it; this differs in that it
gives the weighted loss of each row, to be averaged over rows. The class-balanced focal loss of the paper is a function
of two lines: `effective_weights(counts, beta)[labels] * focal(logits, labels, gamma, "sigmoid")`.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from meta_noise.errors import InputError
from meta_noise.losses.targets import take_target


def class_balanced(
    logits: jax.Array, targets: jax.Array, *, class_counts: ArrayLike, beta: float = 0.9999
) -> jax.Array:
    """Returns the class-balanced cross-entropy of every row, [B], zero where the target class has probability one.

    Args:
        logits: [B, C] unnormalised scores.
        targets: [B] integer classes in 0..C-1, or [B, C] soft targets whose rows sum to one.
        class_counts: [C] training examples of every class, as observed; known numbers, not traced.
        beta: in [0, 1); 0 weighs all classes alike, near 1 by their inverse frequency.

    Raises:
        InputError: `class_counts` or `beta` makes no sense (when tracing).
        ValueError: the shapes do not fit (when tracing).

    >>> import jax.numpy as jnp
    >>> from meta_noise.losses.class_balanced import class_balanced
    >>> logits = jnp.array([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> [f"{loss:.2f}" for loss in class_balanced(logits, jnp.array([0, 1]), class_counts=[100, 10, 10])]
    ['0.03', '1.57']
    """
    weights = effective_weights(check_counts(class_counts, logits.shape[-1]), beta)
    return -take_target(jnp.asarray(weights, logits.dtype) * jax.nn.log_softmax(logits), targets)


def effective_weights(counts: ArrayLike, beta: float = 0.9999) -> np.ndarray:
    """Returns the weights of the classes, [C] float64 with sum C, from the examples of every class, `counts` [C].

    Raises:
        InputError: a class has no example, or `beta` is not in [0, 1).
    """
    counts = check_counts(counts)
    if not 0 <= beta < 1:
        raise InputError(f"Class-balanced weights have beta={beta}; it must be in [0, 1), as 0.9999 or 0.99.")
    with np.errstate(divide="ignore"):  # log 0 is right for beta = 0
        weights = (1 - beta) / -np.expm1(counts * np.log(beta))
    return weights * len(counts) / weights.sum()


def check_counts(counts: ArrayLike, num_classes: int | None = None) -> np.ndarray:
    """Returns `counts` as float64 [C], or raises InputError unless there is a positive number for every class."""
    found = np.asarray(counts, np.float64)
    expected = "[C]" if num_classes is None else f"[{num_classes}]"
    if found.ndim != 1 or num_classes not in (None, len(found)):
        raise InputError(f"class_counts must be {expected}, the training examples of every class; got {found.shape}.")
    wrong = ~((found > 0) & np.isfinite(found))
    if wrong.any():
        klass = int(np.argmax(wrong))
        raise InputError(f"class_counts[{klass}] is {found[klass]:g}; every class needs one training example or more.")
    return found
