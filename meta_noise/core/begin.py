"""How a step begins: what its virtual, its meta and its actual part share."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from meta_noise.core.passes import further_passes, parts, train_pass
from meta_noise.core.problem import Problem
from meta_noise.types import Batch, Network, PyTree, State


class Begun(NamedTuple):
    """What all parts of a step share.

    Attributes:
        batches: prepared, one for each virtual step.
        clean: the prepared clean batch.
        forward: train-mode pass of the noisy batches, with one key for virtual, tangent and actual pass: they must see
            the same dropout.
        forward_clean: train-mode pass of the clean batch.
        key_model: of further passes.
        key_engine: of the meta-gradient.
        meta_params: before the meta step.
    """

    batches: tuple[Batch, ...]
    clean: Batch
    forward: Callable[..., Any]
    forward_clean: Callable[..., Any]
    key_model: Any
    key_engine: Any
    meta_params: Any


def begin(problem: Problem, network: Network, steps: int, key, state: State, batch: Batch, clean: Batch) -> Begun:
    """Returns the beginning of a step that takes `steps` batches, which `batch` holds one after another."""
    key_prepare, key_model, key_meta, key_engine, key_forward, key_clean = jax.random.split(key, 6)
    learner = state.learner
    model = further_passes(network, learner, learner.params, key_model)
    prepared = [problem.prepare(key_prepare, model, state.memory, part, clean) for part in parts(batch, steps)]
    batches, clean = tuple(part for part, _ in prepared), prepared[0][1]
    forward, meta_params = train_pass(network, key_forward, problem.with_views), state.meta.params
    if problem.fresh:
        shapes, _ = jax.eval_shape(forward, learner.params, learner.batch_stats, batches[0])
        meta_params = problem.init_meta(key_meta, batches[0], shapes)
    return Begun(batches, clean, forward, train_pass(network, key_clean), key_model, key_engine, meta_params)


def strong(tree: PyTree) -> PyTree:
    """Returns the arrays with types of their own.

    One made of a Python number would take on that of what it meets, as a step's results do, and a step would be
    compiled anew for its own results.
    """
    return jax.tree.map(lambda x: jax.lax.convert_element_type(x, jnp.asarray(x).dtype), tree)
