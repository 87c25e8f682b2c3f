"""DivideMix: two networks divide the rows for each other; labels are refined in one half of a batch, else guessed.

J. Li, R. Socher, S. C. H. Hoi, "DivideMix: Learning with Noisy Labels as Semi-supervised Learning", ICLR 2020,
https://arxiv.org/abs/2002.07394, algorithm 1. Division, refined labels t and guesses h as in `co_division`. With mixed
inputs and labels, one factor a network for the whole batch, the first partner dominating,

    L = mean_trusted CE(t_i, z_i) + lambda_u(e) mean_others |p_i - h_i|^2 / C + R
    R = sum_c (1/C) log((1/C) / mean_i p_ic)

`lambda_u(e)` grows from 0 over 16 epochs after the warm-up, in which the code adds `penalty` times mean sum_c p log p
where wrong labels are asymmetric. The two networks take their steps together and an epoch has a fixed length; both
differ from the released code, as in `famus`. There lambda_u on CIFAR-10 is 0 / 25 / 25 / 50 at 20 / 50 / 80 / 90%
uniform noise and 0 at 40% asymmetric, on CIFAR-100 25 / 150 / 150 / 150; at 90% losses are averaged over five epochs,
which is not done here.
"""

import jax
import jax.numpy as jnp

from meta_noise.core.rows import losses_of
from meta_noise.core.single import Objective
from meta_noise.losses.consistency import prior_penalty, squared_distance
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.objectives.co_division import co_divide, guess_of, halves, memory_of, mix_pairs, twice
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS = dict(warmup=0.1, views=True, tokens=False)  # mixes inputs


def dividemix(
    num_rows: int = 0,
    unlabelled_factor: float = 25.0,
    ramp_epochs: float = 16.0,
    alpha: float = 4.0,
    temperature: float = 0.5,
    penalty: float = 0.0,
    fewest: int = 64,
    most: float = 0.9,
) -> Objective:
    """Returns the objective of DivideMix; the targets reported for a row are t or h.

    Args:
        num_rows: N, filled in by the builder.
        unlabelled_factor: largest lambda_u.
        ramp_epochs: epochs over which it grows from 0.
        alpha: of mixup's Beta(alpha, alpha), above 0.
        temperature: of refined and guessed labels, above 0.
        penalty: factor of the negative entropy in the warm-up, 1 in the released code where noise is asymmetric.
        fewest: smallest number of trusted rows; with fewer, or more than `most`, the half with the highest `c` is
            trusted.
        most: largest share of trusted rows.

    >>> from meta_noise.methods.dividemix import dividemix
    >>> made = dividemix(num_rows=60)
    >>> type(made).__name__
    'Objective'
    """

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        sides = halves(batch)
        known = [guess_of(model, memory["clean"], side, temperature) for side in sides]
        inputs, labels, index = twice(sides)
        (refined, _), (_, guess) = known
        targets = jnp.concatenate([refined, refined, guess, guess], axis=1)  # [2, 2B, C]
        inputs_mixed, mixed = mix_pairs(jax.random.split(key), alpha, inputs, targets)
        ramp = jnp.clip((batch.epoch - memory["first"]) / ramp_epochs, 0, 1)
        prepared = (ramp, targets)
        return Batch(inputs_mixed, labels, index, targets=mixed, epoch=batch.epoch, prepared=prepared), clean

    def loss(outputs: Outputs, batch: Batch):
        ramp, targets = batch.prepared
        assert batch.targets is not None
        half = 2 * (batch.labels.shape[1] // 4)  # both views of the trusted half, [2, 2B] rows in all
        total = jnp.zeros(())
        for logits, mixed in zip(outputs.logits, batch.targets, strict=True):
            trusted = jnp.mean(cross_entropy(logits[:half], mixed[:half]))
            others = jnp.mean(squared_distance(logits[half:], mixed[half:]))
            total += trusted + unlabelled_factor * ramp * others + prior_penalty(logits)
        return total, Rows(targets=targets)

    def first_loss(outputs: Outputs, batch: Batch):
        log_p = jax.nn.log_softmax(outputs.logits)
        confidence = jnp.sum(jnp.exp(log_p) * log_p, axis=-1)  # [2, B]
        return jnp.sum(jnp.mean(losses_of(outputs, batch) + penalty * confidence, axis=-1)), Rows()

    first = Objective(first_loss, copies=2)
    refresh = co_divide(fewest, most)
    return Objective(loss, prepare, memory_of(num_rows), refresh=refresh, warmup=first, copies=2)
