"""One loss on the labels as they are, cross-entropy if nothing else is said.

The baseline of every table: `L = mean_i l(y_i, z_i)`, `l` = CE. Which rows it sees is a setting of the data, so the
same method is the honest "noisy", "clean only" and "noisy + clean" baseline at the same schedule. With another loss
(`gce`, `focal`, `class_balanced`, `ldam`) it is the baseline of that name.
"""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from meta_noise.core.single import Objective
from meta_noise.losses.per_row import loss_of_rows
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS: dict = {}


def supervised(
    loss: str | Callable[..., jax.Array] = "cross_entropy", loss_settings: Mapping[str, Any] | None = None
) -> Objective:
    """Returns the objective "mean loss of the labels".

    Args:
        loss: see `losses.per_row`.
        loss_settings: likewise.

    Raises:
        ValueError: `loss` is a name other than "cross_entropy".
        TypeError: the loss does not take these settings, or needs more of them.

    >>> from meta_noise.losses.gce import gce
    >>> from meta_noise.methods.supervised import supervised
    >>> type(supervised(gce)).__name__
    'Objective'
    """
    losses_of = loss_of_rows(loss, loss_settings)

    def objective(outputs: Outputs, batch: Batch):
        return jnp.mean(losses_of(outputs.logits, batch.labels)), Rows()

    return Objective(objective)
