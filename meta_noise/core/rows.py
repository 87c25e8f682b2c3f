"""What outputs say about the rows of a batch."""

import jax
import jax.numpy as jnp
import optax

from meta_noise.types import Array, Batch, Outputs, Rows


def describe(rows: Rows, outputs: Outputs, batch: Batch) -> Rows:
    """Returns `rows` with the batch's row numbers, the probability of the observed label and the predicted class."""
    probabilities = jax.nn.softmax(outputs.logits)  # [B, C], of a pair [2, B, C]
    observed = jnp.take_along_axis(probabilities, batch.labels[..., None], axis=-1)[..., 0]
    prediction = jnp.argmax(outputs.logits, axis=-1).astype(jnp.int32)
    return jax.lax.stop_gradient(rows._replace(index=batch.index, probability=observed, prediction=prediction))


def losses_of(outputs: Outputs, batch: Batch) -> Array:
    """Returns the cross-entropy of the labels, [B]; of a pair [2, B]."""
    return optax.softmax_cross_entropy_with_integer_labels(outputs.logits, batch.labels)
