"""Plain cross-entropy on the labels as they are.

The baseline of every table: `L = mean_i CE(y_i, z_i)`. Which rows it sees is a setting of the data, so the same method
is the honest "noisy", "clean only" and "noisy + clean" baseline at the same schedule.
"""

import jax.numpy as jnp

from meta_noise.core.single import Objective
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS: dict = {}


def supervised() -> Objective:
    """Returns the objective "mean cross-entropy"."""

    def loss(outputs: Outputs, batch: Batch):
        return jnp.mean(cross_entropy(outputs.logits, batch.labels)), Rows()

    return Objective(loss)
