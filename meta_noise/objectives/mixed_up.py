"""What mixup is, and what M-correction begins with."""

import jax
import jax.numpy as jnp

from meta_noise.core.single import Objective
from meta_noise.losses.beta import symmetric_beta
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.losses.mixing import mix
from meta_noise.types import Batch, Outputs, Rows


def mixed_up(alpha: float) -> Objective:
    """Returns the objective on means of two rows, one factor of Beta(alpha, alpha) and one permutation a batch.

    Raises:
        ValueError: `alpha` is not positive.
    """
    if alpha <= 0:
        raise ValueError(f"alpha must be positive, got {alpha}")

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        del model, memory
        key_partner, key_factor = jax.random.split(key)
        partners = jax.random.permutation(key_partner, batch.labels.size)
        factor = symmetric_beta(key_factor, alpha)
        inputs = mix(batch.inputs, partners, factor)
        return batch._replace(inputs=inputs, prepared=(batch.labels[partners], factor)), clean

    def loss(outputs: Outputs, batch: Batch):
        others, factor = batch.prepared
        own, other = cross_entropy(outputs.logits, batch.labels), cross_entropy(outputs.logits, others)
        return jnp.mean(factor * own + (1 - factor) * other), Rows()

    return Objective(loss, prepare)
