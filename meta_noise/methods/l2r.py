"""L2R: weights that would have helped on the clean batch, anew in every batch.

Ren, Zeng, Yang, Urtasun, "Learning to Reweight Examples for Robust Deep Learning", ICML 2018, algorithm 1.

    L_tr(theta, w) = sum_i w_i l_i,   at w = 0 (so the virtual step does not move)
    w_i = max(0, -dL_v/dw_i) / sum_j max(0, -dL_v/dw_j),   all zero where no gradient is negative

One tangent pass gives `-dL_v/dw_i` proportional to `<p_i - y_i, Dz_i[v]>`, `v = grad L_v(theta)`.
"""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from meta_noise.core.problem import Problem
from meta_noise.losses.cross_entropy import mean_cross_entropy
from meta_noise.losses.per_row import loss_of_rows
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS = dict(optimizer=dict(name="rectified"), virtual=dict(name="plain_sgd", rate=1.0))


def l2r(
    loss: str | Callable[..., jax.Array] = "cross_entropy", loss_settings: Mapping[str, Any] | None = None
) -> Problem:
    """Returns the problem of L2R; the weights reported for a row are `B w_i`, so that 1 is an even share.

    Args:
        loss: of every row, see `losses.per_row`; the outer loss is always cross-entropy.
        loss_settings: of `loss`.

    >>> from meta_noise.methods.l2r import l2r
    >>> problem = l2r()
    >>> type(problem).__name__, problem.fresh, problem.copies
    ('Problem', True, 1)
    """
    losses_of = loss_of_rows(loss, loss_settings)

    def init_meta(key, batch: Batch, outputs: Outputs):
        del key, outputs
        return jnp.zeros(batch.labels.shape, jnp.result_type(float))  # [B]

    def inner_loss(outputs: Outputs, weights, batch: Batch):
        losses = losses_of(outputs.logits, batch.labels)  # [B]
        return jnp.sum(weights * losses), Rows(weights=weights * weights.size)

    return Problem(init_meta, inner_loss, outer_loss=mean_cross_entropy, fresh=True, still=True)
