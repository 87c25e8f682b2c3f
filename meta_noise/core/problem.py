"""What a meta-learning method has to say: its losses and meta-parameters."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax

from meta_noise.types import Batch, Refreshed


def as_given(key, model, memory, batch: Batch, clean: Batch) -> tuple[Batch, Batch]:
    """Returns the batches as they are: a `prepare` that does nothing."""
    del key, model, memory
    return batch, clean


def no_memory(key, batch: Batch) -> tuple[()]:
    """Returns an empty memory."""
    del key, batch
    return ()


def _nothing(meta_params) -> dict[str, jax.Array]:
    del meta_params
    return {}


class Problem(NamedTuple):
    """A bi-level problem; its losses take the network's outputs, never its parameters.

    In `prepare` and `actual_loss`, `model(inputs, train=True) -> Outputs` is any further pass of the network, whose
    batch statistics are dropped.

    Attributes:
        init_meta: `(key, batch, outputs) -> meta_params`; of `outputs` only shapes and dtypes are known.
        inner_loss: `(outputs, meta_params, batch) -> (scalar, Rows)`.
        outer_loss: `(outputs, clean) -> scalar`.
        fresh: True where the meta-parameters start anew in every batch.
        with_views: True where the pass of a batch goes on through its views, each by itself, with batch statistics of
            its own. The outputs come one after the other, [B, ...] of the inputs first; the running statistics are
            those of the inputs. Not for a pair.
        still: True where the gradient of the inner loss is zero at the meta-parameters that `init_meta` gives, whatever
            the network says (all weights are zero). It saves a backward pass; only with `fresh`.
        actual_loss: `(outputs, model, meta_params, batch, clean) -> (scalar, Rows)` of the actual step; None: the inner
            loss with the new meta-parameters.
        outer_penalty: `(params) -> scalar`, a term of the outer loss that does not depend on data, or None.
        meta_penalty: `(meta_params, clean) -> scalar`, by which the meta-parameters learn beside the outer loss,
            from the clean batch as `prepare` gives it, or None. It moves them wherever the meta-gradient does.
        prepare: `(key, model, memory, batch, clean) -> (batch, clean)`, once per step, never differentiated.
        init_memory: `(key, batch) -> memory`.
        refresh: `(key, memory, sweep, epoch) -> Refreshed`, on the host before every epoch, or None.
            `sweep(fn) -> [N, ...]` evaluates `fn(outputs, batch) -> [B, ...]` over all training rows, in evaluation
            mode, with NaN for other rows; `fn` must be the same function every time. For a pair: [2, N, ...].
        learned: `(meta_params) -> {name: array}`, what there is to look at; not asked where `fresh`.
        copies: 2 where the problem is that of a pair of networks.
    """

    init_meta: Callable[..., Any]
    inner_loss: Callable[..., Any]
    outer_loss: Callable[..., Any]
    fresh: bool = False
    still: bool = False
    with_views: bool = False
    actual_loss: Callable[..., Any] | None = None
    outer_penalty: Callable[..., jax.Array] | None = None
    meta_penalty: Callable[..., jax.Array] | None = None
    prepare: Callable[..., tuple[Batch, Batch]] = as_given
    init_memory: Callable[..., Any] = no_memory
    refresh: Callable[..., Refreshed] | None = None
    learned: Callable[[Any], dict[str, jax.Array]] = _nothing
    copies: int = 1
