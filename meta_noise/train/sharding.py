"""The device mesh: which devices there are, and how arrays are divided over them.

The mesh has two axes, `data` and `model`. The rows of a batch are divided over all devices, whatever the axis. Large
tensors (parameters, optimiser states, meta-parameters, averages) are divided over `model`, and gathered by the compiler
where a layer needs them: a fully sharded network, as in S. Rajbhandari et al., "ZeRO: Memory Optimizations Toward
Training Trillion Parameter Models", SC 2020, https://arxiv.org/abs/1910.02054. What is held about every row of the data
set is divided over `data`. No number depends on the mesh but by the order of sums.
"""

import math
from typing import Any, NamedTuple

import jax
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from meta_noise.config.schema import MeshAxes
from meta_noise.errors import InputError
from meta_noise.train.rows import FILL
from meta_noise.train.spread import put
from meta_noise.types import Network, PyTree

DATA, MODEL = "data", "model"
BOTH = (DATA, MODEL)
RESIDENT_BYTES = 2**28  # of a data set on the devices, from which on it is divided
ALL = MeshAxes()


class Placement(NamedTuple):
    """Where arrays live.

    Attributes:
        mesh: the devices, with the axes `data` and `model`.
        replicated: on every device, whole.
        rows: rows of a batch, axis 0, over all devices.
        least_bytes: smallest tensor that is divided over `model`.
        unused: devices that have nothing to do.
    """

    mesh: Mesh
    replicated: NamedSharding
    rows: NamedSharding
    least_bytes: int
    unused: int


def placement(devices: int = 0, axes: MeshAxes = ALL, rows: int = 0) -> Placement:
    """Returns the placement over the first `devices` devices, 0 meaning all.

    Args:
        devices: how many.
        axes: sizes of the axes of the mesh.
        rows: of a batch. Where `data` is free, devices that would get none of them are left out; 0: none is.

    Raises:
        InputError: more devices are asked for than there are, or the mesh does not fit them.
    """
    available = jax.devices()
    if devices > len(available):
        raise InputError(f"config.train.devices is {devices}, but there are {len(available)}; 0 takes all of them.")
    count = devices or len(available)
    shape = _shape(count, axes, rows)
    chosen = available[: math.prod(shape)]
    if idle := set(range(jax.process_count())) - {device.process_index for device in chosen}:
        raise InputError(
            f"A mesh of {len(chosen)} of {len(available)} devices leaves process {min(idle)} without any "
            f"(config.train.devices is {devices}, config.train.mesh.data {axes.data}, config.train.mesh.model "
            f"{axes.model}); each process needs one: give 0, -1 and 1 for all devices, or start fewer processes."
        )
    mesh = jax.make_mesh(shape, BOTH, axis_types=(AxisType.Auto,) * 2, devices=chosen)
    replicated, by_rows = NamedSharding(mesh, P()), NamedSharding(mesh, P(BOTH))
    return Placement(mesh, replicated, by_rows, axes.least_bytes, count - len(chosen))


