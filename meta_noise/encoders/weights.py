"""Weights of an encoder out of its .safetensors files: what is wanted is found, shapes are checked, layers are stacked.

Names are ours on the left and those in the files on the right. A kernel is [in, out] here and [out, in] there.
"""

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from meta_noise.errors import InputError
from meta_noise.models.weight_files import open_safetensors

SHOWN = 3
FLOATS = ("F64", "F32", "F16", "BF16")
Shape = tuple[int, ...]


class Wanted(NamedTuple):
    """Tensors of an encoder.

    Attributes:
        single: our name -> (name in the files, shape in the files).
        layered: our name -> (name in the files with `{}` for the number of the layer, shape in the files).
        layers: how many.
        ignored: beginnings of names within the encoder that nothing of ours corresponds to.
        optional: our names that the files may lack.
        prefixes: what all names in the files may begin with; that under which most is found counts.
        outside: names of ours that never have a prefix.
    """

    single: Mapping[str, tuple[str, Shape]]
    layered: Mapping[str, tuple[str, Shape]]
    layers: int
    ignored: Sequence[str] = ()
    optional: Sequence[str] = ()
    prefixes: Sequence[str] = ("",)
    outside: Sequence[str] = ()


class Held(NamedTuple):
    """A tensor in a file: where, by which name there, its shape and type."""

    file: Path
    name: str
    shape: Shape
    dtype: str


def read_wanted(files: Sequence[Path], wanted: Wanted) -> dict[str, np.ndarray]:
    """Returns the wanted tensors as float32, by our names; those of layers with a leading axis [layers, ...].

    Raises:
        InputError: tensors are lacking, of another shape or type, or the files hold more of the encoder than is wanted.
    """
    held = _held(files)
    prefix = max(wanted.prefixes, key=lambda each: sum(f"{each}{name}" in held for name, _ in wanted.single.values()))
    places: dict[tuple[str, int], tuple[str, Shape]] = {}
    for ours, (name, shape) in wanted.single.items():
        places[ours, 0] = (name if ours in wanted.outside else f"{prefix}{name}", shape)
    for ours, (name, shape) in wanted.layered.items():
        places |= {(ours, layer): (f"{prefix}{name.format(layer)}", shape) for layer in range(wanted.layers)}
    for ours in wanted.optional:
        if places[ours, 0][0] not in held:
            del places[ours, 0]
    _check(files[0].parent, places, held, prefix, wanted)
    with contextlib.ExitStack() as stack:
        opened = {file: stack.enter_context(open_safetensors(file)) for file in files}

        def read(ours: str, layer: int = 0) -> np.ndarray:
            one = held[places[ours, layer][0]]
            return np.asarray(opened[one.file].get_tensor(one.name), np.float32)

        arrays = {ours: _turned(ours, read(ours)) for ours in wanted.single if (ours, 0) in places}
        for ours in wanted.layered:
            arrays[ours] = np.stack([_turned(ours, read(ours, layer)) for layer in range(wanted.layers)])
    return arrays


def _held(files: Sequence[Path]) -> dict[str, Held]:
    """Returns what the files hold, by name; old files say gamma and beta for the weight and bias of a norm."""
    held: dict[str, Held] = {}
    for file in files:
        with open_safetensors(file) as stored:
            for name in stored.keys():  # noqa: SIM118
                part = stored.get_slice(name)
                usual = name.replace(".gamma", ".weight").replace(".beta", ".bias")
                held[usual] = Held(file, name, tuple(part.get_shape()), str(part.get_dtype()))
    return held


def _check(
    folder: Path,
    places: Mapping[tuple[str, int], tuple[str, Shape]],
    held: Mapping[str, Held],
    prefix: str,
    wanted: Wanted,
) -> None:
    lacking = [name for name, _ in places.values() if name not in held]
    there = [(name, shape, held[name]) for name, shape in places.values() if name in held]
    misshapen = [
        f"{name} {list(one.shape)} instead of {list(shape)}" for name, shape, one in there if one.shape != shape
    ]
    strange = [f"{name} {one.dtype}" for name, _, one in there if one.dtype not in FLOATS]
    used = {name for name, _ in places.values()}
    ignored = tuple(f"{prefix}{name}" for name in wanted.ignored)
    homeless = [name for name in held if name not in used and name.startswith(prefix) and not name.startswith(ignored)]
    if lacking and not there:
        homeless = []
    problems = [
        f"{len(found):,} tensors {what}: {', '.join(found[:SHOWN])}{', ...' if len(found) > SHOWN else ''}"
        for what, found in (
            ("are lacking", lacking),
            ("have another shape", misshapen),
            ("are no floating-point numbers", strange),
            ("have no place", homeless),
        )
        if found
    ]
    if problems:
        raise InputError(
            f"The weights in {folder} are not those that its config.json describes; {'; '.join(problems)}. Get the "
            "folder again, or give one with both from the same model."
        )


def _turned(ours: str, array: np.ndarray) -> np.ndarray:
    """Returns a kernel of a dense layer as [in, out]; everything else as it is."""
    is_kernel = ours.endswith(".kernel") and "norm" not in ours
    return np.ascontiguousarray(array.T) if is_kernel else array


def number(config: Mapping[str, Any], name: str, usual: int | None, where: Path, least: int = 1) -> int:
    """Returns a whole number out of a config; `usual` where it is not said, None for one that must be."""
    found = config.get(name, usual)
    if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= 10**7:
        raise InputError(f"{where}: {name} is {found!r:.60}; it must be a whole number, {least} or more.")
    return found
