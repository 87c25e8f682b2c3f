"""Forward correction: cross-entropy of what the network would say about the observed label.

G. Patrini, A. Rozza, A. K. Menon, R. Nock, L. Qu, "Making Deep Neural Networks Robust to Label Noise: A Loss Correction
Approach", CVPR 2017, https://arxiv.org/abs/1609.03683, section 4.2. With `p = softmax(z)` over the true class and
`T[c, k]` the probability that class c is observed as class k,

    L(k, z) = -log q_k,   q_k = sum_c p_c T[c, k]

and `pi_c = p_c T[c, k] / q_k` is the posterior of the true class. `T = I` is cross-entropy. As in public code 1e-7 is
added to `q_k`; this differs in that the sum is divided by 1 + 1e-7, so that certainty costs nothing. It bounds the loss
by 16.1, its derivative by `T` by 1e7, and a column of zeros in `T` does no harm. The paper has integer classes; soft
targets take the mean over their classes.
"""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from meta_noise.errors import InputError
from meta_noise.losses.targets import take_target

SMALLEST = 1e-7  # probability; about the round-off of single precision, which 1 / SMALLEST would otherwise enlarge


def forward_corrected(logits: jax.Array, targets: jax.Array, *, transition: ArrayLike) -> jax.Array:
    """Returns the forward-corrected cross-entropy of every row, [B], zero where the target class is certain.

    Args:
        logits: [B, C] unnormalised scores of the true class.
        targets: [B] observed integer classes in 0..C-1, or [B, C] soft targets whose rows sum to one.
        transition: [C, C], `[true, observed]`, rows that sum to one; may be differentiated.

    Raises:
        InputError: `transition` is not [C, C] (when tracing).
        ValueError: the shapes do not fit (when tracing).

    >>> import jax.numpy as jnp
    >>> from meta_noise.losses.forward_corrected import forward_corrected
    >>> logits = jnp.array([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> transition = jnp.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
    >>> [f"{loss:.2f}" for loss in forward_corrected(logits, jnp.array([0, 1]), transition=transition)]
    ['0.43', '1.10']
    """
    matrix = _square(transition, logits)
    # Full precision: C x C is small, and an identity must not change the loss on accelerators.
    observed = jnp.matmul(jax.nn.softmax(logits), matrix, precision=jax.lax.Precision.HIGHEST)  # [B, C]
    return -take_target(jnp.log((observed + SMALLEST) / (1 + SMALLEST)), targets)


def posterior(logits: jax.Array, labels: jax.Array, transition: ArrayLike) -> jax.Array:
    """Returns the probability of every true class given the observed one, [B, C], rows that sum to one.

    Its difference from `softmax(logits)` is minus the derivative of `forward_corrected` by the logits.

    Args:
        logits: [B, C] unnormalised scores of the true class.
        labels: [B] observed integer classes in 0..C-1.
        transition: [C, C], `[true, observed]`, rows that sum to one.

    Raises:
        InputError: `transition` is not [C, C] (when tracing).
    """
    joint = jax.nn.softmax(logits) * (_square(transition, logits) + SMALLEST).T[labels]  # [B, C]
    return joint / jnp.sum(joint, axis=-1, keepdims=True)


def _square(transition: ArrayLike, logits: jax.Array) -> jax.Array:
    matrix, classes = jnp.asarray(transition, logits.dtype), logits.shape[-1]
    if matrix.shape != (classes, classes):
        raise InputError(
            f"The transition matrix has shape {matrix.shape} for {classes} classes; it must be "
            f"({classes}, {classes}): one row per true class, one column per observed class."
        )
    return matrix
