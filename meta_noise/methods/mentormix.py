"""MentorMix: mixup whose partners are rows that MentorNet believes.

L. Jiang, D. Huang, M. Liu, W. Yang, "Beyond Synthetic Noise: Deep Learning on Controlled Noisy Labels", ICML 2020,
https://arxiv.org/abs/1911.09781, algorithm 1. With the weights `v_i = [l_i <= lp]` of MentorNet PD (all 1 in the first
tenth of the run), losses from a pass of rows that are not mixed,

    j ~ softmax(v),   m ~ Beta(alpha, alpha),   m_i = max(m, 1 - m) if v_i >= 0.5 else min(m, 1 - m)
    x = m_i x_i + (1 - m_i) x_j, labels likewise,   L = mean_i u_i CE

where `u_i` is 1, or (`second`) the weight of the mixed row by MentorNet once more. (alpha, percentile) for CIFAR-10 at
20 / 40 / 60 / 80%: (2, 0.8), (8, 0.6), (8, 0.6) and (4, 0.2) with `second` in the last two; for CIFAR-100: (2, 0.7),
(8, 0.5), (4, 0.3), (8, 0.1) likewise.
"""

import jax
import jax.numpy as jnp

from meta_noise.core.rows import losses_of
from meta_noise.core.single import Objective
from meta_noise.losses.beta import symmetric_beta
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.losses.mixing import mix
from meta_noise.objectives.loss_threshold import threshold
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS = dict(tokens=False)  # mixes inputs
BURN_IN = 0.1  # part of the run


def mentormix(epochs: int = 0, alpha: float = 8.0, percentile: float = 0.6, second: bool = False) -> Objective:
    """Returns the objective of MentorMix; the weight reported for a row is `v_i`.

    Args:
        epochs: length of the run, filled in by the builder.
        alpha: of the Beta distribution, above 0.
        percentile: share of a batch that lies below `lp`, in (0, 1).
        second: mixed rows are weighted once more.

    Raises:
        ValueError: a setting is out of range.

    >>> from meta_noise.methods.mentormix import mentormix
    >>> made = mentormix(epochs=30)
    >>> type(made).__name__
    'Objective'
    """
    if not 0 < percentile < 1 or alpha <= 0:
        raise ValueError(f"need percentile in (0, 1) and alpha > 0, got {percentile} and {alpha}")

    def init_memory(key, batch: Batch):
        del key, batch
        return {"alone": jnp.full((), jnp.nan, jnp.float32), "mixed": jnp.full((), jnp.nan, jnp.float32)}

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        key_partner, key_factor = jax.random.split(key)
        outputs = model(batch.inputs)
        losses = losses_of(outputs, batch)
        limit = threshold(memory["alone"], losses, percentile)
        early = jnp.asarray(batch.epoch) / max(epochs, 1) < BURN_IN
        weights = jnp.where(early, 1.0, losses <= limit).astype(losses.dtype)  # [B]
        partners = jax.random.categorical(key_partner, weights, shape=losses.shape)
        drawn = symmetric_beta(key_factor, alpha, losses.shape, losses.dtype)
        large = jnp.maximum(drawn, 1 - drawn)
        factors = jnp.where(weights >= 0.5, large, 1 - large)
        given = jax.nn.one_hot(batch.labels, outputs.logits.shape[-1], dtype=losses.dtype)
        inputs, targets = mix(batch.inputs, partners, factors), mix(given, partners, factors)
        prepared = {"weights": weights, "early": early, "alone": limit, "mixed": memory["mixed"]}
        return batch._replace(inputs=inputs, targets=targets, prepared=prepared), clean

    def weighted(outputs: Outputs, batch: Batch):
        """Returns losses of mixed rows, and `lp` among them."""
        assert batch.targets is not None
        losses = cross_entropy(outputs.logits, batch.targets)
        return losses, threshold(batch.prepared["mixed"], jax.lax.stop_gradient(losses), percentile)

    def loss(outputs: Outputs, batch: Batch):
        losses, limit = weighted(outputs, batch)
        known = batch.prepared["early"] | (jax.lax.stop_gradient(losses) <= limit)
        again = known.astype(losses.dtype) if second else jnp.ones_like(losses)
        return jnp.mean(again * losses), Rows(weights=batch.prepared["weights"])

    def remember(memory, outputs: Outputs, batch: Batch):
        found = {"alone": batch.prepared["alone"], "mixed": weighted(outputs, batch)[1]}
        return jax.tree.map(lambda new, old: new.astype(old.dtype), found, memory)

    return Objective(loss, prepare, init_memory, remember)
