"""MentorNet with a predefined curriculum: rows of low loss count, and more of the others the longer training goes on.

L. Jiang, Z. Zhou, T. Leung, L.-J. Li, L. Fei-Fei, "MentorNet: Learning Data-Driven Curriculum for Very Deep Neural
Networks on Corrupted Labels", ICML 2018, https://arxiv.org/abs/1712.05055. Its predefined form (PD),
written down rather than learned by a network. With `lp` an average (factor 0.5) of the `percentile` of the losses of a
batch, and `t` the part of the run that has passed,

    w_i = 1                                    for t < 0.18
    w_i = [l_i <= lp]                          for t < 0.9
    w_i = clip(1 - (l_i - lp) / width, 0, 1)   afterwards,         L = mean_i w_i l_i

The released code draws random weights in the first part; all are 1 here. The data-driven form, a network learned on
clean rows beforehand, is not here: that is what `mw_net` does in one go.
"""

import jax
import jax.numpy as jnp

from meta_noise.core.rows import losses_of
from meta_noise.core.single import Objective
from meta_noise.objectives.loss_threshold import threshold
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS: dict = {}
BURN_IN, LATE = 0.18, 0.9  # parts of the run


def mentornet(epochs: int = 0, percentile: float = 0.7, width: float = 1.0) -> Objective:
    """Returns the objective of MentorNet PD.

    Args:
        epochs: length of the run, filled in by the builder.
        percentile: p, share of a batch that lies below `lp`, in (0, 1).
        width: of the late slope, above 0.

    Raises:
        ValueError: a setting is out of range.

    >>> from meta_noise.methods.mentornet import mentornet
    >>> made = mentornet(epochs=30)
    >>> type(made).__name__
    'Objective'
    """
    if not 0 < percentile < 1 or width <= 0:
        raise ValueError(f"need percentile in (0, 1) and width > 0, got {percentile} and {width}")

    def init_memory(key, batch: Batch):
        del key, batch
        return jnp.full((), jnp.nan, jnp.float32)  # no batch has been seen

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        del key, model
        return batch._replace(prepared=memory), clean

    def loss(outputs: Outputs, batch: Batch):
        losses = losses_of(outputs, batch)
        constant = jax.lax.stop_gradient(losses)
        apart = constant - threshold(batch.prepared, constant, percentile)
        passed = jnp.asarray(batch.epoch) / max(epochs, 1)
        late = jnp.clip(1 - apart / width, 0, 1)
        weights = jnp.where(passed < BURN_IN, 1.0, jnp.where(passed < LATE, apart <= 0, late)).astype(losses.dtype)
        return jnp.mean(weights * losses), Rows(weights=weights)

    def remember(memory, outputs: Outputs, batch: Batch):
        return threshold(memory, losses_of(outputs, batch), percentile).astype(memory.dtype)

    return Objective(loss, prepare, init_memory, remember)
