"""Co-teaching: each of two networks names the rows of low loss that the other one learns.

B. Han, Q. Yao, X. Yu, G. Niu, M. Xu, W. Hu, I. Tsang, M. Sugiyama, "Co-teaching: Robust Training of Deep Neural
Networks with Extremely Noisy Labels", NeurIPS 2018, https://arxiv.org/abs/1804.06872, algorithm 1. Of a batch of B rows

    R(e) = 1 - forget min(1, (e / ramp_epochs)^exponent)

times B are kept, those that the other network has the lowest loss on, and L is their mean cross-entropy. The released
code divides that mean by the number of kept rows once more, which Adam all but undoes; this differs. Both networks see
the same rows; predictions are the mean of their logits, in the paper one network's.
"""

import jax.numpy as jnp

from meta_noise.core.pair import swap
from meta_noise.core.rows import losses_of
from meta_noise.core.single import Objective
from meta_noise.objectives.small_loss import check_forgetting, kept_share, lowest
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS: dict = {}


def co_teaching(forget: float = 0.2, ramp_epochs: float = 10.0, exponent: float = 1.0) -> Objective:
    """Returns the objective of co-teaching; the weight reported for a row is 1 where it was learned, else 0.

    Args:
        forget: share of rows that are left out in the end, in [0, 1); in the paper the noise rate.
        ramp_epochs: epochs until then, above 0.
        exponent: c, above 0.

    Raises:
        ValueError: a setting is out of range.

    >>> from meta_noise.methods.co_teaching import co_teaching
    >>> made = co_teaching()
    >>> type(made).__name__
    'Objective'
    """
    check_forgetting(forget, ramp_epochs, exponent)

    def loss(outputs: Outputs, batch: Batch):
        losses = losses_of(outputs, batch)  # [2, B]
        kept = swap(lowest(losses, kept_share(batch, forget, ramp_epochs, exponent)))
        return jnp.sum(jnp.sum(kept * losses, axis=-1) / jnp.sum(kept, axis=-1)), Rows(weights=kept)

    return Objective(loss, copies=2)
