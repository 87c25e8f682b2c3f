"""ELR+: what two networks said early holds them back from learning wrong labels late.

S. Liu, J. Niles-Weed, N. Razavian, C. Fernandez-Granda, "Early-Learning Regularization Prevents Memorization of Noisy
Labels", NeurIPS 2020, https://arxiv.org/abs/2007.00151, section 4. Every network keeps a target
`t_i` of each row, an average of what the other one, its parameters averaged over steps, says of it:

    t_i <- decay t_i + (1 - decay) p_i,   L = mean_i CE(y_i, z_i) + strength mean_i log(1 - <softmax z_i, t_i>)

Inputs, labels and targets are mixed up, each network with one factor a batch, the first partner having the larger
share. Probabilities are kept in [1e-4, 1 - 1e-4]. CIFAR-10 in the released code: decay 0.7, strength 3; CIFAR-100: 0.9,
7 and a ramp.
"""

import jax
import jax.numpy as jnp

from meta_noise.core.pair import swap
from meta_noise.core.single import Objective
from meta_noise.objectives.co_division import mix_pairs
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS = dict(ema=0.997, tokens=False)  # mixes inputs
SMALLEST = 1e-4  # probability


def elr_plus(
    class_counts: tuple[int, ...] = (),
    num_rows: int = 0,
    decay: float = 0.7,
    strength: float = 3.0,
    ramp_epochs: float = 0.0,
    alpha: float = 1.0,
) -> Objective:
    """Returns the objective of ELR+ for a pair of networks; the targets reported for a row are `t_i`.

    Args:
        class_counts: [C], filled in by the builder.
        num_rows: N, likewise.
        decay: of the targets, in [0, 1).
        strength: lambda, 0 or more.
        ramp_epochs: epochs over which it grows as `exp(-5 (1 - e)^2)`; 0: none.
        alpha: of mixup's Beta(alpha, alpha), above 0.

    Raises:
        ValueError: a setting is out of range.

    >>> from meta_noise.methods.elr_plus import elr_plus
    >>> made = elr_plus(class_counts=[30, 20, 10], num_rows=60)
    >>> type(made).__name__
    'Objective'
    """
    if not 0 <= decay < 1 or strength < 0 or alpha <= 0:
        raise ValueError(f"need decay in [0, 1), strength >= 0, alpha > 0, got {decay}, {strength} and {alpha}")

    def init_memory(key, batch: Batch):
        del key, batch
        return jnp.zeros((2, num_rows, len(class_counts)), jnp.float32)

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        said = swap(model(swap(batch.inputs), train=False, averaged=True).logits)  # of the other network, [2, B, C]
        kept = _kept(said)
        kept = kept / jnp.sum(kept, axis=-1, keepdims=True)
        old = jnp.take_along_axis(memory, batch.index[..., None], axis=1)
        targets = decay * old + (1 - decay) * kept
        given = jax.nn.one_hot(batch.labels, said.shape[-1], dtype=said.dtype)
        inputs, labels, mixed = mix_pairs(jax.random.split(key), alpha, batch.inputs, given, targets)
        return batch._replace(inputs=inputs, targets=labels, prepared=(mixed, targets)), clean

    def loss(outputs: Outputs, batch: Batch):
        assert batch.targets is not None
        mixed, targets = batch.prepared
        losses = -jnp.sum(batch.targets * jax.nn.log_softmax(outputs.logits), axis=-1)  # [2, B]
        held = jnp.log(1 - jnp.sum(mixed * _kept(outputs.logits), axis=-1))
        ramp = jnp.exp(-5 * (1 - jnp.clip(batch.epoch / ramp_epochs, 0, 1)) ** 2) if ramp_epochs else 1.0
        rows = Rows(targets=targets / jnp.sum(targets, axis=-1, keepdims=True))
        return jnp.sum(jnp.mean(losses + strength * ramp * held, axis=-1)), rows

    def remember(memory, outputs: Outputs, batch: Batch):
        del outputs
        _, targets = batch.prepared
        return memory.at[jnp.arange(2)[:, None], batch.index].set(targets.astype(memory.dtype))

    return Objective(loss, prepare, init_memory, remember, copies=2)


def _kept(logits: jax.Array) -> jax.Array:
    return jnp.clip(jax.nn.softmax(logits), SMALLEST, 1 - SMALLEST)
