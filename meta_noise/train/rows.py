"""What training learned about each row, kept on the device and written out at the end.

Averages run over the last visits of a row (`window`), so that early epochs, in which nothing is known yet, fade; only
the margin is averaged over all visits, as wrong labels are told from right ones by how late they are learned.
"""

from typing import NamedTuple

import jax.numpy as jnp

from meta_noise.types import Array, Rows

FILL = 3072  # rows that a store for many rows is a multiple of, so that it divides over 2, 3, 4, 6, ... devices
MANY = 1_000_000


class RowMemory(NamedTuple):
    """Arrays over all N rows of the data set, and from `MANY` on over a few more, which stay as they begin.

    Attributes:
        visits: [N] int32 times a row was in a batch.
        probability: [N] mean probability of the observed label in training passes.
        weight: [N] mean weight; stays 1 for methods without weights.
        weight_last: [N] latest weight.
        target: [N] int32 latest corrected class, -1 for methods without targets.
        target_probability: [N] its probability.
        margin: [N] mean margin of the observed label over all visits.
    """

    visits: Array
    probability: Array
    weight: Array
    weight_last: Array
    target: Array
    target_probability: Array
    margin: Array


def no_memory(n: int) -> RowMemory:
    """Returns the memory of `n` rows before the first step."""
    n += -n % FILL if n >= MANY else 0
    zeros, ones = jnp.zeros(n, jnp.float32), jnp.ones(n, jnp.float32)
    whole = jnp.zeros(n, jnp.int32)
    return RowMemory(whole, zeros, ones, ones, whole - 1, zeros, zeros)


def remember(memory: RowMemory, rows: Rows, window: int) -> RowMemory:
    """Returns the memory after one step; rows with index -1 leave no trace."""
    n = memory.visits.shape[0]
    index = jnp.where(rows.index < 0, n, rows.index)  # out of bounds: dropped by the scatter
    visits = memory.visits.at[index].add(1, mode="drop")
    seen = jnp.maximum(visits.at[index].get(mode="clip"), 1)  # [B]
    recent = jnp.minimum(seen, window)

    def average(old, new, count=recent):
        share = 1.0 / count.astype(jnp.float32)
        return old.at[index].add(share * (new - old.at[index].get(mode="clip")), mode="drop")

    memory = memory._replace(
        visits=visits,
        probability=average(memory.probability, rows.probability),
        margin=average(memory.margin, rows.margin, seen),
    )
    if rows.weights is not None:
        memory = memory._replace(
            weight=average(memory.weight, rows.weights),
            weight_last=memory.weight_last.at[index].set(rows.weights, mode="drop"),
        )
    if rows.targets is not None:
        target = jnp.argmax(rows.targets, axis=-1).astype(jnp.int32)
        memory = memory._replace(
            target=memory.target.at[index].set(target, mode="drop"),
            target_probability=memory.target_probability.at[index].set(jnp.max(rows.targets, axis=-1), mode="drop"),
        )
    return memory