def _shape(count: int, axes: MeshAxes, rows: int) -> tuple[int, int]:
    """Returns (data, model), the sizes of the axes, for `count` devices."""
    data, model = axes.data, axes.model
    if data == 0 or data < -1:
        raise InputError(f"config.train.mesh.data must be 1 or more, or -1 for as many as there are; got {data}.")
    if model > count or data * model > count:
        wanted = f"{model}" if data < 0 else f"{data} x {model} = {data * model}"
        raise InputError(
            f"config.train.mesh needs {wanted} devices, but there are {count}; give data x model of at most {count}, "
            "or data=-1 and model=1 for all of them."
        )
    if data > 0:
        return data, model
    if count % model:
        fitting = [size for size in range(1, count + 1) if count % size == 0]
        raise InputError(
            f"config.train.mesh.model is {model}, which does not divide {count} devices; use one of "
            f"{', '.join(map(str, fitting))}, or say how many groups of {model} there are (config.train.mesh.data="
            f"{count // model})."
        )
    if not rows or jax.process_count() > 1:  # every process has to have a part
        return count // model, model
    busy = -(-rows // -(-rows // count))  # devices with rows, where each has as many as the first
    return -(-busy // model), model


def tensor(where: Placement, like: Any) -> NamedSharding:
    """Returns where a tensor lives: its largest dimension that `model` divides goes over that axis.

    Args:
        where: placement.
        like: anything with shape and dtype. Small ones, and those that cannot be divided, are replicated.
    """
    return _over(where, MODEL, like, where.least_bytes, range(len(like.shape)))


def per_row(where: Placement, like: Any, least_bytes: int | None = None) -> NamedSharding:
    """Returns where an array over the rows of a data set lives, [N, ...]: over `data` where that divides N.

    Args:
        where: placement.
        like: anything with shape and dtype.
        least_bytes: smallest array that is divided, None: as tensors.
    """
    return _over(where, DATA, like, where.least_bytes if least_bytes is None else least_bytes, range(1))


def _over(where: Placement, axis: str, like: Any, least_bytes: int, dimensions: range) -> NamedSharding:
    size, shape = where.mesh.shape[axis], like.shape
    if size == 1 or not shape or nbytes(like) < least_bytes:
        return where.replicated
    fitting = [d for d in dimensions if shape[d] and shape[d] % size == 0]
    if not fitting:
        return where.replicated
    largest = max(fitting, key=lambda d: (shape[d], -d))
    return NamedSharding(where.mesh, P(*[None] * largest, axis))


def nbytes(like: Any) -> int:
    """Returns the bytes of anything with shape and dtype."""
    return math.prod(like.shape) * like.dtype.itemsize


def tensors(where: Placement, tree: PyTree) -> PyTree:
    """Returns where each tensor of a tree lives, see `tensor`."""
    return jax.tree.map(lambda x: tensor(where, x), tree)


def like(tree: PyTree, shardings: PyTree) -> PyTree:
    """Returns the shapes of a tree with where they live."""
    return jax.tree.map(lambda x, s: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=s), tree, shardings)


def put_resident(where: Placement, tree: PyTree) -> PyTree:
    """Returns arrays over all rows of a data set on the devices; of large ones each device holds a part.

    These are filled up with zeros to a multiple of `FILL` rows; nothing looks at them.
    """

    def place(x: Any) -> Any:
        if nbytes(x) >= RESIDENT_BYTES and (missing := -len(x) % FILL):
            x = np.concatenate([x, np.zeros((missing, *x.shape[1:]), x.dtype)])
        return put(x, per_row(where, x, RESIDENT_BYTES))

    return jax.tree.map(place, tree)


def filled(where: Placement, x: np.ndarray, axis: int) -> np.ndarray:
    """Returns `x` with zeros after its rows, which stand in `axis`, so that they divide over the devices."""
    missing = -x.shape[axis] % where.mesh.size
    return np.pad(x, [(0, missing if a == axis else 0) for a in range(x.ndim)]) if missing else x


def by_rows(where: Placement, tree: PyTree, axis: int = 0) -> PyTree:
    """Returns a tree of arrays, under jit, whose rows (in `axis`) are divided over the devices, evenly or not."""
    if where.mesh.size == 1:
        return tree
    sharding = NamedSharding(where.mesh, P(*[None] * axis, BOTH))
    return jax.tree.map(lambda x: jax.lax.with_sharding_constraint(x, sharding) if np.ndim(x) > axis else x, tree)


def over_devices(network: Network, where: Placement) -> Network:
    """Returns the network whose inputs, and with them all that it computes, are divided over the devices by rows."""

    def apply(variables: Any, inputs: Any, *args: Any, **settings: Any) -> Any:
        return network.apply(variables, by_rows(where, inputs), *args, **settings)

    return network if where.mesh.size == 1 else network._replace(apply=apply)


def sentence(where: Placement, rows: int) -> str:
    """Returns what there is to say about a mesh and batches of `rows` rows, empty for a single device."""
    count, unused = where.mesh.size, where.unused
    if count + unused == 1:
        return ""
    each = -(-rows // count)
    shape = f"data {where.mesh.shape[DATA]} x model {where.mesh.shape[MODEL]}"
    idle = count - -(-rows // each)  # in a mesh of a given shape
    text = f"Mesh: {shape}; a batch of {rows} rows is at most {each} on each of {count} devices"
    if unused + idle:
        few = "1 device has" if unused + idle == 1 else f"{unused + idle} devices have"
        text += f", and {few} nothing to do (config.train.batch_size, config.train.mesh)"
    return text + "."
