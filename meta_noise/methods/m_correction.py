"""M-correction: a mixture of two beta distributions says how far a label may be believed.

E. Arazo, D. Ortego, P. Albert, N. O'Connor, K. McGuinness, "Unsupervised Label Noise Modeling and Loss Correction",
ICML 2019, https://arxiv.org/abs/1904.11238, section 3 (M-DYR-H). After a warm-up with mixup, the losses of all rows
are fitted anew before every epoch, see `models.meta.beta_mixture`. With `B_i` the probability that the label of row i
is wrong, given its loss, `yh_i` the class that the network names, both from a pass of rows that are not mixed,

    q_i = (1 - B_i) y_i + B_i yh_i,   L = mean_i CE(m q_i + (1 - m) q_j, z(m x_i + (1 - m) x_j)) + R

with one factor `m ~ Beta(alpha, alpha)` a batch and R the penalty of `joint_optimization`. The paper begins at epoch
105 of 300.
"""

import jax
import jax.numpy as jnp
import numpy as np

from meta_noise.core.rows import losses_of
from meta_noise.core.single import Objective
from meta_noise.losses.beta import symmetric_beta
from meta_noise.losses.consistency import prior_penalty
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.losses.mixing import mix
from meta_noise.models.meta.beta_mixture import BINS, fit
from meta_noise.objectives.mixed_up import mixed_up
from meta_noise.types import Batch, Outputs, Refreshed, Rows

DEFAULTS = dict(warmup=105 / 195, tokens=False)  # mixes inputs


def m_correction(alpha: float = 32.0, prior: float = 1.0) -> Objective:
    """Returns the objective of M-correction; the targets reported for a row are `q_i`.

    Args:
        alpha: of mixup's Beta(alpha, alpha), above 0.
        prior: factor of R.

    Raises:
        ValueError: `alpha` is not positive.

    >>> from meta_noise.methods.m_correction import m_correction
    >>> made = m_correction()
    >>> type(made).__name__
    'Objective'
    """

    def init_memory(key, batch: Batch):
        del key, batch
        return {"table": jnp.zeros(BINS, jnp.float32), "range": jnp.asarray([0.0, 1.0], jnp.float32)}

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        key_partner, key_factor = jax.random.split(key)
        outputs = model(batch.inputs)
        low, high = memory["range"]
        place = jnp.clip((losses_of(outputs, batch) - low) / (high - low), 0, 1) * (BINS - 1)
        wrong = memory["table"][jnp.floor(place).astype(jnp.int32)][:, None].astype(outputs.logits.dtype)  # [B, 1]
        classes = outputs.logits.shape[-1]
        given = jax.nn.one_hot(batch.labels, classes, dtype=wrong.dtype)
        named = jax.nn.one_hot(jnp.argmax(outputs.logits, axis=-1), classes, dtype=wrong.dtype)
        believed = (1 - wrong) * given + wrong * named
        partners = jax.random.permutation(key_partner, batch.labels.size)
        factor = symmetric_beta(key_factor, alpha)
        inputs, targets = (mix(x, partners, factor) for x in (batch.inputs, believed))
        return batch._replace(inputs=inputs, targets=targets, prepared=believed), clean

    def loss(outputs: Outputs, batch: Batch):
        assert batch.targets is not None
        losses = cross_entropy(outputs.logits, batch.targets)
        return jnp.mean(losses) + prior * prior_penalty(outputs.logits), Rows(targets=batch.prepared)

    def refresh(key, memory, sweep, epoch) -> Refreshed:
        del key, memory, epoch
        losses = sweep(losses_of)
        table, bounds = fit(losses[np.isfinite(losses)])
        return Refreshed({"table": table, "range": bounds}, None)

    return Objective(loss, prepare, init_memory, refresh=refresh, warmup=mixed_up(alpha))
