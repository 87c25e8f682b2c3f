"""A method: a weight for each class, learned on the clean rows.

`w = C softmax(a)`, one number a for each class: the lower level takes `sum_i w_{k_i} l_i / n`, l any loss, the upper
one the cross-entropy of the clean batch. A class whose labels are mostly wrong ends with a small weight.
"""

import jax
import jax.numpy as jnp

from meta_noise.core import Batch, Outputs, Problem, Rows
from meta_noise.losses.cross_entropy import mean_cross_entropy
from meta_noise.losses.per_row import loss_of_rows

DEFAULTS = dict(optimizer=dict(name="adam", lr=0.05), virtual=dict(name="plain_sgd", rate="lr"))


def class_weights(start: float = 0.0, loss="cross_entropy", loss_settings=None) -> Problem:
    """Returns the problem of learned class weights.

    Args:
        start: of every a; weights are equal then, whatever it is.
        loss, loss_settings: l, by its name in a config, and its settings.
    """
    losses_of = loss_of_rows(loss, loss_settings)

    def init_meta(key, batch: Batch, outputs: Outputs):
        del key, batch
        return jnp.full(outputs.logits.shape[-1], start)  # [C]

    def inner_loss(outputs: Outputs, scores, batch: Batch):
        weights = (scores.size * jax.nn.softmax(scores))[batch.labels]  # [B]
        return jnp.mean(weights * losses_of(outputs.logits, batch.labels)), Rows(weights=weights)

    return Problem(init_meta, inner_loss, outer_loss=mean_cross_entropy)
