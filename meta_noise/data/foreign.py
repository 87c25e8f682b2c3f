"""Inputs of other data sets, to put in the place of a data set's own."""

from collections.abc import Sequence

import numpy as np

from meta_noise.config import registry
from meta_noise.data.images.streamed import Streamed
from meta_noise.data.source import Source
from meta_noise.errors import InputError


def foreign_inputs(sources: Sequence[str], paths: Sequence[str], like: np.ndarray) -> list[np.ndarray]:
    """Returns the training inputs [M, ...] of each of the named data sets.

    Args:
        sources: names of data sets.
        paths: where the files of each are; as many as there are names.
        like: [N, ...] inputs of the data set that they go into.

    Raises:
        InputError: the inputs of a set have another shape or type, or names and paths do not match.
    """
    if not sources or len(sources) != len(paths):
        raise InputError(
            f"{len(sources)} data sets ({', '.join(sources) or 'none'}) and {len(paths)} paths are given for the "
            "foreign inputs; name one or more, with a path for each."
        )
    pools = []
    for name, path in zip(sources, paths, strict=True):
        source: Source = registry.call(
            registry.find("data.sources", name), f"data {name!r}", {"path": path, "part": "train"}
        )
        if isinstance(source.inputs, Streamed):
            raise InputError(f"{name} is streamed from disk; foreign inputs come from a set held in memory.")
        if source.inputs.shape[1:] != like.shape[1:] or source.inputs.dtype != like.dtype:
            raise InputError(
                f"The inputs of {name} are {source.inputs.dtype} of shape {source.inputs.shape[1:]} and cannot take "
                f"the place of {like.dtype} of shape {like.shape[1:]}; choose a data set of the same size and type."
            )
        pools.append(source.inputs)
    return pools
