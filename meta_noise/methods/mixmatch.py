"""MixMatch: trusted rows keep their labels, those of all others are guessed; the observed ones are not looked at.

D. Berthelot, N. Carlini, I. Goodfellow, N. Papernot, A. Oliver, C. Raffel, "MixMatch: A Holistic Approach to
Semi-Supervised Learning", NeurIPS 2019, https://arxiv.org/abs/1905.02249, algorithm 1. With two views of each untrusted
row,

    g_i = sharpen( mean of softmax z over both views ),   pool = [views of the untrusted rows; trusted rows], mixed up
    L = mean_trusted CE(y, z) + factor ramp(e) mean_others |p_i - g_i|^2 / C  (+ consistency mean KL(p_i || ph_i))

where every row of the pool has a factor of its own, the first partner dominating, and `ramp` grows from 0 to 1 over
`ramp_epochs`. The last term, between the two views as they are, makes it MixMatch-KL, the semi-supervised baseline of
IEG (Zhang et al., CVPR 2020, Table 8; 20 is IEG's factor, that of the table is not published). The released code runs
each part of the pool through the network by itself; here all of it is one batch, which differs in batch statistics.
"""

import jax
import jax.numpy as jnp

from meta_noise.core.single import Objective
from meta_noise.losses.consistency import kl_between, squared_distance
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.losses.mixing import mix, mixing_factors
from meta_noise.losses.targets import sharpen
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS = dict(ema=0.999, views=True, tokens=False, needs_trusted=True)  # mixes inputs


def mixmatch(
    unlabelled_factor: float = 75.0,
    ramp_epochs: float = 16.0,
    alpha: float = 0.75,
    temperature: float = 0.5,
    consistency_factor: float = 0.0,
) -> Objective:
    """Returns the objective of MixMatch; the targets reported for a row are its guess.

    Args:
        unlabelled_factor: lambda_u, 75 for CIFAR-10 and 150 for CIFAR-100 in the paper.
        ramp_epochs: epochs over which it grows from 0; in the paper all of them.
        alpha: of mixup's Beta(alpha, alpha), above 0.
        temperature: of the guess, above 0.
        consistency_factor: of MixMatch-KL, 0: MixMatch.

    Raises:
        ValueError: a setting is not positive.

    >>> from meta_noise.methods.mixmatch import mixmatch
    >>> made = mixmatch()
    >>> type(made).__name__
    'Objective'
    """
    if min(ramp_epochs, alpha, temperature) <= 0:
        raise ValueError(f"need ramp_epochs, alpha, temperature > 0, got {ramp_epochs}, {alpha} and {temperature}")

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        del memory
        key_partner, key_factor = jax.random.split(key)
        views = [batch.inputs, batch.views[0] if batch.views else batch.inputs]
        guess = sharpen(
            jnp.mean(jnp.stack([jax.nn.softmax(model(x).logits) for x in views]), axis=0), temperature
        )  # [B, C]
        given = jax.nn.one_hot(clean.labels, guess.shape[-1], dtype=guess.dtype)
        pool, targets = jnp.concatenate([*views, clean.inputs]), jnp.concatenate([guess, guess, given])
        partners = jax.random.permutation(key_partner, len(pool))
        factors = mixing_factors(key_factor, (len(pool),), "beta", alpha).astype(guess.dtype)
        inputs, mixed = mix(pool, partners, factors), mix(targets, partners, factors)
        inputs = jnp.concatenate([*views, inputs]) if consistency_factor else inputs
        return batch._replace(inputs=inputs, views=(), targets=guess, prepared=mixed), clean

    def loss(outputs: Outputs, batch: Batch):
        logits, others = outputs.logits, 2 * batch.labels.size
        total = jnp.zeros(())
        if consistency_factor:
            weak, strong, logits = jnp.split(logits, [others // 2, others])
            total += consistency_factor * jnp.mean(kl_between(weak, strong))
        total += jnp.mean(cross_entropy(logits[others:], batch.prepared[others:]))
        ramp = jnp.clip(jnp.asarray(batch.epoch) / ramp_epochs, 0, 1)
        apart = jnp.mean(squared_distance(logits[:others], batch.prepared[:others]))
        return total + unlabelled_factor * ramp * apart, Rows(targets=batch.targets)

    return Objective(loss, prepare)
