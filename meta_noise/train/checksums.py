"""Checksums of the arrays of a checkpoint; of an array that several hosts hold, of each part where it lies."""

import json
import zlib
from collections.abc import Mapping
from typing import Any

import jax
import msgspec
import numpy as np

from meta_noise.hosts import exchange


class Part(msgspec.Struct, forbid_unknown_fields=True):
    """A part of an array, from `start` to before `stop` in each dimension."""

    start: list[int]
    stop: list[int]
    crc32: int


def described(arrays: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Returns shape, dtype and checksums of named arrays, as JSON holds them; all processes call it.

    Args:
        arrays: NumPy arrays, the same in every process, or jax.Arrays of which each process holds a part.
    """
    leaves: dict[str, dict[str, Any]] = {}
    mine: dict[str, list[dict[str, Any]]] = {}
    for name, array in arrays.items():
        leaves[name] = {"shape": list(array.shape), "dtype": str(array.dtype)}
        if isinstance(array, jax.Array):
            mine[name] = [_part(shard, array.shape) for shard in array.addressable_shards if shard.replica_id == 0]
        else:
            leaves[name]["crc32"] = _crc32(array)
    if mine:
        for others in map(json.loads, exchange.everybodys("checksums", json.dumps(mine))):
            for name, parts in others.items():
                leaves[name].setdefault("parts", []).extend(parts)
    return leaves


def is_described(array: np.ndarray, about: Mapping[str, Any]) -> bool:
    """Says whether an array has the shape, the dtype and the checksums that `described` gave."""
    if [list(array.shape), str(array.dtype)] != [about["shape"], about["dtype"]]:
        return False
    if not about.get("parts"):
        return _crc32(array) == about.get("crc32")
    return all(
        _crc32(array[tuple(map(slice, part["start"], part["stop"]))]) == part["crc32"] for part in about["parts"]
    )


def _part(shard: Any, shape: tuple[int, ...]) -> dict[str, Any]:
    ends = [part.indices(size)[:2] for part, size in zip(shard.index, shape, strict=True)]
    return {
        "start": [start for start, _ in ends],
        "stop": [stop for _, stop in ends],
        "crc32": _crc32(np.asarray(shard.data)),
    }


def _crc32(array: np.ndarray) -> int:
    return zlib.crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
