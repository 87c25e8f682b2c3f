"""Focal loss: what is already classified well counts less.

T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollar, "Focal Loss for Dense Object Detection", ICCV 2017,
https://arxiv.org/abs/1708.02002, equation 4. With `p = softmax(z)` and `s = sigmoid(z)`,

    form "softmax":  FL(q, z) = -sum_c q_c (1 - p_c)^gamma log p_c
    form "sigmoid":  FL(q, z) = -sum_c [q_c (1 - s_c)^gamma log s_c + (1 - q_c) s_c^gamma log(1 - s_c)]

The paper has the sigmoid form with gamma = 2. The softmax form with gamma = 1 is the focal loss of the code of K. Cao
et al., "Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss", NeurIPS 2019,
https://arxiv.org/abs/1906.07413. Differs from the paper: no factor alpha between positives and negatives.
"""

from typing import Literal

import jax
import jax.numpy as jnp

from meta_noise.errors import InputError, unknown_name
from meta_noise.losses.targets import shares, take_target


def focal(
    logits: jax.Array, targets: jax.Array, gamma: float = 1.0, form: Literal["softmax", "sigmoid"] = "softmax"
) -> jax.Array:
    """Returns the focal loss of every row, [B], zero where the target class has probability one.

    In the sigmoid form every class has a probability of its own, and those of the other classes must be zero too.

    Args:
        logits: [B, C] unnormalised scores.
        targets: [B] integer classes in 0..C-1, or [B, C] soft targets whose rows sum to one.
        gamma: 0 or more; 0 is cross-entropy, softmax or binary.
        form: "softmax" or "sigmoid".

    Raises:
        InputError: `gamma` or `form` is none of these (when tracing).
        ValueError: the shapes do not fit (when tracing).

    >>> import jax.numpy as jnp
    >>> from meta_noise.losses.focal import focal
    >>> logits = jnp.array([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> [f"{loss:.2f}" for loss in focal(logits, jnp.array([0, 1]), gamma=2.0)]
    ['0.01', '0.49']
    """
    if not gamma >= 0:
        raise InputError(f"The focal loss has gamma={gamma}; it must be 0 or more, as 1 (softmax) or 2 (sigmoid).")
    if form == "softmax":
        return _softmax(logits, targets, gamma)
    if form == "sigmoid":
        return _sigmoid(logits, targets, gamma)
    raise unknown_name("form of the focal loss", form, ("softmax", "sigmoid"))


def _softmax(logits: jax.Array, targets: jax.Array, gamma: float) -> jax.Array:
    log_p = jax.nn.log_softmax(logits)  # [B, C]
    # The floor keeps the derivatives of a root finite at p = 1. There log p is 0, and so is the loss.
    other = jnp.maximum(-jnp.expm1(log_p), jnp.finfo(logits.dtype).eps)  # [B, C], 1 - p
    return -take_target(other**gamma * log_p, targets)


def _sigmoid(logits: jax.Array, targets: jax.Array, gamma: float) -> jax.Array:
    share = shares(targets, logits)  # [B, C]
    log_s, log_not_s = jax.nn.log_sigmoid(logits), jax.nn.log_sigmoid(-logits)  # [B, C]
    present = share * jnp.exp(gamma * log_not_s) * log_s
    absent = (1 - share) * jnp.exp(gamma * log_s) * log_not_s
    return -jnp.sum(present + absent, axis=-1)
