"""What stands on each device: a sentence before a run, and by `meta-noise inspect`."""

import math
from typing import Any, NamedTuple

import jax

from meta_noise.train.sharding import Placement, nbytes, sentence
from meta_noise.types import PyTree

LARGEST = 3  # tensors that are named


class Part(NamedTuple):
    """A tensor: its name, shape, how it is divided ("model", None, ...), bytes in all and on each device."""

    name: str
    shape: tuple[int, ...]
    spec: tuple[Any, ...]
    total: int
    each: int


def parts(shapes: PyTree) -> list[Part]:
    """Returns the parts of a tree of `jax.ShapeDtypeStruct` that say where they live."""
    return [_part(jax.tree_util.keystr(path, simple=True, separator="."), leaf) for path, leaf in _leaves(shapes)]


def _leaves(tree: PyTree) -> list[tuple[Any, Any]]:
    return jax.tree_util.tree_leaves_with_path(tree)


def _part(name: str, leaf: Any) -> Part:
    spec = (*leaf.sharding.spec, *[None] * len(leaf.shape))[: len(leaf.shape)]
    each = math.prod(leaf.sharding.shard_shape(leaf.shape)) * leaf.dtype.itemsize
    return Part(name, leaf.shape, spec, nbytes(leaf), each)


def sentences(where: Placement, shapes: PyTree, rows: int) -> list[str]:
    """Returns what there is to say about a mesh, nothing for a single device.

    Args:
        where: placement.
        shapes: all that goes from step to step, with where it lives.
        rows: of a batch.
    """
    first = sentence(where, rows)
    if not first:
        return []
    found = parts(shapes)
    divided = sorted((part for part in found if part.each < part.total), key=lambda part: -part.total)
    total, each = sum(part.total for part in found), sum(part.each for part in found)
    text = f"State: {size(total)} in all, {size(each)} on each device; {len(divided)} of {len(found)} tensors divided"
    named = ", ".join(f"{part.name} {list(part.shape)} over {_axes(part)}" for part in divided[:LARGEST])
    return [first, f"{text}, the largest: {named}." if named else f"{text}."]


def _axes(part: Part) -> str:
    axis = next(place for place, name in enumerate(part.spec) if name is not None)
    return f"{part.spec[axis]} (dimension {axis})"


def size(count: float) -> str:
    """Returns a number of bytes as a person would say it: "36.2 MB"."""
    for unit, least in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= least:
            return f"{count / least:,.3g} {unit}"
    return f"{count:.0f} bytes"
