"""The device mesh: batches are sharded over it, everything else is replicated."""

from typing import NamedTuple

import jax
from jax.sharding import AxisType, Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from meta_noise.errors import InputError


class Placement(NamedTuple):
    """Where arrays live: `replicated` everywhere; `rows`, `steps`, `pairs` divided along axis 0, 1, 2."""

    mesh: Mesh
    replicated: NamedSharding
    rows: NamedSharding
    steps: NamedSharding
    pairs: NamedSharding


def placement(devices: int = 0) -> Placement:
    """Returns the placement over the first `devices` devices, 0 meaning all.

    Raises:
        InputError: more devices are asked for than there are.
    """
    available = jax.devices()
    if devices > len(available):
        raise InputError(f"config.train.devices is {devices}, but there are {len(available)}; 0 takes all of them.")
    chosen = available[: devices or len(available)]
    mesh = jax.make_mesh((len(chosen),), ("data",), axis_types=(AxisType.Auto,), devices=chosen)
    specs = P(), P("data"), P(None, "data"), P(None, None, "data")
    return Placement(mesh, *(NamedSharding(mesh, spec) for spec in specs))


def on_cpu(where: Placement) -> bool:
    """Says whether the devices are CPUs."""
    return where.mesh.devices.flat[0].platform == "cpu"


def check_divides(name: str, size: int, where: Placement) -> None:
    """Raises InputError unless `size` rows divide over the devices."""
    devices = where.mesh.size
    if size % devices:
        lower, upper = size // devices * devices, -(-size // devices) * devices
        nearest = f"{lower} or {upper}" if lower else f"{upper}"
        raise InputError(
            f"{name} is {size}, which does not divide over {devices} devices; use {nearest}, or fewer devices "
            "(config.train.devices)."
        )
