"""What the train-mode pass of a step says about the rows of its batch."""

import jax
import jax.numpy as jnp

from meta_noise.types import Batch, Outputs, Rows


def describe(rows: Rows, outputs: Outputs, batch: Batch) -> Rows:
    """Returns `rows` with the batch's row numbers, the probability of the observed label and the predicted class."""
    probabilities = jax.nn.softmax(outputs.logits)  # [B, C], of a pair [2, B, C]
    observed = jnp.take_along_axis(probabilities, batch.labels[..., None], axis=-1)[..., 0]
    prediction = jnp.argmax(outputs.logits, axis=-1).astype(jnp.int32)
    return jax.lax.stop_gradient(rows._replace(index=batch.index, probability=observed, prediction=prediction))
