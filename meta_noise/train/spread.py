"""Arrays that several processes hold together; with one process alone all of this is what JAX does anyway."""

from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import NamedSharding

from meta_noise.types import PyTree


def put(tree: PyTree, shardings: Any) -> PyTree:
    """Returns arrays where `shardings` (one, or a tree of them) says; each process gives its own devices their parts.

    Args:
        tree: arrays of the host, the same in all processes wherever they are looked at, or arrays on devices.
        shardings: where to; one of them may stand for a whole branch.
    """
    if jax.process_count() == 1:
        return jax.device_put(tree, shardings)
    return jax.tree.map(lambda where, part: jax.tree.map(lambda leaf: _put(leaf, where), part), shardings, tree)


def _put(leaf: Any, sharding: jax.sharding.Sharding) -> Any:
    if isinstance(leaf, jax.Array) and not leaf.is_fully_addressable:
        return jax.device_put(leaf, sharding)
    leaf = np.asarray(leaf)
    leaf = leaf.astype(jax.dtypes.canonicalize_dtype(leaf.dtype), copy=False)
    return jax.make_array_from_callback(leaf.shape, sharding, lambda part: leaf[part])


def on_host(tree: PyTree) -> PyTree:
    """Returns a tree whose arrays this process can read by itself; all processes call it."""
    if jax.process_count() == 1:
        return tree
    return jax.tree.map(_on_host, tree)


def _on_host(leaf: Any) -> Any:
    if not isinstance(leaf, jax.Array) or leaf.is_fully_addressable:
        return leaf
    return np.asarray(leaf if leaf.is_fully_replicated else multihost_utils.process_allgather(leaf, tiled=True))


def firsts(tree: PyTree) -> PyTree:
    """Returns what process 0 has; numbers that hosts compute by themselves may differ in the last bit."""
    if jax.process_count() == 1:
        return tree
    return multihost_utils.broadcast_one_to_all(jax.tree.map(np.asarray, on_host(tree)))


def own_columns(rows: NamedSharding, count: int) -> np.ndarray | None:
    """Returns which of `count` rows lie on devices of this process, None for all.

    Args:
        rows: how the first axis of a batch is divided.
        count: of rows; after the last of them there may be others, so that they divide over the devices.
    """
    if jax.process_count() == 1:
        return None
    size = count + -count % rows.mesh.size
    parts = rows.addressable_devices_indices_map((size,)).values()
    found = np.unique(np.concatenate([np.arange(size)[part] for part in parts]))
    return found[found < count]
