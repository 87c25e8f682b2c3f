"""FaMUS without clean data: two networks tell each other which labels to trust, a weight network is learned on these.

Xu, Zhu, Jiang, Yang, "Faster Meta Update Strategy for Noise-Robust Deep Learning", CVPR 2021, supplement, algorithm 2,
with the details of the released code for controlled noisy web labels. After a warm-up, before every epoch, the losses
of all rows under one network divide the rows for the other one by a Gaussian mixture; `c_i` is the probability of the
lower component. Half of a batch is trusted (`c_i > 0.5`), half is not, and all of it comes in two views, as does a
batch of trusted rows for the outer loss. For the network itself, `y` the observed label:

    t = sharpen( c y + (1 - c) mean of the network over both views ),   h = sharpen( mean of both networks, both views )
    inputs, t and h are mixed up, one factor for the whole batch, the first partner dominating
    w_i = V(CE(t_i, z_i)) / sum_j V(CE(t_j, z_j))
    L_tr = 2 sum_trusted w_i CE(t_i, z_i) + 2 lambda_u(e) sum_others w_i |p_i - h_i|^2 / C + R
    L_v = mean CE(t', z') + R,   R = sum_c (1/C) log((1/C) / mean_i p_ic)

`lambda_u(e)` grows from 0 over 16 epochs after the warm-up. The meta-gradient goes through the layer sampler. The two
networks take their steps together; this differs from the released code, where one trains for an epoch and then the
other, and where the passes that guess labels move the batch statistics. The length of an epoch differs, too: there
it is one pass through the larger of the two parts, here it is fixed before training (`train.epoch_steps`). Test
predictions are the mean of the two networks' logits.
"""

import functools

import jax
import jax.numpy as jnp

from meta_noise.core.pair import each
from meta_noise.core.problem import Problem
from meta_noise.losses.consistency import prior_penalty, squared_distance
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.models.meta.weight_net import rescaled, weight_curve, weight_net
from meta_noise.objectives.co_division import co_divide, guess_of, halves, memory_of, mix_pairs, side, twice
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS = dict(
    optimizer=dict(name="sgd", lr=1e-3, momentum=0.9, nesterov=True, weight_decay=5e-4),
    virtual=dict(name="plain_sgd", rate="lr"),
    cotangents=dict(name="layer_sampler"),
    warmup=0.1,
    views=True,
    finds_clean=True,
    tokens=False,  # mixes inputs
)


def famus(
    num_rows: int = 0,
    unlabelled_factor: float = 25.0,
    ramp_epochs: float = 16.0,
    alpha: float = 4.0,
    temperature: float = 0.5,
    hidden: int = 100,
    fewest: int = 64,
    most: float = 0.9,
) -> Problem:
    """Returns the problem of FaMUS without clean data, for a pair of networks.

    Settings of the released scripts for web labels at 20 / 40 / 60 / 80% noise: alpha 1 / 1.5 / 1.5 / 2,
    unlabelled_factor 50 / 50 / 50 / 100. Those for CIFAR are not published; the defaults are DivideMix's.

    Args:
        num_rows: N, rows of the data set; the builder fills it in.
        unlabelled_factor: largest lambda_u.
        ramp_epochs: epochs over which it grows from 0.
        alpha: of mixup's Beta(alpha, alpha), above 0.
        temperature: of refined and guessed labels, above 0.
        hidden: units of the weight network.
        fewest: smallest number of trusted rows; with fewer, or more than `most`, the half with the highest `c` is
            trusted.
        most: largest share of trusted rows, 45,000 of 50,000 in the released code.

    >>> from meta_noise.methods.famus import famus
    >>> problem = famus()
    >>> type(problem).__name__, problem.fresh, problem.copies
    ('Problem', False, 2)
    """
    net = weight_net(hidden)

    def init_meta(key, batch: Batch, outputs: Outputs):
        del outputs
        return net.init(key, jnp.zeros(batch.labels.shape, jnp.result_type(float)))["params"]

    def inner_loss(outputs: Outputs, params, batch: Batch):
        guess, ramp, refined = batch.prepared
        assert batch.targets is not None
        losses = cross_entropy(outputs.logits, batch.targets)  # [2B], mixed rows
        weights = rescaled(net.apply({"params": params}, jax.lax.stop_gradient(losses)))
        total = jnp.sum(weights)
        weights = weights / jnp.where(total == 0, 1, total)
        half = losses.size // 2
        trusted = 2 * jnp.sum((weights * losses)[:half])
        others = 2 * jnp.sum((weights * squared_distance(outputs.logits, guess))[half:])
        rows = Rows(weights=weights * losses.size, targets=refined)
        return trusted + unlabelled_factor * ramp * others + prior_penalty(outputs.logits), rows

    def outer_loss(outputs: Outputs, clean: Batch):
        assert clean.targets is not None
        return jnp.mean(cross_entropy(outputs.logits, clean.targets)) + prior_penalty(outputs.logits)

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        keys = jax.random.split(key, 4)
        sides = halves(batch)
        known = [guess_of(model, memory["clean"], half, temperature) for half in sides]
        inputs, labels, index = twice(sides)
        refined = jnp.concatenate([x for own, _ in known for x in (own, own)], axis=1)  # [2, 2B, C]
        guess = jnp.concatenate([x for _, both in known for x in (both, both)], axis=1)
        inputs_mixed, targets, guess = mix_pairs(keys[:2], alpha, inputs, refined, guess)
        epoch = jnp.floor(batch.epoch) - memory["first"]
        ramp = jnp.full(2, jnp.clip(epoch / ramp_epochs, 0, 1), refined.dtype)
        batch = Batch(inputs_mixed, labels, index, targets=targets, epoch=batch.epoch, prepared=(guess, ramp, refined))

        sure = side(clean, slice(None))
        own, _ = guess_of(model, memory["clean"], sure, temperature)
        inputs, labels, index = twice([sure])
        inputs, targets = mix_pairs(keys[2:], alpha, inputs, jnp.concatenate([own, own], axis=1))
        return batch, Batch(inputs, labels, index, targets=targets, epoch=clean.epoch)

    single = Problem(init_meta, inner_loss, outer_loss, learned=functools.partial(weight_curve, net))
    return each(single)._replace(prepare=prepare, init_memory=memory_of(num_rows), refresh=co_divide(fewest, most))
