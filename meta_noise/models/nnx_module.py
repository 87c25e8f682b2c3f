"""An NNX module as a `Network`: its variables as plain dictionaries, its random streams from the key of the step."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from meta_noise.errors import InputError, defined_at
from meta_noise.models.functions import to_outputs
from meta_noise.types import Array, Network, Outputs, PyTree

Source = Any  # an NNX module, or a function `(rngs) -> NNX module`


def shape_of(source: Source) -> nnx.Module:
    """Returns a module, or one with shapes in place of arrays where `source` is a function that makes one.

    Raises:
        InputError: the function makes something else.
    """
    if isinstance(source, nnx.Module):
        return source

    def made():
        module = source(nnx.Rngs(0))
        if not isinstance(module, nnx.Module):
            name = getattr(source, "__name__", repr(source))
            raise InputError(f"{name}{defined_at(source)} must give an NNX module, got {type(module).__name__}.")
        return module

    return nnx.eval_shape(made)


def from_nnx(source: Source, like: nnx.Module, flags: Callable[..., Any], called: str) -> Network:
    """Returns the network of an NNX module.

    Args:
        source: a module, or `(rngs) -> module`.
        like: `shape_of(source)`.
        flags: `(train) -> (arguments of the call, ...)`.
        called: what messages call it.
    """
    graph, params_like, streams_like, state_like = nnx.split(like, nnx.Param, nnx.RngState, ...)

    def init(key: Array, inputs: Array) -> tuple[PyTree, PyTree]:
        del inputs
        _, params, _, state = nnx.split(_made(source, nnx.Rngs(key)), nnx.Param, nnx.RngState, ...)
        return _to_dict(params), _to_dict(state)

    def apply(
        variables: tuple[PyTree, PyTree], inputs: Array, train: bool, key: Array | None = None
    ) -> tuple[Outputs, PyTree]:
        streams = _streams(streams_like, jax.random.key(0) if key is None else key)
        params, state = _from_dict(params_like, variables[0]), _from_dict(state_like, variables[1])
        module = nnx.merge(graph, params, streams, state)
        (module.train if train else module.eval)()
        outputs = to_outputs(module(inputs, **flags(train)[0]), inputs, called)
        if not train:
            return outputs, variables[1]
        return outputs, _to_dict(nnx.split(module, nnx.Param, nnx.RngState, ...)[3])

    top = _to_dict(params_like)
    return Network(init, apply, tuple(name for name in _names(source) if name in top))


def _made(source: Source, rngs: nnx.Rngs) -> nnx.Module:
    return source if isinstance(source, nnx.Module) else source(rngs)


def _names(source: Source) -> list[str]:
    """Returns the attributes of a module in the order of their definition."""
    names: list[str] = []

    def noted():
        made = _made(source, nnx.Rngs(0))
        names.extend(vars(made))  # a module that is returned from here has them sorted
        return made

    nnx.eval_shape(noted)
    return names


def _to_dict(state: Any) -> dict[str, Any]:
    """Returns nested dictionaries of arrays with text as keys, also where a module has lists."""
    found: dict[str, Any] = {}
    for path, variable in nnx.to_flat_state(state):
        *above, last = map(str, path)
        inside = found
        for name in above:
            inside = inside.setdefault(name, {})
        inside[last] = variable.get_value() if isinstance(variable, nnx.Variable) else variable
    return found


def _from_dict(like: Any, tree: dict[str, Any]) -> Any:
    """Returns the state that is built as `like`, with the values of `_to_dict`."""
    filled = []
    for path, variable in nnx.to_flat_state(like):
        value: Any = tree
        for name in map(str, path):
            value = value[name]
        filled.append((path, variable.replace(value) if isinstance(variable, nnx.Variable) else value))
    return nnx.from_flat_state(filled)


def _streams(like: Any, key: Array) -> Any:
    """Returns the random streams of a module, each with a key of its own and at its start."""
    filled = []
    for number, (path, variable) in enumerate(nnx.to_flat_state(like)):
        if isinstance(variable, nnx.RngKey):
            own = jax.random.fold_in(key, number)
            shape = variable.get_value().shape
            value = own if not shape else jax.random.split(own, shape)
        else:
            value = jnp.zeros(variable.get_value().shape, variable.get_value().dtype)
        filled.append((path, variable.replace(value)))
    return nnx.from_flat_state(filled)
