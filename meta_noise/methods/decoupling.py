"""Decoupling: two networks learn only the rows that they disagree on.

E. Malach, S. Shalev-Shwartz, "Decoupling 'when to update' from 'how to update'", NeurIPS 2017,
https://arxiv.org/abs/1706.02613, algorithm 1: L is the mean cross-entropy of the rows of a batch for which the two name
different classes. Where they name the same ones throughout, the paper takes no step; this differs in that momentum and
weight decay go on. Both networks see the same rows; predictions are the mean of their logits, in the paper one
network's. It wants a warm-up, of an epoch in the paper: networks that are alike learn nothing.
"""

import jax.numpy as jnp

from meta_noise.core.rows import losses_of
from meta_noise.core.single import Objective
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS: dict = {}


def decoupling() -> Objective:
    """Returns the objective of decoupling; the weight reported for a row is 1 where it was learned, else 0.

    >>> from meta_noise.methods.decoupling import decoupling
    >>> made = decoupling()
    >>> type(made).__name__
    'Objective'
    """

    def loss(outputs: Outputs, batch: Batch):
        named = jnp.argmax(outputs.logits, axis=-1)  # [2, B]
        apart = (named[0] != named[1]).astype(outputs.logits.dtype)  # [B]
        losses = jnp.sum(losses_of(outputs, batch), axis=0)
        return jnp.sum(apart * losses) / jnp.maximum(jnp.sum(apart), 1), Rows(weights=jnp.stack([apart, apart]))

    return Objective(loss, copies=2)
