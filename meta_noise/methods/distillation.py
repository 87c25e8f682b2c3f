"""Distillation: a network that learned the trusted rows alone gives soft labels to all others.

Y. Li, J. Yang, Y. Song, L. Cao, J. Luo, L.-J. Li, "Learning from Noisy Labels with Distillation", ICCV 2017,
https://arxiv.org/abs/1703.02391, in the form that GLC's tables (Hendrycks et al., NeurIPS 2018) compare
with: a first network is trained on the trusted rows; training begins anew on all rows with

    t_i = share y_i + (1 - share) softmax(z(x_i))  of the first network,   L = mean_i CE(t_i, z_i)

and the labels of trusted rows as they are. GLC does not print its share; 0.5 is ours. There is no knowledge graph here,
with which the paper also smooths the guesses.
"""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.core.single import Objective
from meta_noise.losses.cross_entropy import mean_cross_entropy
from meta_noise.objectives.by_matrix import among
from meta_noise.types import Batch, Outputs, Refreshed, Rows

DEFAULTS = dict(warmup=1.0, restarts=True, train_on="both")


def distillation(
    class_counts: Sequence[int] = (), num_rows: int = 0, trusted_rows: Sequence[int] = (), share: float = 0.5
) -> Objective:
    """Returns the objective of distillation.

    Args:
        class_counts: [C], filled in by the builder.
        num_rows: N, likewise.
        trusted_rows: likewise.
        share: of the observed label in the target, in [0, 1].

    Raises:
        ValueError: `share` is not in that range.

    >>> from meta_noise.methods.distillation import distillation
    >>> made = distillation(class_counts=[30, 20, 10], num_rows=60, trusted_rows=[0, 1, 2])
    >>> type(made).__name__
    'Objective'
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be in [0, 1], got {share}")
    classes = len(class_counts)
    trusted = np.zeros(num_rows, bool)
    trusted[list(trusted_rows)] = True

    def init_memory(key, batch: Batch):
        del key, batch
        return {"guess": jnp.full((num_rows, classes), 1 / classes, jnp.float32), "taught": jnp.asarray(False)}

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        del key, model
        guess = memory["guess"][batch.index]  # [B, C]
        given = jax.nn.one_hot(batch.labels, classes, dtype=guess.dtype)
        sure = among(trusted, batch.index)[:, None]
        return batch._replace(targets=jnp.where(sure, given, share * given + (1 - share) * guess)), clean

    def loss(outputs: Outputs, batch: Batch):
        assert batch.targets is not None
        losses = -jnp.sum(batch.targets * jax.nn.log_softmax(outputs.logits), axis=-1)
        return jnp.mean(losses), Rows(targets=batch.targets)

    def refresh(key, memory, sweep, epoch) -> Refreshed:
        del key, epoch
        if memory["taught"]:
            return Refreshed(memory, None)
        guess = np.nan_to_num(sweep(_probabilities), nan=1 / classes)
        return Refreshed({"guess": guess, "taught": np.asarray(True)}, None, restart=True)

    def on_clean(key, model, memory, batch: Batch, clean: Batch):
        del key, model, memory, batch
        return clean, clean

    def first_loss(outputs: Outputs, batch: Batch):
        return mean_cross_entropy(outputs, batch), Rows()

    first = Objective(first_loss, on_clean, init_memory)
    return Objective(loss, prepare, init_memory, refresh=refresh, warmup=first)


def _probabilities(outputs: Outputs, batch: Batch) -> jax.Array:
    del batch
    return jax.nn.softmax(outputs.logits)
