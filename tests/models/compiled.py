"""Networks and modules whose functions run compiled: primitive by primitive each of them is compiled on its own."""

import inspect
from functools import partial

import flax.linen as nn
import jax

from meta_noise.types import Network


def compiled(network: Network) -> Network:
    static = [name for name in ("train", "start", "stop") if name in inspect.signature(network.apply).parameters]
    return network._replace(init=jax.jit(network.init), apply=jax.jit(network.apply, static_argnames=static))


def start(module: nn.Module, *inputs, train: bool = False):
    """Returns the parameters that a module starts with."""
    return jax.jit(partial(module.init, train=train))(jax.random.key(0), *inputs)["params"]
