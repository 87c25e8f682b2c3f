"""Convolutions as CPUs compute them fast; programs for other devices stay as they are.

XLA's compiler for CPUs has fast code for convolutions of images [B, ..., C] with kernels [..., C_in, C_out] alone.

* Gradients by kernels come with other orders of axes. The compiler transposes them, but outside of loops only: inside
  one they are computed in a general way, up to a hundred times slower. Here the transposing is written out.
* Of images with few channels, as the first layer of a network has them, each number of the result is a sum of few
  products. They are written out as well, which the compiler turns into one loop: two to ten times faster than its code
  for convolutions.

Both happen when a program is lowered for CPUs, so that every derivative is that of a convolution.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
from jax.interpreters import mlir
from jax.sharding import NamedSharding, PartitionSpec

from meta_noise.types import Array

MOST_TERMS = 36  # products of a sum that is written out, such as 3 x 3 pixels of four channels


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


def _is_plain(images: Any, kernels: Any, params: dict[str, Any]) -> bool:
    """Says whether a convolution has one group of channels, no gaps between pixels, and numbers of a usual kind."""
    is_whole = params["feature_group_count"] == 1 and set(params["lhs_dilation"]) == {1}
    return is_whole and images.dtype == kernels.dtype and images.dtype in (jnp.float32, jnp.float64)


def _is_short(kernels: Any) -> bool:
    """Says whether a convolution with [..., C, C_out] is to be written out; with single pixels it is a product."""
    window = math.prod(kernels.shape[:-2])
    return window > 1 and window * kernels.shape[-2] <= MOST_TERMS


def _written_out(images: Array, kernels: Array, params: dict[str, Any], sizes: Sequence[int]) -> Array:
    """Returns the convolution of [B, ..., C] with [..., C, C_out] as a sum of products; [B, *sizes, C_out].

    The compiler for CPUs would take the sum into the loops that use it, which are slow then; it takes nothing out of a
    branch. The other branch, for what is not finite, needs a value from outside, or equal ones would not be merged.
    """
    outside = [(0, 0, 0), *((*pad, 0) for pad in params["padding"]), (0, 0, 0)]
    images = jax.lax.pad(images, jnp.zeros((), images.dtype), outside)
    strides, dilation = params["window_strides"], params["rhs_dilation"]

    def total() -> Array:
        made = jnp.zeros((), images.dtype)
        for *place, channel in product(*(range(size) for size in kernels.shape[:-1])):
            begin = [step * at for step, at in zip(dilation, place, strict=True)]
            end = [first + stride * (size - 1) + 1 for first, stride, size in zip(begin, strides, sizes, strict=True)]
            seen = jax.lax.slice(images, (0, *begin, channel), (len(images), *end, channel + 1), (1, *strides, 1))
            made = made + seen * kernels[(*place, channel)]
        return made

    one, shape = kernels.ravel()[0], (len(images), *sizes, kernels.shape[-1])
    return jax.lax.cond(one <= jnp.inf, total, lambda: jnp.broadcast_to(one, shape))


def _is_of_pixels(images: Any, kernels: Any, params: dict[str, Any]) -> bool:
    """Says whether each image [B, 1, ..., C] is one pixel that every place of the result sees another weight of."""
    sizes = kernels.shape[:-2]
    is_seen = tuple(params["padding"]) == tuple((size - 1, size - 1) for size in sizes)
    return (
        math.prod(sizes) > 1 and math.prod(images.shape[1:-1]) == 1 and is_seen and set(params["window_strides"]) == {1}
    )


def _of_pixels(images: Array, kernels: Array, params: dict[str, Any]) -> Array:
    """Returns the convolution of [B, 1, ..., C] with [..., C, C_out] as a matrix product; [B, ..., C_out]."""
    axes = images.ndim
    seen = jnp.flip(kernels, tuple(range(axes - 2)))
    flat = images.reshape(len(images), -1)
    return jnp.tensordot(flat, seen, ((1,), (axes - 2,)), precision=params["precision"])


def _register() -> None:
    """Tells JAX to lower convolutions for CPUs so; where it keeps its own rule elsewhere than today, they are slow."""
    primitive = jax.lax.conv_general_dilated_p
    known = getattr(mlir, "_platform_specific_lowerings", {}).get("cpu", {}).get(primitive)
    if known is None:
        return
    usual: Callable[..., Any] = known.rule

    def lower(context: Any, images: Any, kernels: Any, **params: Any) -> Any:
        numbers, (seen, weights) = params["dimension_numbers"], context.avals_in
        orders = _last(numbers.lhs_spec), _turned(numbers.rhs_spec), _last(numbers.out_spec)
        if params["batch_group_count"] > 1 or any(order != tuple(range(len(order))) for order in orders):
            way = partial(_straight, **params)
        elif not _is_plain(seen, weights, params):
            return usual(context, images, kernels, **params)
        elif _is_short(weights):
            way = partial(_written_out, params=params, sizes=context.avals_out[0].shape[1:-1])
        elif _is_of_pixels(seen, weights, params):
            way = partial(_of_pixels, params=params)
        else:
            return usual(context, images, kernels, **params)
        made = mlir.lower_fun(way, multiple_results=False)
        return made(context, images, kernels)

    mlir.register_lowering(primitive, lower, platform="cpu")


_register()
