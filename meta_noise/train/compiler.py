"""Options of the compiler for CPUs.

XLA hands convolutions to the library YNNPACK, their gradients by kernels too. Here only reductions and single matrix
products are left to it, and convolutions to XLA's own code. What that gains depends on the processor: for ResNet-32 a
quarter less time was seen on one and no difference on another, where steps without the library altogether took 7 to 10%
more time and a quarter less memory. Other devices know no such option, and neither do
all versions of the compiler: it is tried once.
"""

import functools
from typing import Any

import jax

import meta_noise.core.convolutions  # noqa: F401  (lowers them as CPUs are fast with them)

ON_CPU = {
    "xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_REDUCE,LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT",
}


def options(device: Any = None) -> dict[str, Any] | None:
    """Returns `compiler_options` of `jax.jit` for what is compiled for a device, the first one if None.

    A function that was made with options cannot be called inside another compiled one.
    """
    device = jax.devices()[0] if device is None else device
    return dict(ON_CPU) if device.platform == "cpu" and _are_known() else None


def options_of_start(device: Any = None) -> dict[str, Any] | None:
    """Returns `compiler_options` of `jax.jit` for what runs once on a device, the first one if None.

    On CPUs it is then compiled quickly, and runs some times slower. Most of a start are draws of parameters, whose good
    machine code takes long to make: that of ResNet-32 is compiled in 4 seconds instead of 18, for a run of 0.07 instead
    of 0.02. Some numbers differ in the last bit.
    """
    device = jax.devices()[0] if device is None else device
    return {"xla_backend_optimization_level": 0} if device.platform == "cpu" else None


def apart(values: jax.Array) -> jax.Array:
    """Returns values that the compiler for CPUs makes before it does anything with them; others see no difference.

    Left to itself it hands the normalising of images of one channel to YNNPACK, together with the dense layers that
    take them, which goes along an axis of length 1: 10,000 images of 28 x 28 then take four times as long. A barrier
    helps there, though not where order or repetition is the matter (`core/scheduling.py`).
    """
    return jax.lax.platform_dependent(values, cpu=jax.lax.optimization_barrier, default=lambda same: same)


@functools.cache
def _are_known() -> bool:
    """Says whether the compiler for CPUs takes the options."""
    one = jax.ShapeDtypeStruct((), jax.numpy.float32, sharding=jax.sharding.SingleDeviceSharding(jax.devices("cpu")[0]))
    try:
        jax.jit(lambda x: x + 1, compiler_options=ON_CPU).lower(one).compile()
    except jax.errors.JaxRuntimeError:
        return False
    return True
