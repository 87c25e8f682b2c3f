"""A Flax module as a `Network` of two pure functions; the only place that knows Flax's collections."""

from collections.abc import Callable
from typing import Any

import flax.linen as nn

from meta_noise.types import Array, Network, Outputs, PyTree


class Blocks(nn.Module):
    """A network as a sequence of named blocks; the last one is the head and answers `Outputs`.

    Attributes:
        blocks: (name, constructor) in forward order. A constructor takes `name=` and returns a module that is called
            as `block(x, train)`. Every block owns parameters, so the names are the top-level keys of `params`.
    """

    blocks: tuple[tuple[str, Callable[..., nn.Module]], ...]

    @nn.compact
    def __call__(self, x: Any, train: bool, start: int = 0, stop: int | None = None) -> Any:
        """Runs blocks `start` to `stop` (exclusive) on `x`, what block `start` expects; both are static."""
        for name, make in self.blocks[start:stop]:
            x = make(name=name)(x, train)
        return x


class Head(nn.Module):
    """The usual last block: all that is left of a row are its features, a dense layer gives the logits."""

    num_classes: int
    kernel_init: Callable[..., Array] = nn.initializers.lecun_normal()
    bias_init: Callable[..., Array] = nn.initializers.zeros

    @nn.compact
    def __call__(self, x: Array, train: bool) -> Outputs:
        features = x.reshape(x.shape[0], -1)  # [B, D]
        dense = nn.Dense(self.num_classes, kernel_init=self.kernel_init, bias_init=self.bias_init, name="dense")
        return Outputs(logits=dense(features), features=features)


def to_network(module: Blocks) -> Network:
    """Returns the pure functions of `module`.

    `init(key, inputs) -> (params, batch_stats)` and
    `apply((params, batch_stats), inputs, train, key=None, start=0, stop=None) -> (Outputs, batch_stats)`.

    `train`, `start` and `stop` are static. With `start` the inputs are what block `start` expects, with `stop` the
    answer is the array between two blocks; parameters and statistics of blocks that do not run may be absent. The
    statistics come back with those of the blocks that ran replaced, in evaluation mode unchanged; a network without
    any has `{}`. `key` feeds dropout and may be None where there is none.
    """

    def init(key: Array, inputs: Array) -> tuple[PyTree, PyTree]:
        variables = module.init(key, inputs, train=False)
        return variables["params"], variables.get("batch_stats", {})

    def apply(
        variables: tuple[PyTree, PyTree],
        inputs: Array,
        train: bool,
        key: Array | None = None,
        start: int = 0,
        stop: int | None = None,
    ) -> tuple[Any, PyTree]:
        params, batch_stats = variables
        collections = {"params": params, "batch_stats": batch_stats}
        keys = {} if key is None else {"dropout": key}
        if not train:
            return module.apply(collections, inputs, train, start, stop, rngs=keys), batch_stats
        outputs, updated = module.apply(collections, inputs, train, start, stop, rngs=keys, mutable=["batch_stats"])
        return outputs, {**batch_stats, **updated.get("batch_stats", {})}

    return Network(init, apply, stages=tuple(name for name, _ in module.blocks))
