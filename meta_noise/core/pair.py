"""Two networks that train side by side, as one.

`twin` makes a network whose parameters, inputs and outputs have a leading axis of 2, and `each` lifts a problem that
is written for one network. Losses of the two add up, so their gradients stay apart, and everything that works on a
network works on the pair. What mixes tensors (clipping, gates) is lifted by `each_tx` and `each_filter`, which map over
both. The networks run one after the other, as convolutions under `vmap` are slow on CPUs.
"""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import optax

from meta_noise.core.problem import Problem
from meta_noise.types import CotangentFilter, Network, PyTree, Rows


def part(tree: PyTree, copy: int) -> PyTree:
    """Returns what belongs to network `copy`, 0 or 1; numbers without axes belong to both.

    >>> import jax.numpy as jnp
    >>> from meta_noise.core import part
    >>> part({"a": jnp.array([[0, 1], [2, 3]])}, 1)["a"].tolist()
    [2, 3]
    """
    return jax.tree.map(lambda x: x[copy] if jnp.ndim(x) else x, tree)


def stack(first: PyTree, second: PyTree) -> PyTree:
    """Returns one tree with a leading axis of 2.

    >>> import jax.numpy as jnp
    >>> from meta_noise.core import stack
    >>> both = stack({"a": jnp.zeros(3)}, {"a": jnp.ones(3)})
    >>> both["a"].shape
    (2, 3)
    """
    return jax.tree.map(lambda *x: jnp.stack(x), first, second)


def swap(tree: PyTree) -> PyTree:
    """Returns the same with the two networks exchanged.

    >>> import jax.numpy as jnp
    >>> from meta_noise.core import swap
    >>> swap({"a": jnp.array([0, 1])})["a"].tolist()
    [1, 0]
    """
    return jax.tree.map(lambda x: x[::-1], tree)


def twin(network: Network) -> Network:
    """Returns the pair of two networks that start from different values.

    Raises:
        ValueError: `network` is a pair already.

    >>> import jax
    >>> import jax.numpy as jnp
    >>> from meta_noise.core import twin
    >>> from meta_noise.models import from_functions
    >>> network = from_functions(lambda key, x: jnp.zeros((4, 3)), lambda params, x, train, key: x @ params)
    >>> pair = twin(network)
    >>> params, _ = pair.init(jax.random.key(0), jnp.ones((5, 4)))
    >>> pair.copies, params.shape
    (2, (2, 4, 3))
    """
    if network.copies != 1:
        raise ValueError("a pair cannot be made of a pair")

    def init(key, inputs):
        return stack(*(network.init(k, inputs[copy]) for copy, k in enumerate(jax.random.split(key))))

    def apply(variables, inputs, train, key=None):
        keys = (None, None) if key is None else jax.random.split(key)
        return stack(*(network.apply(part(variables, copy), inputs[copy], train, keys[copy]) for copy in range(2)))

    return Network(init, apply, network.stages, copies=2)


def started(network: Network, starts: Sequence[PyTree]) -> Network:
    """Returns the network that starts from given (params, batch_stats), one for each copy.

    Without any it starts as before; the second of a pair does so, too, where only one is given, and of two the first is
    taken for a single network.
    """
    if not starts:
        return network

    def init(key, inputs):
        if network.copies == 1:
            return starts[0]
        fresh = network.init(key, inputs)
        return stack(*(starts[copy] if copy < len(starts) else part(fresh, copy) for copy in range(2)))

    return network._replace(init=init)


def each(problem: Problem) -> Problem:
    """Returns the problem of a pair from that of one network; `prepare` and `refresh` see the pair, as they are.

    Raises:
        ValueError: `problem` is that of a pair already, or has an `actual_loss`, a penalty or `with_views`.

    >>> from meta_noise.core import each
    >>> from meta_noise.methods.mw_net import mw_net
    >>> each(mw_net()).copies
    2
    """
    if problem.copies != 1:
        raise ValueError("a pair cannot be made of a pair")
    losses = (problem.actual_loss, problem.outer_penalty, problem.meta_penalty)
    if any(loss is not None for loss in losses) or problem.with_views:
        raise ValueError(
            "a problem with a loss of its own for the actual step, a penalty or passes of views cannot be paired"
        )

    def init_meta(key, batch, outputs):
        keys = jax.random.split(key)
        return stack(*(problem.init_meta(keys[c], part(batch, c), _row_shapes(outputs)) for c in range(2)))

    def inner_loss(outputs, meta_params, batch):
        both = [problem.inner_loss(part(outputs, c), part(meta_params, c), part(batch, c)) for c in range(2)]
        return both[0][0] + both[1][0], _stack_rows(both[0][1], both[1][1])

    def outer_loss(outputs, clean):
        return sum(problem.outer_loss(part(outputs, c), part(clean, c)) for c in range(2))

    def learned(meta_params):
        return problem.learned(part(meta_params, 0))

    return problem._replace(
        init_meta=init_meta, inner_loss=inner_loss, outer_loss=outer_loss, learned=learned, copies=2
    )


def each_tx(tx: optax.GradientTransformation) -> optax.GradientTransformation:
    """Returns `tx` for a pair: applied to each network by itself.

    >>> import jax.numpy as jnp
    >>> import optax
    >>> from meta_noise.core import each_tx
    >>> tx, params = each_tx(optax.sgd(0.1)), jnp.ones((2, 3))
    >>> updates, _ = tx.update(jnp.ones((2, 3)), tx.init(params), params)
    >>> updates.shape
    (2, 3)
    """

    return optax.GradientTransformation(jax.vmap(tx.init, axis_size=2), jax.vmap(tx.update, axis_size=2))


def each_filter(cotangents: CotangentFilter) -> CotangentFilter:
    """Returns the filter for a pair; its metrics are means over the two.

    >>> from meta_noise.core import each_filter
    >>> from meta_noise.core.cotangents import keep_all
    >>> through = each_filter(keep_all())
    >>> through.kept is None
    True
    """

    def init(key, params):
        return stack(*(cotangents.init(k, part(params, c)) for c, k in enumerate(jax.random.split(key))))

    def update(key, directions, state, grads, outer_grads):
        both = jax.vmap(cotangents.update, axis_size=2)
        answer, state, metrics = both(jax.random.split(key), directions, state, grads, outer_grads)
        return answer, state, jax.tree.map(lambda x: jnp.mean(x, axis=0), metrics)

    def kept(params):
        assert cotangents.kept is not None
        return cotangents.kept(part(params, 0))

    return CotangentFilter(init, update, cotangents.one_step, None if cotangents.kept is None else kept)


def _row_shapes(outputs: PyTree) -> PyTree:
    """Returns the shapes of one network's outputs from those of a pair."""
    return jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape[1:], x.dtype), outputs)


def _stack_rows(first: Rows, second: Rows) -> Rows:
    return Rows(*(None if a is None else jnp.stack([a, b]) for a, b in zip(first, second, strict=True)))
