"""MW-Net: a small network maps the loss of an example to its weight.

Shu et al., "Meta-Weight-Net: Learning an Explicit Mapping For Sample Weighting", NeurIPS 2019, equations 3-5.

    w_i = V(l_i; phi),   L_tr = sum_i w_i l_i / sum_j w_j   or   (1/n) sum_i w_i l_i

The released code has both reductions: over the weights in its WRN-28-10 script, over `n` in its ResNet-32 script. It
detaches the loss that `V` reads for label noise and, differs, does not detach it in its long-tail code. Batches
whose weights are all below 1e-30 count as weightless here, which differs (`rescaled`).
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any, Literal

import jax
import jax.numpy as jnp

from meta_noise.core.problem import Problem
from meta_noise.losses.cross_entropy import mean_cross_entropy
from meta_noise.losses.per_row import loss_of_rows
from meta_noise.models.meta.weight_net import mean_by, weight_curve, weight_net
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS = dict(
    optimizer=dict(name="adam", lr=1e-3, weight_decay=1e-4),
    virtual=dict(name="plain_sgd", rate="lr"),
    on_texts=dict(virtual=dict(name="plain_sgd", rate=1.0)),  # the rate of Adam is no step for a virtual update
)


def mw_net(
    hidden: int = 100,
    reduction: Literal["weights", "rows"] = "weights",
    detach: bool = True,
    loss: str | Callable[..., jax.Array] = "cross_entropy",
    loss_settings: Mapping[str, Any] | None = None,
    outer_scale: float = 1.0,
) -> Problem:
    """Returns the problem of MW-Net.

    Args:
        hidden: units of the weight network, 301 parameters with 100.
        reduction: "weights" divides the weighted sum of losses by the sum of weights, "rows" by the batch size.
        detach: the weight network reads losses that are constant in the virtual step; in the actual step they always
            are.
        loss: of every row, which is weighted and which the weight network reads, see `losses.per_row`; the outer loss
            is always cross-entropy. With "ldam" it is the form of FaMUS's long-tail table, as far as that is stated.
        loss_settings: of `loss`.
        outer_scale: factor of the logits in the outer loss; 30 where they are cosines, as LDAM wants them.

    Raises:
        ValueError: `reduction` is neither of the two.

    >>> from meta_noise.methods.mw_net import mw_net
    >>> problem = mw_net()
    >>> type(problem).__name__, problem.fresh, problem.copies
    ('Problem', False, 1)
    """
    if reduction not in ("weights", "rows"):
        raise ValueError(f"reduction must be 'weights' or 'rows', got {reduction!r}")
    net, losses_of = weight_net(hidden), loss_of_rows(loss, loss_settings)

    def init_meta(key, batch: Batch, outputs: Outputs):
        del outputs
        return net.init(key, jnp.zeros(batch.labels.shape, jnp.result_type(float)))["params"]

    def weighted(outputs: Outputs, params, batch: Batch, constant: bool):
        losses = losses_of(outputs.logits, batch.labels)  # [B]
        weights = net.apply({"params": params}, jax.lax.stop_gradient(losses) if constant else losses)  # [B]
        mean = mean_by(weights, losses) if reduction == "weights" else jnp.mean(weights * losses)
        return mean, Rows(weights=weights)

    def inner_loss(outputs: Outputs, params, batch: Batch):
        return weighted(outputs, params, batch, constant=detach)

    def actual_loss(outputs: Outputs, model, params, batch: Batch, clean: Batch):
        del model, clean
        return weighted(outputs, params, batch, constant=True)

    def outer_loss(outputs: Outputs, clean: Batch):
        return mean_cross_entropy(outputs._replace(logits=outer_scale * outputs.logits), clean)

    return Problem(
        init_meta,
        inner_loss,
        outer_loss,
        actual_loss=None if detach else actual_loss,
        learned=functools.partial(weight_curve, net),
    )
