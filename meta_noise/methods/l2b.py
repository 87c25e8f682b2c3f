"""L2B: a weight per row for its observed label, and one for the label that the network itself gives it.

Y. Zhou, X. Li, F. Liu, Q. Wei, X. Chen, L. Yu, C. Xie, M. P. Lungren, L. Xing, "L2B: Learning to Bootstrap Robust
Models for Combating Label Noise", CVPR 2024, https://arxiv.org/abs/2202.04291, section 3. With `yh_i` the class that
the network names before the step, a constant,

    L_tr = sum_i ( alpha_i CE(y_i, z_i) + beta_i CE(yh_i, z_i) )  at alpha = beta = 0
    alpha*, beta* = max(0, -dL_v/d(alpha, beta)), divided by the sum of all of them

L2R with a choice: where `beta*_i > alpha*_i` the row is relabelled. One pass of the meta-gradient gives both.
"""

import jax
import jax.numpy as jnp

from meta_noise.core.problem import Problem
from meta_noise.losses.cross_entropy import cross_entropy, mean_cross_entropy
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS = dict(optimizer=dict(name="rectified"), virtual=dict(name="plain_sgd", rate=1.0))


def l2b() -> Problem:
    """Returns the problem of L2B.

    The weight reported for a row is `B (alpha_i + beta_i)`, its targets share both labels in the ratio of the two
    weights, equally where both are zero.

    >>> from meta_noise.methods.l2b import l2b
    >>> made = l2b()
    >>> type(made).__name__
    'Problem'
    """

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        del key, memory
        logits = model(batch.inputs).logits
        named = jax.nn.one_hot(jnp.argmax(logits, axis=-1), logits.shape[-1], dtype=logits.dtype)
        return batch._replace(targets=named), clean

    def init_meta(key, batch: Batch, outputs: Outputs):
        del key
        return jnp.zeros((2, batch.labels.size), outputs.logits.dtype)

    def inner_loss(outputs: Outputs, weights, batch: Batch):
        assert batch.targets is not None
        logits, size = outputs.logits, batch.labels.size
        given = jax.nn.one_hot(batch.labels, logits.shape[-1], dtype=logits.dtype)
        losses = jnp.stack([cross_entropy(logits, batch.labels), cross_entropy(logits, batch.targets)])  # [2, B]
        total = jnp.sum(weights, axis=0)
        share = jnp.where(total > 0, weights[0] / jnp.where(total > 0, total, 1), 0.5)[:, None]
        rows = Rows(weights=size * total, targets=share * given + (1 - share) * batch.targets)
        return jnp.sum(weights * losses), rows

    return Problem(init_meta, inner_loss, mean_cross_entropy, fresh=True, still=True, prepare=prepare)
