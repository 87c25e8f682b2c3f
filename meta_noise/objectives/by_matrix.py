"""What GLC and forward correction share: a transition matrix that is estimated once, between two trainings.

The warm-up trains on the untrusted rows; then the matrix is estimated, and training begins anew with

    L = ( sum_trusted CE(y_i, z_i) + sum_others -log sum_c p_ic T[c, k_i] ) / B
"""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.core.single import Objective
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.losses.forward_corrected import forward_corrected, posterior
from meta_noise.types import Batch, Outputs, Refreshed, Rows

Estimate = Callable[[np.ndarray, np.ndarray], np.ndarray]  # (probabilities [n, C], labels [n]) -> matrix [C, C]


def corrected_by_matrix(
    num_classes: int,
    num_rows: int,
    trusted_rows: Sequence[int],
    estimate: Estimate,
    on_trusted: bool,
    known: Sequence[Sequence[float]] = (),
) -> Objective:
    """Returns the objective.

    Args:
        num_classes: C.
        num_rows: N.
        trusted_rows: rows whose label is known to be right.
        estimate: gets what the first network says, in evaluation mode, of trusted or of the other rows.
        on_trusted: of which of the two.
        known: a matrix that needs no estimate.
    """
    trusted = np.zeros(num_rows, bool)
    trusted[list(trusted_rows)] = True

    def init_memory(key, batch: Batch):
        del key, batch
        matrix = jnp.asarray(known, jnp.float32) if len(known) else jnp.eye(num_classes)
        return {"transition": matrix, "estimated": jnp.asarray(bool(len(known)))}

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        del key, model
        return batch._replace(trusted=among(trusted, batch.index), prepared=memory["transition"]), clean

    def loss(outputs: Outputs, batch: Batch):
        assert batch.trusted is not None
        sure = cross_entropy(outputs.logits, batch.labels)  # [B]
        others = forward_corrected(outputs.logits, batch.labels, transition=batch.prepared)
        given = jax.nn.one_hot(batch.labels, num_classes, dtype=sure.dtype)
        targets = jnp.where(batch.trusted[:, None], given, posterior(outputs.logits, batch.labels, batch.prepared))
        return jnp.mean(jnp.where(batch.trusted, sure, others)), Rows(targets=targets)

    def first_loss(outputs: Outputs, batch: Batch):
        assert batch.trusted is not None
        losses = jnp.where(batch.trusted, 0, cross_entropy(outputs.logits, batch.labels))
        return jnp.sum(losses) / jnp.maximum(jnp.sum(~batch.trusted), 1), Rows()

    def refresh(key, memory, sweep, epoch) -> Refreshed:
        del key, epoch
        if memory["estimated"]:
            return Refreshed(memory, None)
        found = sweep(says)  # [N, C + 1]
        rows = np.isfinite(found[:, 0]) & (trusted == on_trusted)
        matrix = estimate(found[rows, :-1], found[rows, -1].astype(int)).astype(np.float32)
        return Refreshed({"transition": matrix, "estimated": np.asarray(True)}, None, restart=True)

    first = Objective(first_loss, prepare, init_memory)
    return Objective(loss, prepare, init_memory, refresh=refresh, warmup=first)


def among(rows: np.ndarray, index: jax.Array) -> jax.Array:
    """Returns which row numbers `index` [B] are among `rows` [N] bool; those outside the training set are not."""
    return jnp.asarray(rows)[index] & (index >= 0)


def says(outputs: Outputs, batch: Batch) -> jax.Array:
    """Returns the probability of every class, and the label, [B, C + 1]."""
    probabilities = jax.nn.softmax(outputs.logits)
    return jnp.concatenate([probabilities, batch.labels[:, None].astype(probabilities.dtype)], axis=-1)
