"""What a learner says in evaluation mode, with averaged parameters where its optimiser keeps them."""

from typing import Any

import jax
import jax.numpy as jnp

from meta_noise.core.averages import for_evaluation
from meta_noise.types import Array, Learner, Network, Outputs


def evaluate(network: Network, learner: Learner, inputs: Array) -> Outputs:
    """Returns the outputs for `inputs` [B, ...], of both networks of a pair with a leading axis of 2."""
    learner = for_evaluation(learner)
    if network.copies > 1:
        inputs = jnp.stack([inputs] * network.copies)
    return network.apply((learner.params, learner.batch_stats), inputs, False, None)[0]


def logits(network: Network, learner: Learner, inputs: Array) -> Array:
    """Returns the logits [B, C], of a pair the mean of both."""
    outputs = evaluate(network, learner, inputs)
    return jnp.mean(outputs.logits, axis=0) if network.copies > 1 else outputs.logits


def flat_rows(network: Network, tree: Any) -> Any:
    """Returns arrays with one axis of rows: those of a pair, [2, B, ...], become [2B, ...]."""
    if network.copies == 1:
        return tree
    return jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), tree)
