"""Steps one after the other in one loop, which on CPUs is as fast as without it where they have convolutions.

XLA's compiler for CPUs has fast code for convolutions of images [B, ..., C] with kernels [..., C_in, C_out] alone.
Gradients by kernels come with other orders of axes. The compiler transposes them, but outside of loops only: inside one
they are computed in a general way, up to a hundred times slower. Here the transposing is written out as a program is
lowered for CPUs, which leaves programs without loops as they are. Other devices see no difference.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.interpreters import mlir
from jax.sharding import NamedSharding, PartitionSpec

from meta_noise.types import Array, PyTree


def one_by_one(step: Callable[..., Any], start: PyTree, batches: Sequence[PyTree]) -> tuple[PyTree, PyTree]:
    """Returns what the last step gave, and what all gave beside it, with a leading axis.

    `step` is `(carry, batch) -> (carry, beside)`. It is compiled once, however many batches there are.
    """
    if len(batches) > 1:
        return jax.lax.scan(step, start, jax.tree.map(lambda *x: jnp.stack(x), *batches))
    carry, beside = step(start, batches[0])
    return carry, jax.tree.map(lambda x: jnp.asarray(x)[None], beside)


def apart(stacked: PyTree, count: int) -> tuple[PyTree, ...]:
    """Returns the `count` entries of arrays with a leading axis."""
    return tuple(jax.tree.map(lambda x, place=place: x[place], stacked) for place in range(count))


def _straight(images: Array, kernels: Array, **params: Any) -> Array:
    """Returns the convolution with these `params` of JAX's primitive, as one of [B, ..., C] with [..., C_in, C_out]."""
    numbers, groups = params["dimension_numbers"], params["batch_group_count"]
    axes = images.ndim
    images, kernels = images.transpose(_last(numbers.lhs_spec)), kernels.transpose(_turned(numbers.rhs_spec))
    if groups > 1:  # groups of rows, each with kernels of its own, are groups of channels
        rows, *sizes, channels = images.shape
        images = jnp.moveaxis(images.reshape(groups, rows // groups, *sizes, channels), 0, -2)
        images = images.reshape(rows // groups, *sizes, groups * channels)
        params |= {"batch_group_count": 1, "feature_group_count": groups}
    order = (0, axes - 1, *range(1, axes - 1))
    kernel_order = (axes - 1, axes - 2, *range(axes - 2))
    params["dimension_numbers"] = jax.lax.ConvDimensionNumbers(order, kernel_order, order)
    found, where = _last(numbers.out_spec), params.get("out_sharding")
    if where is not None:
        spec = (*where.spec, *[None] * (axes - len(where.spec)))
        params["out_sharding"] = NamedSharding(where.mesh, PartitionSpec(*(spec[axis] for axis in found)))
    made = jax.lax.conv_general_dilated_p.bind(images, kernels, **params)
    return made.transpose([found.index(axis) for axis in range(axes)])


def _last(spec: tuple[int, ...]) -> tuple[int, ...]:
    """Returns the axes of images, which `spec` gives as (rows, channels, sizes), with the channels last."""
    return spec[0], *spec[2:], spec[1]


def _turned(spec: tuple[int, ...]) -> tuple[int, ...]:
    """Returns the axes of kernels, which `spec` gives as (channels out, channels in, sizes), in turned order."""
    return *spec[2:], spec[1], spec[0]


def _register() -> None:
    """Tells JAX to lower convolutions for CPUs so; where it keeps its own rule elsewhere than today, loops are slow."""
    primitive = jax.lax.conv_general_dilated_p
    known = getattr(mlir, "_platform_specific_lowerings", {}).get("cpu", {}).get(primitive)
    if known is None:
        return
    usual: Callable[..., Any] = known.rule

    def lower(context: Any, images: Any, kernels: Any, **params: Any) -> Any:
        numbers = params["dimension_numbers"]
        orders = _last(numbers.lhs_spec), _turned(numbers.rhs_spec), _last(numbers.out_spec)
        as_usual = params["batch_group_count"] == 1 and all(order == tuple(range(len(order))) for order in orders)
        if as_usual:
            return usual(context, images, kernels, **params)
        return mlir.lower_fun(lambda *x: _straight(*x, **params), multiple_results=False)(context, images, kernels)

    mlir.register_lowering(primitive, lower, platform="cpu")


_register()
