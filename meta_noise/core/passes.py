"""Parts of a batch, and passes of a network through them."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from meta_noise.core import predict as predictions
from meta_noise.core.averages import for_evaluation
from meta_noise.types import Batch, Learner, Network, Refreshed, State


def parts(batch: Batch, steps: int) -> list[Batch]:
    """Returns the batches of `steps` virtual steps, whose rows come one after the other in `batch`."""
    size = batch.labels.shape[0] // steps

    def part(position):
        return jax.tree.map(lambda x: x[position * size : (position + 1) * size] if jnp.ndim(x) else x, batch)

    return [batch] if steps == 1 else [part(position) for position in range(steps)]


def spaced(batch: Batch, rows: int) -> Batch:
    """Returns `rows` rows of a batch, evenly spaced so that parts of it with different rows keep their shares."""
    size = batch.labels.shape[-1]
    if rows > size:
        raise ValueError(f"virtual_rows is {rows}, but a batch has {size} rows")
    chosen = [row * size // rows for row in range(rows)]
    axis = batch.labels.ndim - 1  # 1 for a pair of networks

    def take(x):
        return jnp.take(x, jnp.array(chosen), axis) if jnp.ndim(x) > axis and x.shape[axis] == size else x

    return jax.tree.map(take, batch)


def train_pass(network: Network, key, with_views: bool = False):
    """Returns the train-mode pass `(params, batch_stats, batch) -> (Outputs, batch_stats)` with one key.

    `with_views` appends the outputs of the batch's views, each passed by itself, see `Problem`.
    """

    def forward(params, batch_stats, batch: Batch):
        variables = (params, batch_stats)
        outputs, new_stats = network.apply(variables, batch.inputs, True, key)
        views = batch.views if with_views else ()
        keys = [jax.random.fold_in(key, number) for number in range(len(views))]
        others = [network.apply(variables, view, True, k)[0] for view, k in zip(views, keys, strict=True)]
        return jax.tree.map(lambda *x: jnp.concatenate(x), outputs, *others) if others else outputs, new_stats

    return forward


def further_passes(network: Network, learner: Learner, params, key):
    """Returns the function for further passes of the network at `params`, or `averaged` ones where there are any."""

    def model(inputs, train=True, averaged=False):
        own = for_evaluation(learner).params if averaged else params
        return network.apply((own, learner.batch_stats), inputs, train, key)[0]

    return model


@functools.cache
def on_outputs(network: Network, fn) -> Any:
    """Returns `(state, batch) -> [B, ...]` for a sweep; cached, so that it compiles once."""

    def evaluated(state: State, batch: Batch):
        outputs = predictions.evaluate(network, state.learner, batch.inputs)
        if network.copies == 1:
            return fn(outputs, batch)
        paired = jax.tree.map(lambda x: jnp.stack([x] * network.copies) if jnp.ndim(x) else x, batch)
        return jax.tree.map(lambda x: jnp.swapaxes(x, 0, 1), fn(outputs, paired))

    return evaluated


def refreshing(refresh: Callable[..., Refreshed], network: Network) -> Callable[..., Refreshed]:
    """Returns `refresh` of a method from that of a problem or an objective, which sweeps over outputs."""

    def of_method(key, state: State, sweep, epoch) -> Refreshed:
        def sweep_outputs(fn):
            values = sweep(on_outputs(network, fn))
            return values if network.copies == 1 else jax.tree.map(lambda x: x.swapaxes(0, 1), values)

        return refresh(key, state.memory, sweep_outputs, epoch)

    return of_method
