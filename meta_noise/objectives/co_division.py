"""What FaMUS and DivideMix share: two networks that tell each other which labels to trust.

Before every epoch the losses of all rows under one network divide the rows for the other one by a Gaussian mixture;
`c_i` is the probability of the lower component. Half of a batch is trusted (`c_i > 0.5`), half is not, and all of it
comes in two views. With `y` the observed label,

    t = sharpen( c y + (1 - c) mean of the network over both views ),   h = sharpen( mean of both networks, both views )
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.core.pair import part, stack, swap
from meta_noise.core.rows import losses_of
from meta_noise.losses.mixing import mix, mixing_factors
from meta_noise.losses.targets import sharpen
from meta_noise.models.meta.mixture import clean_probability, divide
from meta_noise.types import Batch, Refreshed, Split


def memory_of(num_rows: int) -> Callable[..., dict]:
    """Returns `init_memory`: `clean` [2, N], the probabilities `c_i` for each network, and `first`, -1 or an epoch."""

    def init_memory(key, batch: Batch):
        del key, batch
        return {"clean": jnp.full((2, num_rows), 0.5, jnp.float32), "first": jnp.full((), -1, jnp.int32)}

    return init_memory


def co_divide(fewest: int, most: float) -> Callable[..., Refreshed]:
    """Returns `refresh`: each network divides the rows for the other one.

    Args:
        fewest: smallest number of trusted rows; with fewer, or more than `most`, the half with the highest `c` is
            trusted.
        most: largest share of trusted rows.
    """

    def refresh(key, memory, sweep, epoch) -> Refreshed:
        losses = sweep(losses_of)  # [2, N]
        seeds = np.asarray(jax.random.randint(key, (2,), 0, 2**31 - 1))
        probability = np.stack([clean_probability(losses[c], int(seeds[c])) for c in range(2)])[::-1]  # of the other
        eligible = np.isfinite(losses[0])
        limit = int(most * eligible.sum())
        divisions = [divide(probability[c], eligible, min(fewest, limit), limit) for c in range(2)]
        trains = [np.where(eligible, 1 + division.chosen, 0).astype(np.int8) for division in divisions]
        sure = [divide(probability[c], eligible, 1, len(eligible)) for c in range(2)]
        first = jnp.where(memory["first"] < 0, epoch, memory["first"]).astype(jnp.int32)
        split = Split(np.stack(trains), np.stack([division.chosen for division in sure]))
        notes = tuple(division.note for division in (*divisions, *sure) if division.note)
        return Refreshed({"clean": np.ascontiguousarray(probability), "first": first}, split, notes)

    return refresh


def halves(batch: Batch) -> list[Batch]:
    """Returns the trusted and the untrusted half of a pair's batch.

    Raises:
        ValueError: it has one row (when tracing).
    """
    if batch.labels.shape[1] < 2:
        raise ValueError("a batch of one row has no trusted and untrusted half; use config.train.batch_size=2 or more")
    half = batch.labels.shape[1] // 2
    return [side(batch, slice(half)), side(batch, slice(half, None))]


def side(batch: Batch, rows: slice) -> Batch:
    """Returns part of the rows of a pair's batch; without a second view both views are the same."""
    second = batch.views[0] if batch.views else batch.inputs
    return Batch(batch.inputs[:, rows], batch.labels[:, rows], batch.index[:, rows], views=(second[:, rows],))


def guess_of(model, clean, side: Batch, temperature: float) -> tuple[jax.Array, jax.Array]:
    """Returns refined labels t and guesses h of each network's rows, both [2, B, C].

    A network's own passes are in train mode, those of the other one in evaluation mode.
    """
    views = (side.inputs, side.views[0])
    own = [jax.nn.softmax(model(x).logits) for x in views]
    other = [jax.nn.softmax(swap(model(swap(x), train=False).logits)) for x in views]
    mean_own = (own[0] + own[1]) / 2
    given = jax.nn.one_hot(side.labels, mean_own.shape[-1], dtype=mean_own.dtype)
    sure = jnp.take_along_axis(clean, side.index, axis=1)[..., None].astype(mean_own.dtype)  # [2, B, 1]
    refined = sharpen(sure * given + (1 - sure) * mean_own, temperature)
    return refined, sharpen((own[0] + own[1] + other[0] + other[1]) / 4, temperature)


def twice(sides: list[Batch]) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Returns inputs, labels and row numbers of both views of each side, one after the other along axis 1."""
    inputs = jnp.concatenate([x for side in sides for x in (side.inputs, side.views[0])], axis=1)
    labels = jnp.concatenate([x for side in sides for x in (side.labels, side.labels)], axis=1)
    index = jnp.concatenate([x for side in sides for x in (side.index, side.index)], axis=1)
    return inputs, labels, index


def mix_pairs(keys, alpha: float, *values: jax.Array) -> tuple[jax.Array, ...]:
    """Returns the values [2, B, ...] mixed up, each network with its own partners and factor."""
    mixed = []
    for copy in range(2):
        key_partner, key_factor = jax.random.split(keys[copy])
        partners = jax.random.permutation(key_partner, values[0].shape[1])
        factor = mixing_factors(key_factor, (), "beta", alpha)
        mixed.append(tuple(mix(part(x, copy), partners, factor) for x in values))
    return stack(*mixed)
