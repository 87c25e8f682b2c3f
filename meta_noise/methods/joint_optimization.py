"""Joint optimisation: labels become what the network has lately said of their rows.

D. Tanaka, D. Ikami, T. Yamasaki, K. Aizawa, "Joint Optimization Framework for Learning with Noisy Labels", CVPR 2018,
https://arxiv.org/abs/1803.11364, section 3:

    L = mean_i CE(t_i, z_i) + prior R + entropy mean_i H(p_i),   R = sum_c (1/C) log((1/C) / mean_i p_ic)

`t_i` is the observed label at first; from epoch `first` on it is, anew before every epoch, the mean of the train-mode
predictions of row i in the last `window` epochs. From epoch `again` on training begins anew on the labels as they are
then, without the two further terms. The learning rate is high in the first part (0.1, constant).
"""

import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.core.single import Objective
from meta_noise.losses.consistency import prior_penalty
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.types import Batch, Outputs, Refreshed, Rows

DEFAULTS: dict = {}


def joint_optimization(
    class_counts: tuple[int, ...] = (),
    num_rows: int = 0,
    prior: float = 1.0,
    entropy: float = 0.5,
    first: int = 70,
    window: int = 10,
    again: int = 0,
) -> Objective:
    """Returns the objective of joint optimisation.

    Args:
        class_counts: [C], filled in by the builder.
        num_rows: N, likewise; `window` times N times C predictions are kept.
        prior: alpha, 1.2 for CIFAR-10 in the paper, 1.0 in the released code.
        entropy: beta, 0.8 and 0.5.
        first: epoch, counted from 0, before which labels are replaced for the first time.
        window: epochs that a label is the mean of, at least 1.
        again: epoch at which training begins anew on the labels found, 0: none.

    Raises:
        ValueError: `window` is below 1, or training begins anew before labels were replaced.

    >>> from meta_noise.methods.joint_optimization import joint_optimization
    >>> made = joint_optimization(class_counts=[30, 20, 10], num_rows=60)
    >>> type(made).__name__
    'Objective'
    """
    if window < 1 or 0 < again <= first:
        raise ValueError(f"need window >= 1 and again after first, or 0, got {window}, {again} and {first}")
    classes = len(class_counts)

    def init_memory(key, batch: Batch):
        del key, batch
        return {
            "said": jnp.zeros((window, num_rows, classes), jnp.float32),
            "targets": jnp.zeros((num_rows, classes), jnp.float32),  # zeros: as observed
            "fixed": jnp.asarray(False),
        }

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        del key, model
        found = memory["targets"][batch.index]
        given = jax.nn.one_hot(batch.labels, classes, dtype=found.dtype)
        targets = jnp.where(jnp.sum(found, axis=-1, keepdims=True) > 0, found, given)
        return batch._replace(targets=targets, prepared=memory["fixed"]), clean

    def loss(outputs: Outputs, batch: Batch):
        assert batch.targets is not None
        log_p = jax.nn.log_softmax(outputs.logits)
        spread = -jnp.mean(jnp.sum(jnp.exp(log_p) * log_p, axis=-1))
        further = jnp.where(batch.prepared, 0, prior * prior_penalty(outputs.logits) + entropy * spread)
        return jnp.mean(cross_entropy(outputs.logits, batch.targets)) + further, Rows(targets=batch.targets)

    def remember(memory, outputs: Outputs, batch: Batch):
        slot = jnp.mod(jnp.floor(jnp.asarray(batch.epoch)).astype(jnp.int32), window)
        said = jax.nn.softmax(outputs.logits).astype(jnp.float32)
        return {**memory, "said": memory["said"].at[slot, batch.index].set(said)}

    def refresh(key, memory, sweep, epoch) -> Refreshed:
        del key, sweep
        if epoch < first or memory["fixed"]:
            return Refreshed(memory, None)
        said = np.asarray(memory["said"])
        seen = (said.sum(axis=-1, keepdims=True) > 0).sum(axis=0)  # [N, 1], epochs in which a row was drawn
        targets = said.sum(axis=0) / np.maximum(seen, 1)
        begins = bool(again) and epoch >= again
        return Refreshed({**memory, "targets": targets, "fixed": np.asarray(begins)}, None, restart=begins)

    return Objective(loss, prepare, init_memory, remember, refresh)
