"""Files of published weights, read as arrays by name; nothing in them is executed, nothing is downloaded."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from meta_noise.errors import DataNotFoundError, InputError

PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".tar")


def read_weights(path: str) -> dict[str, np.ndarray]:
    """Returns the arrays [...] float32 in a .safetensors or .h5 file, by name.

    Names in an .h5 file of Keras are `layer/weight`. Layers that Keras numbered by itself become `conv2d 0`,
    `conv2d 1`, ... in the order in which they were made, whatever number Keras began with.

    Raises:
        DataNotFoundError: there is no such file.
        InputError: it is of another kind, or damaged, or the package that reads it is not installed.
    """
    file = Path(path)
    if not file.is_file():
        raise DataNotFoundError(
            f"There is no file of weights {path!r}; config.model.pretrained is the path of a .safetensors or .h5 file "
            "on this machine (nothing is downloaded)."
        )
    readers = {".safetensors": _read_safetensors, ".h5": _read_h5, ".hdf5": _read_h5}
    if file.suffix in PICKLED:
        raise InputError(
            f"{path} may hold pickled code by its ending and is not read. Publishers offer the same weights as "
            ".safetensors, or convert them: safetensors.torch.save_file(torch.load(FILE, weights_only=True), NEW)."
        )
    if file.suffix not in readers:
        raise InputError(
            f"{path} ends in {file.suffix or 'nothing'}; weights are read from .safetensors and .h5 files."
        )
    return readers[file.suffix](file)


def _read_safetensors(file: Path) -> dict[str, np.ndarray]:
    with open_safetensors(file) as stored:
        return {name: np.asarray(stored.get_tensor(name), np.float32) for name in stored.keys()}  # noqa: SIM118


@contextlib.contextmanager
def open_safetensors(file: Path) -> Iterator[Any]:
    """Opens a .safetensors file, of which single tensors can then be read.

    Raises:
        InputError: it is damaged, or the package that reads it is not installed.
    """
    try:
        import safetensors  # here and not at the top: a package that only this needs
    except ImportError as error:
        raise InputError(f"{error}. Run `pip install 'meta_noise[convert]'` or `pip install safetensors`.") from error
    try:
        with safetensors.safe_open(file, framework="flax") as stored:  # NumPy itself has no bfloat16
            yield stored
    except (safetensors.SafetensorError, OSError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{file} is not a whole .safetensors file: {error}. Get it again.") from error


def _read_h5(file: Path) -> dict[str, np.ndarray]:
    try:
        import h5py  # likewise
    except ImportError as error:
        raise InputError(f"{error}. Run `pip install 'meta_noise[convert]'` or `pip install h5py`.") from error
    found: dict[str, np.ndarray] = {}

    def visit(name: str, node: Any) -> None:
        if isinstance(node, h5py.Dataset) and node.dtype.kind == "f":
            layer, weight = name.split("/")[-2:] if "/" in name else ("", name)
            found[f"{layer}/{weight.removesuffix(':0')}"] = np.asarray(node, np.float32)

    try:
        with h5py.File(file, "r") as stored:
            stored.visititems(visit)
    except OSError as error:
        raise InputError(f"{file} is not a whole .h5 file: {error}. Get it again.") from error
    return _renumbered(found)


def _renumbered(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns the arrays with the numbers of numbered layers replaced by their places in order, `conv2d 0/kernel`."""
    layers = {name.partition("/")[0] for name in found}
    places: dict[str, str] = {}
    for kind in ("conv2d", "batch_normalization"):
        numbered = {layer: int(match[1] or 0) for layer in layers if (match := re.fullmatch(rf"{kind}_?(\d*)", layer))}
        ordered = sorted(numbered, key=numbered.__getitem__)
        places |= {layer: f"{kind} {place}" for place, layer in enumerate(ordered)}
    renamed = {}
    for name, array in found.items():
        layer, _, weight = name.partition("/")
        renamed[f"{places.get(layer, layer)}/{weight}"] = array
    return renamed
