"""Mixup: the network learns means of two rows, with the means of their labels.

H. Zhang, M. Cisse, Y. N. Dauphin, D. Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", ICLR 2018,
https://arxiv.org/abs/1710.09412, section 2 and its code: one factor `m ~ Beta(alpha, alpha)` and one permutation a
batch,

    x = m x_a + (1 - m) x_b,   L = mean( m CE(y_a, z(x)) + (1 - m) CE(y_b, z(x)) )

Its experiments with wrong labels (table 2) use alpha from 1 to 32, the larger the more are wrong.
"""

import jax
import jax.numpy as jnp

from meta_noise.core.single import Objective
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.losses.mixing import mix
from meta_noise.types import Batch, Outputs, Rows

DEFAULTS = dict(tokens=False)  # mixes inputs


def mixup(alpha: float = 1.0) -> Objective:
    """Returns the objective of mixup.

    Args:
        alpha: of the Beta distribution, above 0.

    Raises:
        ValueError: `alpha` is not positive.

    >>> from meta_noise.methods.mixup import mixup
    >>> made = mixup()
    >>> type(made).__name__
    'Objective'
    """
    if alpha <= 0:
        raise ValueError(f"alpha must be positive, got {alpha}")

    def prepare(key, model, memory, batch: Batch, clean: Batch):
        del model, memory
        key_partner, key_factor = jax.random.split(key)
        partners = jax.random.permutation(key_partner, batch.labels.size)
        factor = jax.random.beta(key_factor, alpha, alpha)
        inputs = mix(batch.inputs, partners, factor)
        return batch._replace(inputs=inputs, prepared=(batch.labels[partners], factor)), clean

    def loss(outputs: Outputs, batch: Batch):
        others, factor = batch.prepared
        own, other = cross_entropy(outputs.logits, batch.labels), cross_entropy(outputs.logits, others)
        return jnp.mean(factor * own + (1 - factor) * other), Rows()

    return Objective(loss, prepare)
