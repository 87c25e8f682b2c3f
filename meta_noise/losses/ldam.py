"""LDAM: rare classes must win by a larger margin.

K. Cao, C. Wei, A. Gaidon, N. Arechiga, T. Ma, "Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss",
NeurIPS 2019, https://arxiv.org/abs/1906.07413, equations 10-13. With `n_c` training examples of class c,

    m_c = m n_c^{-1/4} / max_j n_j^{-1/4},   L(q, z) = -sum_c q_c W_c log softmax(s (z - q m))_c

with m = 0.5 and s = 30 as in the code of the paper. The paper has one-hot `q`; for soft targets this differs from the
mean over their classes, which would need a softmax for each. `W` are the class-balanced weights of `class_balanced`;
beta = 0 (all alike) is the first phase of the paper's deferred re-weighting, beta = 0.9999 the second. The code of the
paper divides the sum over a batch by the sum of the weights in it; this differs in that it gives the weighted loss of
each row, to be averaged over rows. Scores are meant to be cosines between features and class vectors.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from meta_noise.errors import InputError
from meta_noise.losses.class_balanced import check_counts, effective_weights
from meta_noise.losses.targets import shares, take_target


def ldam(
    logits: jax.Array,
    targets: jax.Array,
    *,
    class_counts: ArrayLike,
    largest: float = 0.5,
    scale: float = 30.0,
    beta: float = 0.0,
) -> jax.Array:
    """Returns the LDAM loss of every row, [B], zero where the target class has probability one.

    Args:
        logits: [B, C] cosine scores in [-1, 1]; others are not refused.
        targets: [B] integer classes in 0..C-1, or [B, C] soft targets whose rows sum to one.
        class_counts: [C] training examples of every class, as observed; known numbers, not traced.
        largest: margin `m` of the rarest class, 0 or more.
        scale: `s`, positive.
        beta: of the class-balanced weights, in [0, 1); 0 weighs all classes alike.

    Raises:
        InputError: a setting makes no sense (when tracing).
        ValueError: the shapes do not fit (when tracing).

    >>> import jax.numpy as jnp
    >>> from meta_noise.losses.ldam import ldam
    >>> logits = jnp.array([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> [f"{loss:.2f}" for loss in ldam(logits, jnp.array([0, 1]), class_counts=[100, 10, 10])]
    ['-0.00', '15.69']
    """
    if not (largest >= 0 and scale > 0):
        raise InputError(f"LDAM has largest={largest} and scale={scale}; give a margin of 0 or more, a positive scale.")
    counts = check_counts(class_counts, logits.shape[-1])
    weights = jnp.asarray(effective_weights(counts, beta), logits.dtype)  # [C]
    margin = jnp.asarray(largest * margins(counts), logits.dtype)  # [C]
    apart = scale * (logits - shares(targets, logits) * margin)  # [B, C]
    return -take_target(weights * jax.nn.log_softmax(apart), targets)


def margins(counts: np.ndarray) -> np.ndarray:
    """Returns the margins of the classes, [C], 1 for the rarest, from the examples of every class, `counts` [C]."""
    return (np.min(counts) / counts) ** 0.25
