"""Any classifier as a `Network`, from two functions, and what its answer may look like."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from meta_noise.errors import InputError, defined_at
from meta_noise.types import Array, Network, Outputs, PyTree


def from_functions(
    init: Callable[..., PyTree], apply: Callable[..., Any], stages: Sequence[str] = (), name: str = ""
) -> Network:
    """Returns the network of two pure functions, for classifiers that are no Flax modules.

    For a network with batch statistics make a `Network` (`meta_noise.core.Network`), which takes and returns them.

        # equinox; `make(key)` gives the module, of one row
        arrays = lambda key: equinox.partition(make(key), equinox.is_inexact_array)
        static = arrays(jax.random.key(0))[1]
        from_functions(
            lambda key, inputs: arrays(key)[0],
            lambda params, inputs, train, key: jax.vmap(equinox.combine(params, static))(inputs),
        )

    Args:
        init: `(key, inputs [B, ...]) -> params`, any tree of arrays.
        apply: `(params, inputs [B, ...], train, key) -> answer`. `train` is a Python bool, `key` is None in evaluation
            mode. The answer is logits [B, C], a pair of logits and features [B, D], or `Outputs`. Of logits alone the
            features are the logits.
        stages: beginnings of the names of parameters in forward order, for filters that go by blocks.
        name: what messages call the network; the name of `apply` unless given.

    Raises:
        InputError: `init` or `apply` cannot be called; the answer is something else (when it is given).

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.models import from_functions
    >>> network = from_functions(lambda key, x: jnp.zeros((4, 3)), lambda params, x, train, key: x @ params)
    >>> variables = network.init(jax.random.key(0), jnp.ones((2, 4)))
    >>> outputs, _ = network.apply(variables, jnp.ones((2, 4)), False, jax.random.key(1))
    >>> outputs.logits.shape
    (2, 3)
    """
    for role, function in (("init", init), ("apply", apply)):
        if not callable(function):
            raise InputError(f"{role} of a network must be a function, got {function!r}.")
    called = name or f"The network {getattr(apply, '__name__', type(apply).__name__)!r}{defined_at(apply)}"

    def network_init(key: Array, inputs: Array) -> tuple[PyTree, PyTree]:
        return init(key, inputs), {}

    def network_apply(
        variables: tuple[PyTree, PyTree], inputs: Array, train: bool, key: Array | None = None
    ) -> tuple[Outputs, PyTree]:
        return to_outputs(apply(variables[0], inputs, train, key), inputs, called), variables[1]

    return Network(network_init, network_apply, tuple(stages))


def to_outputs(answer: Any, inputs: Any, called: str) -> Outputs:
    """Returns what a network answered as logits [B, C] and features [B, D]; of logits alone they are the features.

    Args:
        answer: logits, a pair (logits, features) or `Outputs`; features with more axes are made flat.
        inputs: [B, ...] or a tree of such arrays.
        called: the network, as messages name it.

    Raises:
        InputError: the answer is something else; the message says what.
    """
    if isinstance(answer, tuple | list) and len(answer) == 2:
        logits, features = answer
    else:
        logits = features = answer
    rows = jax.tree.leaves(inputs)[0].shape[0]
    good = all(isinstance(x, jax.Array) and jnp.issubdtype(x.dtype, jnp.floating) for x in (logits, features))
    if not good or logits.ndim != 2 or logits.shape[0] != rows or features.ndim < 2 or features.shape[0] != rows:
        raise InputError(
            f"{called} must answer with logits of shape [{rows}, classes], a pair (logits, features), or "
            f"Outputs(logits, features), for {rows} rows; it gives {_shown(answer)}."
        )
    return Outputs(logits, features.reshape(rows, -1))


def _shown(answer: Any) -> str:
    """Returns kind and shape of an answer in words."""
    if isinstance(answer, jax.Array):
        return f"{answer.dtype} of shape {list(answer.shape)}"
    if isinstance(answer, tuple | list):
        return f"{type(answer).__name__} of {', '.join(map(_shown, answer)) or 'nothing'}"
    return f"{type(answer).__name__}"
