"""Networks that compute in 16 bits: half the memory traffic, and the matrix units of accelerators.

What must not be rounded stays in 32 bits: parameters, gradients, running and batch statistics, logits, features, and
with them losses, weights and all sums of the meta-gradient over rows. Only what happens between inputs and logits, and
its derivatives, is in bfloat16, which has the range of float32 and 8 bits of precision; no loss scaling is needed.
"""

from typing import Any, Literal, get_args

import jax
import jax.numpy as jnp

from meta_noise.errors import unknown_name
from meta_noise.types import Network, PyTree

Precision = Literal["float32", "bfloat16"]


def in_precision(network: Network, precision: str) -> Network:
    """Returns `network` with its layers computed in `precision`; what goes in and comes out is float32.

    Raises:
        InputError: there is no such precision.
    """
    if precision not in get_args(Precision):
        raise unknown_name("config.train.precision", precision, get_args(Precision))
    if precision == "float32":
        return network

    def apply(variables: tuple[PyTree, PyTree], inputs: Any, *args: Any, **settings: Any) -> tuple[Any, PyTree]:
        params, batch_stats = variables
        outputs, updated = network.apply(
            (_cast(params, jnp.bfloat16), batch_stats), _cast(inputs, jnp.bfloat16), *args, **settings
        )
        return _cast(outputs, jnp.float32), updated

    return network._replace(apply=apply)


def _cast(tree: PyTree, dtype: Any) -> PyTree:
    return jax.tree.map(lambda x: x.astype(dtype) if jnp.issubdtype(x.dtype, jnp.floating) else x, tree)
