"""Hard mining for rare classes: of the other classes only the rows of highest loss are learned.

M. Ren, W. Zeng, B. Yang, R. Urtasun, "Learning to Reweight Examples for Robust Deep Learning", ICML 2018,
https://arxiv.org/abs/1803.09050, section 4.1, after T. Malisiewicz, A. Gupta, A. A. Efros, "Ensemble of Exemplar-SVMs
for Object Detection and Beyond", ICCV 2011. With n the rows of the rarest class in a batch,

    kept_i = 1  for the rows of the rarest class, and for the max(n, 1) rows of highest loss of every other class
    L = sum_i kept_i l_i / sum_i kept_i

It differs from the paper in that there may be more than two classes. Wrong labels are what it learns first.
"""

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np

from meta_noise.core.rows import losses_of
from meta_noise.core.single import Objective
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS: dict = {}


def hard_mining(class_counts: Sequence[int] = ()) -> Objective:
    """Returns the objective of hard mining; the weight reported for a row is 1 where it was learned, else 0.

    Args:
        class_counts: [C], filled in by the builder.

    >>> from meta_noise.methods.hard_mining import hard_mining
    >>> type(hard_mining(class_counts=[30, 20, 10])).__name__
    'Objective'
    """
    rarest = int(np.argmin(class_counts)) if len(class_counts) else 0

    def loss(outputs: Outputs, batch: Batch):
        losses, labels = losses_of(outputs, batch), batch.labels  # [B]
        place = jnp.arange(len(labels))
        before = (losses[None] > losses[:, None]) | ((losses[None] == losses[:, None]) & (place[None] < place[:, None]))
        rank = jnp.sum(before & (labels[None] == labels[:, None]), axis=1)  # [B] within the class
        is_rare = labels == rarest
        kept = (is_rare | (rank < jnp.maximum(jnp.sum(is_rare), 1))).astype(losses.dtype)
        return jnp.sum(kept * losses) / jnp.sum(kept), Rows(weights=kept)

    return Objective(loss)
