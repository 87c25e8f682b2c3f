"""A Flax module as a `Network` of two pure functions; the only place that knows Flax's collections."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, Literal, get_args

import flax.linen as nn
import jax
import jax.numpy as jnp

from meta_noise.core.scheduling import once, unknown_one
from meta_noise.errors import unknown_name
from meta_noise.types import Array, Network, Outputs, PyTree

HeadKind = Literal["linear", "normalised"]
_apart: ContextVar[bool] = ContextVar("blocks_apart", default=False)


@contextmanager
def blocks_apart() -> Iterator[None]:
    """Traces every block for itself while it lasts, for those who look into their layers as they are called."""
    token = _apart.set(True)
    try:
        yield
    finally:
        _apart.reset(token)


class Blocks(nn.Module):
    """A network as a sequence of named blocks; the last one is the head and answers `Outputs`.

    Attributes:
        blocks: (name, constructor) in forward order. A constructor takes `name=` and returns a module that is called
            as `block(x, train)`. Every block owns parameters, so the names are the top-level keys of `params`.
    """

    blocks: tuple[tuple[str, Callable[..., nn.Module]], ...]

    @nn.compact
    def __call__(self, x: Any, train: bool) -> Any:
        """Runs all blocks on `x`, one after the other."""
        for name, make in self.blocks:
            x = make(name=name)(x, train)
        return x


def _is_hashable(block: nn.Module) -> bool:
    try:
        hash(block)
    except TypeError:  # such as one with a list among its settings
        return False
    return True


class Head(nn.Module):
    """The usual last block: all that is left of a row are its features, from which one layer gives the logits.

    The kind "linear" is a dense layer. The kind "normalised" is the classifier of LDAM (see `losses/ldam.py`), one
    matrix `W` without a bias, whose logits are cosines in [-1, 1]:

        z_c = <h, W_c> / (|h| |W_c|)

    The scale is the loss's (`ldam` has one). `features` are those before normalisation. A vector shorter than 1e-6 is
    taken for that long, so that derivatives stay finite at zero. The class vectors start with length 1. Filters on
    cotangents that name the number of the classifier's tensors have to say 1 here, not 2.
    """

    num_classes: int
    kind: str = "linear"
    kernel_init: Callable[..., Array] = nn.initializers.lecun_normal()
    bias_init: Callable[..., Array] = nn.initializers.zeros

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Outputs:
        features = x.reshape(x.shape[0], -1)  # [B, D]
        if self.kind == "normalised":
            vectors = self.param("kernel", _unit_vectors, (features.shape[1], self.num_classes))  # [D, C]
            return Outputs(logits=_unit(features, axis=1) @ _unit(vectors, axis=0), features=features)
        dense = nn.Dense(self.num_classes, kernel_init=self.kernel_init, bias_init=self.bias_init, name="dense")
        return Outputs(logits=dense(features), features=features)


def _unit(vectors: Array, axis: int) -> Array:
    squares = jnp.sum(vectors**2, axis, keepdims=True)
    return vectors * jax.lax.rsqrt(jnp.maximum(squares, 1e-12))


def _unit_vectors(key: Array, shape: tuple[int, int]) -> Array:
    return _unit(jax.random.uniform(key, shape, jnp.float32, -1, 1), axis=0)


def last_block(
    kind: str, num_classes: int, make: Callable[..., nn.Module] = Head, **settings: Any
) -> tuple[str, Callable[..., nn.Module]]:
    """Returns name and constructor of the last block, `make(num_classes, kind, **settings)`.

    Raises:
        InputError: there is no such `kind`.
    """
    if kind not in get_args(HeadKind):
        raise unknown_name("head", kind, get_args(HeadKind))
    return "head", partial(make, num_classes, kind, **settings)


def to_network(module: Blocks) -> Network:
    """Returns the pure functions of `module`.

    `init(key, inputs) -> (params, batch_stats)` and
    `apply((params, batch_stats), inputs, train, key=None, start=0, stop=None) -> (Outputs, batch_stats)`.

    `train`, `start` and `stop` are static. With `start` the inputs are what block `start` expects, with `stop` the
    answer is what lies between two blocks; parameters and statistics of blocks that do not run may be absent. The
    statistics come back with those of the blocks that ran replaced, in evaluation mode unchanged; a network without
    any has `{}`. `key` feeds dropout and may be None where there is none; a block draws from it by its number. Blocks
    that are equal are traced once, which halves the time before a step compiles; the compiled step is the same.
    """

    def init(key: Array, inputs: Array) -> tuple[PyTree, PyTree]:
        variables = module.init(key, inputs, train=False)
        return variables["params"], variables.get("batch_stats", {})

    def run(block: nn.Module, train: bool, variables: dict[str, PyTree], x: Any, key: Array | None, one: Any) -> Any:
        """Returns what `block` makes of `x`, and its batch statistics."""
        keys = {} if key is None else {"dropout": key}
        if not train:
            return block.apply(variables, x, train, rngs=keys), {}
        x, updated = block.apply(variables, x, train, rngs=keys, mutable=["batch_stats"])
        # A residual block ends in a sum that reaches back to the first block. On CPUs the backward pass would compute
        # that sum again for every kernel gradient: a third of a training step of ResNet-32.
        return once(x, one) if getattr(x, "ndim", 0) == 4 else x, updated.get("batch_stats", {})

    run_alike = jax.jit(run, static_argnums=(0, 1))  # traced once for all blocks that are equal

    def apply(
        variables: tuple[PyTree, PyTree],
        inputs: Array,
        train: bool,
        key: Array | None = None,
        start: int = 0,
        stop: int | None = None,
    ) -> tuple[Any, PyTree]:
        params, batch_stats = variables
        one = unknown_one(params) if train else 1.0
        x, updated = inputs, dict[str, PyTree]()
        for number, (name, make) in tuple(enumerate(module.blocks))[start:stop]:
            own = {"params": params.get(name, {}), "batch_stats": batch_stats.get(name, {})}
            block_key = None if key is None else jax.random.fold_in(key, number)
            block = make(name=None)
            call = run if _apart.get() or not _is_hashable(block) else run_alike
            with jax.named_scope(name):
                x, statistics = call(block, train, own, x, block_key, one)
            updated |= {name: statistics} if statistics else {}
        return x, {**batch_stats, **updated} if updated else batch_stats

    return Network(init, apply, stages=tuple(name for name, _ in module.blocks))
