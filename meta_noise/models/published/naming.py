"""What it takes to find a network's tensors in a published file of weights."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Path = tuple[str, ...]  # of a tensor in our trees: block, ..., and the name of the leaf
VALUES = {"kernel": "weight", "embedding": "weight", "scale": "weight", "bias": "bias"}
VALUES |= {"mean": "running_mean", "var": "running_var"}


class Naming(NamedTuple):
    """How a publisher names the tensors of a network.

    Attributes:
        publisher: for messages.
        find: `(path of a tensor of ours) -> name` in the file; None for one that the file does not have and whose
            value is fixed, as a scale of one.
        convert: `(path, shape of ours, tensor of the file) -> tensor` of our shape, or None where it cannot be.
        ignored: beginnings of names in the file that nothing of ours corresponds to.
        optional: our blocks that a file may lack; they then start anew.
    """

    publisher: str
    find: Callable[[Path], str | None]
    convert: Callable[[Path, tuple[int, ...], np.ndarray], np.ndarray | None]
    ignored: tuple[str, ...]
    optional: tuple[str, ...] = ()


def from_torch(path: Path, shape: tuple[int, ...], tensor: np.ndarray) -> np.ndarray | None:
    """Returns a tensor of PyTorch in our shape: [out, in, rows, columns] and [out, in] are turned round, or None.

    The kernels of attention are matrices there; ours have axes for heads.
    """
    wanted = shape
    if path[-1] == "kernel" and len(shape) == 3:
        inside = path[-2] == "out"  # [heads, length, D], the others [D, heads, length]
        wanted = (shape[0] * shape[1], shape[2]) if inside else (shape[0], shape[1] * shape[2])
    elif path[-1] == "bias":
        wanted = (int(np.prod(shape)),)
    turned = tensor
    if path[-1] == "kernel":
        turned = tensor.transpose(2, 3, 1, 0) if tensor.ndim == 4 else tensor.T
    return turned.reshape(shape) if turned.shape == wanted else None
