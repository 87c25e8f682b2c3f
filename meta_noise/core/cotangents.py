"""Filters on the cotangent of the inner gradient: which layers the meta-gradient goes through.

With `u` the cotangent of the inner gradient, the meta-gradient is a sum over parameter tensors,
`sum_l d/da <g_l(a), u_l>`. A filter keeps, drops or scales its terms. The virtual step always takes the full gradient.
A term that is dropped for good (None) needs no tangent pass, and under `jit` no outer gradient either.

A *layer* is one parameter tensor, as in the code of FaMUS. Its name is its path, as `block07/conv1/kernel`; a *stage*
is the beginning of such a path, usually a top-level name (`network.stages`). Forward order is by stages, given by the
caller since a dictionary sorts its names. Inside a stage the path decides, component by component: names that end in a
number by that number, before names without one, then by name, and a bias last. In the last stage modules that own a
matrix come after those without one, so that the classifier is at the end. Where that is not the order of definition,
and it matters, name smaller stages (`block07/norm0`).
"""

import re
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp

from meta_noise.types import CotangentFilter, PyTree


def tensor_names(params: PyTree) -> list[str]:
    """Returns the path of every parameter tensor, as `block07/conv1/kernel`, in the order of the tree's leaves.

    >>> import jax.numpy as jnp
    >>> from meta_noise.core import tensor_names
    >>> params = {"first": {"kernel": jnp.ones((4, 3))}, "last": {"bias": jnp.ones(2), "kernel": jnp.ones((3, 2))}}
    >>> tensor_names(params)
    ['first/kernel', 'last/bias', 'last/kernel']
    """
    paths = jax.tree_util.tree_leaves_with_path(params)
    return [jax.tree_util.keystr(path, simple=True, separator="/") for path, _ in paths]


def forward_order(params: PyTree, stages: Sequence[str]) -> list[int]:
    """Returns the positions of the leaves in forward order, by the rule of the module text.

    Raises:
        ValueError: a tensor belongs to none of the stages.
    """
    names = tensor_names(params)
    with_matrix = {
        _module(name) for name, leaf in zip(names, jax.tree.leaves(params), strict=True) if jnp.ndim(leaf) > 1
    }

    def place(position: int) -> tuple:
        name = names[position]
        stage = next((number for number, stage in enumerate(stages) if _within(name, stage)), None)
        if stage is None:
            raise ValueError(f"the tensor {name!r} is in none of the stages {list(stages)}; name all stages in order")
        last = stage == len(stages) - 1
        return stage, last and _module(name) in with_matrix, [_component(part) for part in name.split("/")]

    return sorted(range(len(names)), key=place)


def need_stages(stages: Sequence[str], name: str) -> None:
    """Raises ValueError where a network does not say in which order its blocks come."""
    if not stages:
        raise ValueError(
            f"{name} needs the blocks of the network in forward order, and this network names none (Network.stages); "
            "name them, or use keep_all or keep_layers"
        )


def last_tensors(params: PyTree, stages: Sequence[str], top_k: int, always: int) -> tuple[list[int], list[int]]:
    """Returns the positions of (candidates, classifier): the last `top_k` tensors, the last `always` of them apart.

    Raises:
        ValueError: the network has no tensor but the classifier's.
    """
    order = forward_order(params, stages)[-top_k:]
    if len(order) <= always:
        raise ValueError(f"a network of {len(order)} tensors, {always} of them always on, leaves nothing to choose")
    return order[:-always], order[-always:]


def keep_all() -> CotangentFilter:
    """Returns the filter that changes nothing.

    >>> import jax.numpy as jnp
    >>> from meta_noise.core import keep_all
    >>> params = {"first": {"kernel": jnp.ones((4, 3))}, "last": {"bias": jnp.ones(2), "kernel": jnp.ones((3, 2))}}
    >>> through = keep_all()
    >>> through.kept is None
    True
    """
    return _static(lambda params: range(len(jax.tree.leaves(params))))._replace(kept=None)


def keep_layers(select: Sequence[str]) -> CotangentFilter:
    """Returns the filter that keeps the tensors whose path begins with one of `select`, as `("block14", "head")`.

    Raises:
        ValueError: `select` is no sequence of paths; no tensor begins with one of them (in `init`).

    >>> import jax.numpy as jnp
    >>> from meta_noise.core import keep_layers, tensor_names
    >>> params = {"first": {"kernel": jnp.ones((4, 3))}, "last": {"bias": jnp.ones(2), "kernel": jnp.ones((3, 2))}}
    >>> [tensor_names(params)[place] for place in keep_layers(["last"]).kept(params)]
    ['last/bias', 'last/kernel']
    """
    if isinstance(select, str) or not select:
        raise ValueError(f"select must be a sequence of at least one path or beginning of a path, got {select!r}")

    def positions(params):
        names = tensor_names(params)
        for beginning in select:
            if not any(_within(name, beginning) for name in names):
                raise ValueError(f"no tensor begins with {beginning!r}; the tensors are {names}")
        return [p for p, name in enumerate(names) if any(_within(name, beginning) for beginning in select)]

    return _static(positions)


