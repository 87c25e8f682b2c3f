"""What outputs say about the rows of a batch."""

import jax
import jax.numpy as jnp
import optax

from meta_noise.types import Array, Batch, Outputs, Rows


def describe(rows: Rows, outputs: Outputs, batch: Batch) -> Rows:
    """Returns `rows` with the batch's row numbers, probability and margin of the observed label, predicted class.

    The margin is that of G. Pleiss et al., "Identifying Mislabeled Data using the Area Under the Margin Ranking",
    NeurIPS 2020, https://arxiv.org/abs/2001.10528: score of the observed label minus the largest other one. Outputs may
    have more rows than the batch, those of its views; the first ones count.
    """
    outputs = jax.tree.map(lambda x: x[: len(batch.labels)], outputs)
    probabilities = jax.nn.softmax(outputs.logits)  # [B, C], of a pair [2, B, C]
    observed = jnp.take_along_axis(probabilities, batch.labels[..., None], axis=-1)[..., 0]
    prediction = jnp.argmax(outputs.logits, axis=-1).astype(jnp.int32)
    is_observed = jnp.arange(outputs.logits.shape[-1]) == batch.labels[..., None]  # [B, C]
    score = jnp.sum(jnp.where(is_observed, outputs.logits, 0), axis=-1)
    margin = score - jnp.max(jnp.where(is_observed, -jnp.inf, outputs.logits), axis=-1)
    found = rows._replace(index=batch.index, probability=observed, prediction=prediction, margin=margin)
    return jax.lax.stop_gradient(found)


def losses_of(outputs: Outputs, batch: Batch) -> Array:
    """Returns the cross-entropy of the labels, [B]; of a pair [2, B]."""
    return optax.softmax_cross_entropy_with_integer_labels(outputs.logits, batch.labels)
