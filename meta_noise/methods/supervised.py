"""One loss on the labels as they are, cross-entropy if nothing else is said.

The baseline of every table: `L = mean_i l(y_i, z_i)`, `l` = CE. Which rows it sees is a setting of the data, so the
same method is the honest "noisy", "clean only" and "noisy + clean" baseline at the same schedule. With another loss
(`gce`, `focal`, `class_balanced`, `ldam`) it is the baseline of that name.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from meta_noise.core.single import Objective
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS: dict = {}


def supervised(
    loss: str | Callable[..., jax.Array] = "cross_entropy", loss_settings: Mapping[str, Any] | None = None
) -> Objective:
    """Returns the objective "mean loss of the labels".

    Args:
        loss: a function `(logits [B, C], labels [B], ...) -> [B]`. In a config it is the name of a file in
            `meta_noise/losses` or a dotted path `package.module.function`; the builder puts the function in its place.
        loss_settings: further arguments of the loss by name, as `{"q": 0.5}`.

    Raises:
        ValueError: `loss` is a name other than "cross_entropy".
        TypeError: the loss does not take these settings, or needs more of them.
    """
    if loss == "cross_entropy":
        loss = cross_entropy
    if isinstance(loss, str):
        raise ValueError(f"loss must be a function, got {loss!r}; names are looked up in configs only")
    settings = dict(loss_settings or {})
    inspect.signature(loss).bind("logits", "labels", **settings)
    per_row = functools.partial(loss, **settings)

    def objective(outputs: Outputs, batch: Batch):
        losses = per_row(outputs.logits, batch.labels)  # [B]
        if losses.shape != batch.labels.shape:
            raise ValueError(f"the loss must give a value per row, {batch.labels.shape}, got shape {losses.shape}")
        return jnp.mean(losses), Rows()

    return Objective(objective)