def keep_last(stages: Sequence[str], count: int) -> CotangentFilter:
    """Returns the filter that keeps the last `count` tensors in forward order; 2 is the usual classifier alone.

    Args:
        stages: the network's stages in forward order.
        count: at least 1.

    Raises:
        ValueError: there are no stages, or `count` is below 1.

    >>> import jax.numpy as jnp
    >>> from meta_noise.core import keep_last, tensor_names
    >>> params = {"first": {"kernel": jnp.ones((4, 3))}, "last": {"bias": jnp.ones(2), "kernel": jnp.ones((3, 2))}}
    >>> [tensor_names(params)[place] for place in keep_last(["first", "last"], 2).kept(params)]
    ['last/kernel', 'last/bias']
    """
    need_stages(stages, "keep_last")
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    return _static(lambda params: forward_order(params, stages)[-count:])


def fixed_block(stages: Sequence[str], block: int, always: int = 2) -> CotangentFilter:
    """Returns the filter that keeps one block and the classifier: FaMUS's comparison "pre-specified block".

    Args:
        stages: the network's stages in forward order.
        block: position in `stages`, so 1 is the first block of a network that begins with a stem.
        always: tensors of the classifier, at least 1.

    Raises:
        ValueError: there are no stages, or a number is out of range.

    >>> import jax.numpy as jnp
    >>> from meta_noise.core import fixed_block, tensor_names
    >>> params = {"first": {"kernel": jnp.ones((4, 3))}, "last": {"bias": jnp.ones(2), "kernel": jnp.ones((3, 2))}}
    >>> [tensor_names(params)[place] for place in fixed_block(["first", "last"], block=0).kept(params)]
    ['first/kernel', 'last/bias', 'last/kernel']
    """
    need_stages(stages, "fixed_block")
    if not 0 <= block < len(stages) or always < 1:
        raise ValueError(f"block must be 0 to {len(stages) - 1} and always at least 1, got {block} and {always}")

    def positions(params):
        names = tensor_names(params)
        inside = [p for p, name in enumerate(names) if _within(name, stages[block])]
        return {*inside, *forward_order(params, stages)[-always:]}

    return _static(positions)


def random_layers(stages: Sequence[str], count: int, top_k: int | None = None, always: int = 2) -> CotangentFilter:
    """Returns the filter that keeps `count` random tensors and the classifier: FaMUS's comparison "random".

    They are drawn anew in every meta step, without replacement, so which ones is not known when compiling and
    little time is saved.

    Args:
        stages: the network's stages in forward order.
        count: tensors to draw.
        top_k: draw from the last `top_k` tensors and drop those before; None: from all.
        always: tensors of the classifier, among the `top_k` but not among the `count`, at least 1.

    Raises:
        ValueError: there are no stages, or a number is out of range; fewer tensors than `count` (in `init`).

    >>> import jax.numpy as jnp
    >>> from meta_noise.core import random_layers
    >>> params = {"first": jnp.ones((4, 3)), "last": jnp.ones((3, 2))}
    >>> random_layers(["first", "last"], 1).kept is None
    True
    """
    need_stages(stages, "random_layers")
    if count < 0 or always < 1 or (top_k is not None and top_k < always + count):
        raise ValueError(f"need count >= 0, always >= 1, top_k >= always + count, got {count}, {always}, {top_k}")

    def init(key, params):
        del key
        candidates, _ = last_tensors(params, stages, top_k or len(tensor_names(params)), always)
        if count > len(candidates):
            raise ValueError(f"cannot draw {count} of {len(candidates)} tensors")
        return ()

    def update(key, cotangents, state, grads, outer_grads):
        del grads, outer_grads
        leaves, treedef = jax.tree.flatten(cotangents)
        candidates, classifier = last_tensors(cotangents, stages, top_k or len(leaves), always)
        gates = jax.random.permutation(key, len(candidates)) < count
        kept = {p: jnp.where(gate, leaves[p], 0) for p, gate in zip(candidates, gates, strict=True)}
        kept |= {p: leaves[p] for p in classifier}
        return jax.tree.unflatten(treedef, map(kept.get, range(len(leaves)))), state, {}

    def kept(params):
        candidates, classifier = last_tensors(params, stages, top_k or len(tensor_names(params)), always)
        return [*candidates, *classifier]

    return CotangentFilter(init, update, kept=None if top_k is None else kept)


def _static(positions: Callable) -> CotangentFilter:
    """Returns the filter that keeps the leaves at `positions(params)` and drops the others."""

    def init(key, params):
        del key
        positions(params)
        return ()

    def update(key, cotangents, state, grads, outer_grads):
        del key, grads, outer_grads
        leaves, treedef = jax.tree.flatten(cotangents)
        kept = {p: leaves[p] for p in positions(cotangents)}
        return jax.tree.unflatten(treedef, map(kept.get, range(len(leaves)))), state, {}

    return CotangentFilter(init, update, kept=positions)


def _within(name: str, stage: str) -> bool:
    return f"{name}/".startswith(f"{stage}/")


def _module(name: str) -> str:
    return name.rpartition("/")[0]


def _component(part: str) -> tuple:
    text, digits = re.fullmatch(r"(.*?)(\d*)", part).groups()  # type: ignore[union-attr]
    return float(digits or "inf"), text in ("bias", "offset"), text
