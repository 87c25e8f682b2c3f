"""How far two predictions for the same row are apart."""

import jax
import jax.numpy as jnp


def kl_between(logits: jax.Array, other: jax.Array) -> jax.Array:
    """Returns KL(softmax(logits) || softmax(other)) of every row, [B], at least 0.

    The consistency term of IEG (Zhang et al., CVPR 2020, equation 6). As in its released code the first argument is a
    constant; the paper does not say.

    Args:
        logits: [B, C] of one view.
        other: [B, C] of the other one, which the gradient moves.
    """
    log_p, log_q = jax.lax.stop_gradient(jax.nn.log_softmax(logits)), jax.nn.log_softmax(other)
    return jnp.sum(jnp.exp(log_p) * (log_p - log_q), axis=-1)


def squared_distance(logits: jax.Array, targets: jax.Array) -> jax.Array:
    """Returns the mean over classes of `(softmax(logits) - targets)^2`, [B], in [0, 1].

    The loss of guessed labels in MixMatch (Berthelot et al., NeurIPS 2019), DivideMix and FaMUS.

    Args:
        logits: [B, C].
        targets: [B, C] probabilities.
    """
    return jnp.mean(jnp.square(jax.nn.softmax(logits) - targets), axis=-1)


def prior_penalty(logits: jax.Array) -> jax.Array:
    """Returns `sum_c (1/C) log((1/C) / mean_i p_ic)`, (), 0 where the batch as a whole prefers no class.

    Keeps a network from putting all rows into one class (Tanaka et al., "Joint Optimization Framework for Learning
    with Noisy Labels", CVPR 2018, equation 6; DivideMix; FaMUS).

    Args:
        logits: [B, C].
    """
    classes = logits.shape[-1]
    mean_log = jax.nn.logsumexp(jax.nn.log_softmax(logits), axis=0) - jnp.log(logits.shape[0])  # [C], log mean_i p_ic
    return -jnp.mean(mean_log) - jnp.log(classes)
