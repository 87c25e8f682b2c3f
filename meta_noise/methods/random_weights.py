"""Random weights: the baseline that tells what weights by chance are worth.

M. Ren, W. Zeng, B. Yang, R. Urtasun, "Learning to Reweight Examples for Robust Deep Learning", ICML 2018,
https://arxiv.org/abs/1803.09050, section 4.1. In every batch anew, normalised as the weights of L2R are,

    w_i = max(0, g_i) / sum_j max(0, g_j),   g_i ~ N(0, 1),   L = sum_i w_i l_i
"""

import jax
import jax.numpy as jnp

from meta_noise.core.rows import losses_of
from meta_noise.core.single import Objective
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS: dict = {}


def random_weights() -> Objective:
    """Returns the objective with random weights; those reported for a row are `B w_i`, so that 1 is an even share.

    >>> from meta_noise.methods.random_weights import random_weights
    >>> type(random_weights()).__name__
    'Objective'
    """

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        del model, memory
        drawn = jnp.maximum(jax.random.normal(key, batch.labels.shape), 0)  # [B]
        total = jnp.sum(drawn)
        return batch._replace(prepared=drawn / jnp.where(total > 0, total, 1)), clean

    def loss(outputs: Outputs, batch: Batch):
        weights = batch.prepared.astype(outputs.logits.dtype)
        return jnp.sum(weights * losses_of(outputs, batch)), Rows(weights=weights * weights.size)

    return Objective(loss, prepare)
