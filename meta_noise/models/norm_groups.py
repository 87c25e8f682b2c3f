"""Batch normalisation over parts of a batch, as where every device normalises its own rows.

Over the whole batch, which is what papers mean, a step sums over all devices in every layer. With as many groups as
devices none of these sums leaves a device; numbers are then those of smaller batches. Running averages take the mean
over the groups.
"""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from meta_noise.models.batch_norm import BatchNorm
from meta_noise.models.network import blocks_apart
from meta_noise.types import Network


def in_groups(network: Network, groups: int) -> Network:
    """Returns `network` whose batch normalisation, ours or Flax Linen's, treats `groups` parts of a batch apart.

    Raises:
        ValueError: (when tracing) a batch does not divide, or nothing normalises over the batch.
    """
    if groups == 1:
        return network

    def apply(variables: Any, inputs: Any, train: bool, *args: Any, **settings: Any) -> Any:
        if not train:
            return network.apply(variables, inputs, train, *args, **settings)
        met: list[str] = []

        def intercept(call: Any, arguments: Any, keywords: Any, context: Any) -> Any:
            module = context.module
            if not isinstance(module, nn.BatchNorm | BatchNorm) or context.method_name != "__call__":
                return call(*arguments, **keywords)
            met.append(module.name or "")
            return _normalised(module, groups, *arguments)

        with nn.intercept_methods(intercept), blocks_apart():
            found = network.apply(variables, inputs, train, *args, **settings)
        if not met:
            raise ValueError(f"norm_groups is {groups}, but the network has no batch normalisation that it knows")
        return found

    return network._replace(apply=apply)


def _normalised(module: nn.BatchNorm | BatchNorm, groups: int, x: jax.Array) -> jax.Array:
    """Returns what `module` makes of x [B, ..., C], group by group, and moves its running averages."""
    rows = x.shape[0]
    if rows % groups:
        raise ValueError(f"norm_groups is {groups}, which does not divide a batch of {rows} rows")
    parts = x.reshape(groups, rows // groups, -1, x.shape[-1]).astype(jnp.promote_types(x.dtype, jnp.float32))
    mean = jnp.mean(parts, axis=(1, 2))  # [G, C]
    var = jnp.maximum(jnp.mean(parts**2, axis=(1, 2)) - mean**2, 0)
    for name, value in (("mean", mean), ("var", var)):
        old = module.get_variable("batch_stats", name)
        new = module.momentum * old + (1 - module.momentum) * jnp.mean(value, axis=0)
        module.put_variable("batch_stats", name, new.astype(old.dtype))
    factor = jax.lax.rsqrt(var + module.epsilon)
    if module.has_variable("params", "scale"):
        factor *= module.get_variable("params", "scale")
    y = (parts - mean[:, None, None]) * factor[:, None, None]
    if module.has_variable("params", "bias"):
        y += module.get_variable("params", "bias")
    return y.reshape(x.shape).astype(x.dtype)
