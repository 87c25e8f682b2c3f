"""LDAM-DRW: margins from class counts, and class weights that come in late.

K. Cao, C. Wei, A. Gaidon, N. Arechiga, T. Ma, "Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss",
NeurIPS 2019, https://arxiv.org/abs/1906.07413, algorithm 1:

    L = mean_i W_{k_i} LDAM(k_i, z_i),   W = 1 before the deferred epoch, then class-balanced weights (beta = 0.9999)

The code of the paper defers to epoch 160 of 200 and divides the weighted sum by the sum of the weights in the batch;
so does this. It wants a normalised classifier (config.model.head='normalised'), whose logits are cosines.
"""

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np

from meta_noise.core.single import Objective
from meta_noise.losses.class_balanced import check_counts, effective_weights
from meta_noise.losses.ldam import ldam
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS: dict = {}


def ldam_drw(
    class_counts: Sequence[int] = (),
    deferred_epoch: float = 160.0,
    largest: float = 0.5,
    scale: float = 30.0,
    beta: float = 0.9999,
) -> Objective:
    """Returns the objective of LDAM-DRW; class weights say nothing about a row, so none are reported.

    Args:
        class_counts: [C] training examples of every class; the builder fills them in.
        deferred_epoch: epoch from which class weights count, 0 or more.
        largest: margin of the rarest class, 0 or more.
        scale: of the logits, positive.
        beta: of the class-balanced weights, in [0, 1).

    Raises:
        ValueError: `deferred_epoch` is negative.
        InputError: counts, margin, scale or beta are out of range (when tracing).

    >>> from meta_noise.methods.ldam_drw import ldam_drw
    >>> type(ldam_drw(class_counts=[100, 10, 10])).__name__
    'Objective'
    """
    if deferred_epoch < 0:
        raise ValueError(f"deferred_epoch must be at least 0, got {deferred_epoch}")
    counts = np.asarray(class_counts)

    def loss(outputs: Outputs, batch: Batch):
        balanced = effective_weights(check_counts(counts, outputs.logits.shape[-1]), beta)  # [C]
        late = jnp.asarray(batch.epoch) >= deferred_epoch
        weights = jnp.where(late, jnp.asarray(balanced, outputs.logits.dtype), 1)[batch.labels]  # [B]
        losses = ldam(outputs.logits, batch.labels, class_counts=counts, largest=largest, scale=scale)
        return jnp.sum(weights * losses) / jnp.sum(weights), Rows()

    return Objective(loss)
