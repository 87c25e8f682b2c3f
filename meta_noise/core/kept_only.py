"""The virtual step of the last layers only: the cheapest form of FaMUS's idea, an approximation.

FaMUS takes the virtual step with the whole gradient and lets the meta-gradient go through some layers. Here the other
layers stay where they are in the virtual step too, so below the kept layers nothing is differentiated but the actual
step, and what these layers make of the inputs is a constant. The paper and its released code differ: their virtual step
is whole. The meta-gradient is that of the restricted problem, exactly.
"""

from typing import Any

import jax
import jax.numpy as jnp

from meta_noise.core.meta_gradient import mixed_mode
from meta_noise.types import CotangentFilter, Inner, Learner, MetaGradient, Outer, PyTree


def kept_only(cotangents: CotangentFilter) -> MetaGradient:
    """Returns `mixed_mode(cotangents)` with a virtual step of the tensors that the filter keeps.

    Raises:
        ValueError: the filter keeps everything.
    """
    positions = cotangents.kept
    if positions is None:
        raise ValueError("a virtual step of the kept layers needs a filter that drops some, such as layer_sampler")

    def init(key, params, meta_params):
        del meta_params
        return cotangents.init(key, params)

    def value_and_grad(key, engine_state, inner: Inner, outer_loss, start: Learner, batches, meta_params) -> Outer:
        kept = sorted(positions(start.params))
        leaves, treedef = jax.tree.flatten(start.params)

        def put(values, rest: Any) -> PyTree:
            """Returns the whole tree with `values` at the kept places, elsewhere the leaves `rest`."""
            found = dict(zip(kept, values, strict=True))
            return jax.tree.unflatten(treedef, [found.get(p, leaf) for p, leaf in enumerate(rest)])

        def take(tree: PyTree) -> list[Any]:
            return [jax.tree.leaves(tree, is_leaf=lambda x: x is None)[p] for p in kept]

        zeros = [jnp.zeros_like(leaf) for leaf in leaves]

        def forward(values, stats, batch):
            return inner.forward(put(values, leaves), stats, batch)

        def update(grads, carry):
            params, opt_state = inner.update(put(grads, zeros), (put(carry[0], leaves), carry[1]))
            return take(params), opt_state

        def choose(key, directions, state, grads, outer_grads):
            whole = put(directions, zeros), state, put(grads, zeros), put(outer_grads, zeros)
            answer, state, metrics = cotangents.update(key, *whole)
            return take(answer), state, metrics

        engine = mixed_mode(CotangentFilter(cotangents.init, choose, cotangents.one_step))
        outer = engine.value_and_grad(
            key,
            engine_state,
            inner._replace(forward=forward, update=update),
            lambda values, stats: outer_loss(put(values, leaves), stats),
            start._replace(params=take(start.params)),
            batches,
            meta_params,
        )
        return outer._replace(
            virtual=outer.virtual._replace(params=put(outer.virtual.params, leaves)),
            outer_grads=put(outer.outer_grads, zeros),
            direction=put(outer.direction, zeros),
        )

    return MetaGradient(init, value_and_grad)
