"""An ordinary Flax module as a `Network`: Linen or NNX, written without this library in mind.

How it is told that it trains: a parameter of its `__call__`, or else a field of the module, called `train`, `training`
or `is_training`, or the other way round `deterministic` or `use_running_average`. An NNX module is also set by its own
`train()` and `eval()`. A module without any of these does the same in both modes.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import flax.linen as nn
import jax

from meta_noise.errors import InputError, defined_at
from meta_noise.models.functions import to_outputs
from meta_noise.types import Array, Network, Outputs, PyTree

TRAINING = ("train", "training", "is_training")
EVALUATING = ("deterministic", "use_running_average")


def from_flax(module: Any, inputs: Any = None) -> Network:
    """Returns the network of an ordinary Flax module that answers with logits, (logits, features) or `Outputs`.

    Of logits alone the features are the logits. The state of training holds every collection but `params`; randomness
    comes as the stream `dropout`, and for any other stream from the stream `params`.

    Args:
        module: a Linen module; or a function `(rngs) -> NNX module`; or an NNX module, which starts where it is
            whatever the key, so give a function to train a pair of networks or with several seeds.
        inputs: for a Linen module a batch, or its shape and type. From it the network's stages are read, which are its
            top-level parameters in the order of their creation; filters that go by blocks need them. An NNX module
            has them without.

    Raises:
        InputError: it is no Flax module, or one that takes more than one batch of inputs.

    >>> import flax.linen as nn
    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models import from_flax
    >>> network = from_flax(nn.Sequential([nn.Dense(8), nn.relu, nn.Dense(3)]), jnp.zeros((1, 4)))
    >>> network.stages
    ('layers_0', 'layers_2')
    """
    if isinstance(module, nn.Module):
        return _from_linen(module, inputs)
    if inspect.isclass(module) and issubclass(module, nn.Module):
        raise InputError(f"{module.__name__} is a class; give from_flax a module, such as {module.__name__}(...).")
    if not is_module(module) and not callable(module):
        raise InputError(f"from_flax takes a Flax module or a function (rngs) -> NNX module, got {module!r}.")
    from meta_noise.models import nnx_module  # which takes a quarter of a second to import, and few need it

    like = nnx_module.shape_of(module)
    return nnx_module.from_nnx(module, like, _flags(type(like).__call__, like), _called(like))


def is_module(made: Any) -> bool:
    """Says whether something is a Flax module, Linen or NNX."""
    return isinstance(made, nn.Module) or any(kind.__module__.startswith("flax.nnx") for kind in type(made).__mro__)


def _from_linen(module: nn.Module, inputs: Any) -> Network:
    flags, called = _flags(type(module).__call__, module), _called(module)

    def in_mode(train: bool) -> tuple[nn.Module, Mapping[str, bool]]:
        arguments, fields = flags(train)
        return (module.clone(**fields) if fields else module), arguments

    def init(key: Array, inputs: Array) -> tuple[PyTree, PyTree]:
        set_module, arguments = in_mode(False)
        variables = dict(set_module.init(_streams(key), inputs, **arguments))
        return variables.pop("params", {}), variables

    def apply(
        variables: tuple[PyTree, PyTree], inputs: Array, train: bool, key: Array | None = None
    ) -> tuple[Outputs, PyTree]:
        params, state = variables
        set_module, arguments = in_mode(train)
        whole = {"params": params, **state}
        rngs = {} if key is None else _streams(key)
        if not train or not state:
            return to_outputs(set_module.apply(whole, inputs, rngs=rngs, **arguments), inputs, called), state
        answer, updated = set_module.apply(whole, inputs, rngs=rngs, mutable=list(state), **arguments)
        updated = {**state, **updated}
        before, after = (str(jax.tree.structure(tree)) for tree in (state, updated))
        if before != after:
            raise InputError(f"{called} changes the structure of its collections {sorted(state)} from pass to pass.")
        return to_outputs(answer, inputs, called), jax.tree.map(_as_before, updated, state)

    return Network(init, apply, () if inputs is None else _stages(init, inputs))


def _as_before(new: Array, old: Array) -> Array:
    """Returns the new value in the type of the old one; Flax makes statistics in 32 bits and updates them in 64."""
    return new if new.dtype == old.dtype else new.astype(old.dtype)


def _stages(init: Callable[..., tuple[PyTree, PyTree]], inputs: Any) -> tuple[str, ...]:
    """Returns the names of the top-level parameters in the order of their creation, computing nothing."""
    names: list[str] = []

    def noted(inputs):
        params, _ = init(jax.random.key(0), inputs)
        names.extend(params)  # a tree that is returned from here has them sorted
        return params

    jax.eval_shape(noted, inputs)
    return tuple(names)


def _streams(key: Array) -> dict[str, Array]:
    return {"params": key, "dropout": jax.random.fold_in(key, 1)}


def _called(module: Any) -> str:
    kind = type(module)
    return f"The network {kind.__name__}{defined_at(kind.__call__)}"


def _flags(call: Callable[..., Any], module: Any) -> Callable[[bool], tuple[dict[str, bool], dict[str, bool]]]:
    """Returns `(train) -> (arguments of the call, fields of a Linen module)` that say whether the module trains.

    Raises:
        InputError: the call needs other arguments beside the inputs.
    """
    parameters = list(inspect.signature(call).parameters.values())[1:]  # without self
    arguments = [p.name for p in parameters if p.name in TRAINING + EVALUATING]
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [p.name for p in parameters if p.default is p.empty and p.kind not in kinds and p.name not in arguments]
    if len(needed) > 1:
        raise InputError(
            f"{_called(module)} is called with {', '.join(needed)}; it must take one batch of inputs, and at most be "
            f"told whether it trains ({', '.join(TRAINING + EVALUATING)}). Use from_functions for anything else."
        )
    fields = []
    if isinstance(module, nn.Module):
        fields = [
            name for name in TRAINING + EVALUATING if name in module.__dataclass_fields__ and name not in arguments
        ]

    def flags(train: bool) -> tuple[dict[str, bool], dict[str, bool]]:
        says = {**dict.fromkeys(TRAINING, train), **dict.fromkeys(EVALUATING, not train)}
        return {name: says[name] for name in arguments}, {name: says[name] for name in fields}

    return flags
