"""Generalised cross-entropy: between cross-entropy, which learns fast, and absolute error, which bears wrong labels.

Z. Zhang, M. R. Sabuncu, "Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels", NeurIPS
2018, https://arxiv.org/abs/1805.07836, equations 6 and 9. With `p = softmax(z)`,

    L(k, z) = (1 - p_k^q) / q,   truncated: (1 - max(p_k, kk)^q) / q

The probability is kept above 1e-7 as in public code. The paper realises the truncation by 0/1 weights of the training
rows that are found anew every ten epochs from epoch 40 on; this differs in that it decides in every step. The paper
has integer classes; soft targets take the mean over their classes.
"""

import math

import jax
import jax.numpy as jnp

from meta_noise.errors import InputError
from meta_noise.losses.targets import take_target

SMALLEST = 1e-7  # probability


def gce(logits: jax.Array, targets: jax.Array, q: float = 0.7, truncate: float = 0.0) -> jax.Array:
    """Returns the generalised cross-entropy of every row, [B], zero where the target class has probability one.

    Args:
        logits: [B, C] unnormalised scores.
        targets: [B] integer classes in 0..C-1, or [B, C] soft targets whose rows sum to one.
        q: in (0, 1]; 1 is the absolute error `1 - p`, towards 0 it becomes cross-entropy.
        truncate: `kk` in [0, 1): the loss is constant for rows whose target class is less probable. 0: plain; the
            paper's truncated loss has 0.5.

    Raises:
        InputError: `q` or `truncate` is outside its range (when tracing).
        ValueError: the shapes do not fit (when tracing).

    >>> import jax.numpy as jnp
    >>> from meta_noise.losses.gce import gce
    >>> logits = jnp.array([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> [f"{loss:.2f}" for loss in gce(logits, jnp.array([0, 1]), q=0.7)]
    ['0.22', '0.77']
    """
    if not 0 < q <= 1:
        raise InputError(f"The loss gce has q={q}; it must be in (0, 1], as 0.7. For q = 0 use cross_entropy.")
    if not 0 <= truncate < 1:
        raise InputError(f"The loss gce has truncate={truncate}; it must be in [0, 1): 0 for plain, 0.5 in the paper.")
    log_p = jnp.maximum(jax.nn.log_softmax(logits), math.log(max(truncate, SMALLEST)))  # [B, C]
    return take_target(-jnp.expm1(q * log_p) / q, targets)
