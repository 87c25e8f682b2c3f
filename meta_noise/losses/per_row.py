"""The loss of every row that a method's settings name."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import jax

from meta_noise.losses.cross_entropy import cross_entropy

Loss = Callable[..., jax.Array]


def loss_of_rows(loss: str | Loss, loss_settings: Mapping[str, Any] | None) -> Loss:
    """Returns `(logits [B, C], targets) -> [B]` with its settings filled in.

    Args:
        loss: a function `(logits, targets, ...) -> [B]`. In a config it is the name of a file in `meta_noise/losses` or
            a dotted path `package.module.function`; the builder puts the function in its place.
        loss_settings: further arguments of the loss by name, as `{"q": 0.5}`.

    Raises:
        ValueError: `loss` is a name other than "cross_entropy", or gives anything but a value per row (when tracing).
        TypeError: the loss does not take these settings, or needs more of them.
    """
    if loss == "cross_entropy":
        loss = cross_entropy
    if isinstance(loss, str):
        raise ValueError(f"loss must be a function, got {loss!r}; names are looked up in configs only")
    settings = dict(loss_settings or {})
    inspect.signature(loss).bind("logits", "targets", **settings)
    filled = functools.partial(loss, **settings)

    def of_rows(logits: jax.Array, targets: jax.Array) -> jax.Array:
        losses = filled(logits, targets)
        if losses.shape != logits.shape[:-1]:
            raise ValueError(f"the loss must give a value per row, {logits.shape[:-1]}, got shape {losses.shape}")
        return losses

    return of_rows
