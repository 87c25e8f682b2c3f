"""Training that begins with a warm-up: plain steps on the labels as they are, then the method.

Deep networks learn what most labels say before they memorise wrong ones, so a short warm-up gives losses that tell
right from wrong labels. MLC-T and FaMUS without clean data begin so. The optimiser and its state go on, as in the
released code of FaMUS; that of MLC-T differs and makes a new optimiser after the warm-up, so that its momentum begins
at zero, and takes the weights of the best test accuracy over, where here the last ones go on.
"""

import jax.numpy as jnp
import optax

from meta_noise.core.rows import losses_of
from meta_noise.core.single import Objective, single
from meta_noise.types import Batch, Method, Network, Outputs, Rows, Warmup


def warmed_up(method: Method, network: Network, tx: optax.GradientTransformation, steps: int) -> Method:
    """Returns `method` with `steps` steps of mean cross-entropy before it; with 0 the method itself.

    Args:
        method: trains `network` with `tx`.
        network: the classifier, or a pair.
        tx: its optimiser.
        steps: at least 0.
    """
    if not steps:
        return method

    def loss(outputs: Outputs, batch: Batch):
        return jnp.sum(jnp.mean(losses_of(outputs, batch), axis=-1)), Rows()

    return method._replace(warmup=Warmup(single(Objective(loss), network, tx).step, steps))
