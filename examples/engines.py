"""One bi-level problem by both engines, through one and three virtual steps, and with a filter: what each costs.

Training rows have a long tail, and the lower level adds an offset to the logit of each class. The upper level learns
the offsets on balanced rows. `python examples/engines.py` prints, for each way to the meta-gradient, how far it is from
the one that unrolls everything, and how many operations the compiler counts.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from sklearn.datasets import load_digits

from meta_noise import core
from meta_noise.models import from_flax

CLASSES, ROWS = 10, 128
NETWORK = from_flax(
    nn.Sequential([nn.Dense(64), nn.relu, nn.Dense(64), nn.relu, nn.Dense(CLASSES)]), jnp.zeros((1, 64))
)


def loss(outputs, batch, offsets=0.0):
    return jnp.mean(optax.softmax_cross_entropy_with_integer_labels(outputs.logits + offsets, batch.labels))


OFFSETS = core.Problem(
    init_meta=lambda key, batch, outputs: jnp.zeros(CLASSES),
    inner_loss=lambda outputs, offsets, batch: (loss(outputs, batch, offsets), core.Rows()),
    outer_loss=loss,
)
LAST = core.mixed_mode(core.keep_last(NETWORK.stages, 2))  # through the kernel and the bias of the last layer alone
WAYS = {"unrolled": core.unrolled(), "mixed mode": core.mixed_mode(), "mixed mode, last layer": LAST}


def meta_gradient(engine, steps, rows=ROWS):
    """Returns the derivative of the clean loss by the offsets after `steps` virtual steps, and the operations."""
    inputs, labels = load_digits(return_X_y=True)
    order = np.argsort(labels + np.random.default_rng(0).random(len(labels)) / 2)[: steps * rows]  # low classes
    batch = core.Batch(jnp.asarray(inputs[order] / 16), jnp.asarray(labels[order]), jnp.asarray(order))
    clean = core.Batch(jnp.asarray(inputs[-100:] / 16), jnp.asarray(labels[-100:]), jnp.arange(100))
    virtual = core.live()._replace(steps=steps)
    method = core.bilevel(OFFSETS, NETWORK, optax.sgd(0.1, 0.9), optax.adam(0.01), engine, virtual)
    state, key = method.init(jax.random.key(0), batch), jax.random.key(1)
    step = jax.jit(method.meta_grads).lower(key, state, batch, clean).compile()
    return step(key, state, batch, clean), step.cost_analysis()["flops"]


if __name__ == "__main__":
    for steps in (1, 3):
        exact, _ = meta_gradient(WAYS["unrolled"], steps)
        for name, engine in WAYS.items():
            grads, count = meta_gradient(engine, steps)
            far = np.abs(grads - exact).max() / np.abs(exact).max()
            print(f"{steps} steps, {name}: {far:.0e} from unrolled, {count / 1e6:.1f} MFLOP")
