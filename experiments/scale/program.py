"""The step of a method, compiled for a mesh without any data: what the compiler says of it, and what it was counted to.

All is made from shapes, so a network of any size can be looked at, and a mesh of as many devices as are emulated.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from experiments.scale.hlo import Traffic, collectives, traffic
from meta_noise.build.defaults import resolved
from meta_noise.build.facts import Facts
from meta_noise.build.method import make_method, make_network
from meta_noise.build.optimizer import Lengths
from meta_noise.config.argument import merge
from meta_noise.config.parse import parse
from meta_noise.config.schema import MeshAxes
from meta_noise.train.counts import Traced
from meta_noise.train.layout import parts
from meta_noise.train.sharding import Placement, like, over_devices, placement, tensors
from meta_noise.train.traced import traced
from meta_noise.types import Batch

ROWS = 50_000  # of the data set that batches would come from


class Setting(NamedTuple):
    """A network, its inputs and the sections of a config: `model`, shape and dtype of a row, C, `changes`."""

    model: Mapping[str, Any]
    row: tuple[int, ...]
    classes: int
    changes: Mapping[str, Any]
    dtype: str = "float32"


class Shapes(NamedTuple):
    """A step as a function, and the shapes of what it is called with: key, state, batch, clean batch."""

    step: Any
    arguments: tuple[Any, ...]


class Program(NamedTuple):
    """A compiled step on one device of a mesh.

    Attributes:
        flops: of a device.
        state_bytes: of parameters, optimiser states and meta-parameters on a device, by their shapes.
        argument_bytes: of these and the batch, by the compiler.
        temporary_bytes: beside arguments and results.
        traffic: between devices.
    """

    flops: float
    state_bytes: int
    argument_bytes: int
    temporary_bytes: int
    traffic: Traffic


def shapes(setting: Setting, batch: int, where: Placement) -> Shapes:
    """Returns the step of a setting with batches, and clean batches, of `batch` rows."""
    given = {"train": {"warmup_epochs": 0}, "model": dict(setting.model)}
    config = resolved(parse(merge(given, setting.changes)))
    network = over_devices(make_network(config.model, setting.classes, config.train.precision), where)
    counts = [ROWS // setting.classes] * setting.classes
    method = make_method(config, network, Lengths(100_000, 500), Facts(tuple(counts), ROWS))
    rows = jax.ShapeDtypeStruct((batch,), jnp.int32, sharding=where.replicated)
    inputs = jax.ShapeDtypeStruct((batch, *setting.row), jnp.dtype(setting.dtype), sharding=where.replicated)
    one = Batch(inputs, rows, rows, epoch=jax.ShapeDtypeStruct((), jnp.float32, sharding=where.replicated))
    key = jax.eval_shape(lambda: jax.random.key(0))
    state = jax.eval_shape(method.init, key, one)
    return Shapes(method.step, (key, like(state, tensors(where, state)), one, one))


def counted(setting: Setting, batch: int) -> Traced:
    """Returns the traced counts of a step on one device; nothing is compiled."""
    step, arguments = shapes(setting, batch, placement(1))
    return traced(step, *arguments)


def compiled(setting: Setting, batch: int, devices: int, axes: MeshAxes | None = None) -> Program:
    """Returns what the compiler says of a step on a mesh."""
    where = placement(devices, axes or MeshAxes())
    step, arguments = shapes(setting, batch, where)
    state = jax.tree.map(lambda x: x.sharding, arguments[1])
    call = jax.jit(step, out_shardings=(state, where.replicated), donate_argnums=1)
    found = call.lower(*arguments).compile()
    memory = found.memory_analysis()
    held = sum(part.each for part in parts(arguments[1]))
    sums = traffic(collectives(found.as_text(), where.mesh.size))
    sizes = memory.argument_size_in_bytes, memory.temp_size_in_bytes
    return Program(found.cost_analysis()["flops"], held, *sizes, sums)
