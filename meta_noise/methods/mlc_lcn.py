"""MLC-LCN: a network corrects the label of every example.

Zheng, Awadallah, Dumais, "Meta Label Correction for Noisy Label Learning", AAAI 2021, equations 2-6.

    q_i = LCN(h_i, k_i; phi),   h_i = features of the classifier (constant), k_i = observed class
    L_tr = ( sum_i CE(q_i, z_i) + sum_{j in clean training half} CE(y'_j, z'_j) ) / (n + m2)

Half of the clean batch joins training with its own labels, the other half is the outer loss. The classifier's actual
step is the virtual one. `CODE` is the form of the released code, which runs the clean half through the network in a
pass of its own; the default differs: the half is joined to the batch and shares its batch statistics.

One thing of the released code is not offered, and differs in both forms. It overwrites the parameters with the virtual
ones before its second backward pass, so that the derivatives of convolutions and batch-norm scales are taken at the
wrong point: its meta-gradient is off by 5e-5 with k = 1, and by 2e-4 with k = 3, of its norm (a ResNet-8 in double
precision). Here they are taken at the old parameters, as the equations say; with the parameters restored one line
earlier the released step equals that of `CODE` to round-off. Its running averages of batch statistics, moved by four
passes per step, differ too: here the pass of the noisy batch moves them.
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from meta_noise.core.problem import Problem
from meta_noise.losses.cross_entropy import mean_cross_entropy
from meta_noise.losses.per_row import loss_of_rows
from meta_noise.models.meta.label_corrector import label_corrector
from meta_noise.types import Batch, Outputs, Rows

CODE: dict[str, Any] = dict(apart=True)
DEFAULTS = dict(
    optimizer=dict(name="amsgrad", lr=3e-4),
    virtual=dict(name="live"),
    reuse_virtual=True,
)


def mlc_lcn(
    embedding: int = 128,
    hidden: int = 128,
    skip: bool = False,
    join_clean: bool = True,
    apart: bool = False,
    loss: str | Callable[..., jax.Array] = "cross_entropy",
    loss_settings: Mapping[str, Any] | None = None,
) -> Problem:
    """Returns the problem of MLC-LCN, one virtual step per meta step.

    Args:
        embedding: size of the label embedding (paper and released code also use 64).
        hidden: units of the two hidden layers (the paper's image experiments: 64).
        skip: the network may keep the observed label, by a learned share per row (Clothing1M in the released code).
        join_clean: half of the clean batch joins training; else all of it is the outer loss. A clean batch of one row
            cannot be halved: it is the outer loss, and a warning says so.
        apart: the half that joins passes the network by itself, with batch statistics of its own (the released code).
        loss: of every row to its corrected label, so it must take soft targets, see `losses.per_row`; the outer loss is
            always cross-entropy.
        loss_settings: of `loss`.

    >>> from meta_noise.methods.mlc_lcn import mlc_lcn
    >>> problem = mlc_lcn()
    >>> type(problem).__name__, problem.fresh, problem.copies
    ('Problem', False, 1)
    """
    losses_of = loss_of_rows(loss, loss_settings)

    def init_meta(key, batch: Batch, outputs: Outputs):
        net = label_corrector(outputs.logits.shape[-1], embedding, hidden, skip)
        features = jnp.zeros(outputs.features.shape, outputs.features.dtype)
        return net.init(key, features, jnp.zeros(features.shape[0], batch.labels.dtype))["params"]

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        del key, model, memory
        batch = batch._replace(views=()) if apart else batch
        if not join_clean:
            return batch, clean
        outer = (clean.labels.shape[0] + 1) // 2
        if outer == clean.labels.shape[0]:
            warnings.warn(
                f"A clean batch of {outer} row cannot be halved; all of it is the outer loss and none joins training.",
                stacklevel=1,
            )
            return batch, clean
        inputs, labels = clean.inputs[outer:], clean.labels[outer:]
        if apart:
            joined = batch._replace(views=(inputs,))
        else:
            joined = batch._replace(inputs=jnp.concatenate([batch.inputs, inputs]))
        joined = joined._replace(
            labels=jnp.concatenate([batch.labels, labels]),
            index=jnp.concatenate([batch.index, jnp.full(labels.shape, -1, batch.index.dtype)]),
            trusted=jnp.arange(batch.labels.size + labels.size) >= batch.labels.size,
        )
        return joined, clean._replace(
            inputs=clean.inputs[:outer], labels=clean.labels[:outer], index=clean.index[:outer]
        )

    def inner_loss(outputs: Outputs, params, batch: Batch):
        num_classes = outputs.logits.shape[-1]
        net = label_corrector(num_classes, embedding, hidden, skip)
        corrected = net.apply({"params": params}, jax.lax.stop_gradient(outputs.features), batch.labels)  # [B, C]
        given = jax.nn.one_hot(batch.labels, num_classes, dtype=corrected.dtype)
        targets = corrected if batch.trusted is None else jnp.where(batch.trusted[:, None], given, corrected)
        return jnp.mean(losses_of(outputs.logits, targets)), Rows(targets=targets)

    return Problem(init_meta, inner_loss, outer_loss=mean_cross_entropy, prepare=prepare, with_views=apart)
