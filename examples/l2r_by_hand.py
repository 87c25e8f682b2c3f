"""L2R in a loop of your own: a plain Flax module learns from digits of which 40 % got a random label.

Ren et al., "Learning to Reweight Examples for Robust Deep Learning", ICML 2018. Every row's weight starts at zero in
each batch, and moves to where it would have lowered the loss on 50 trusted rows. `python examples/l2r_by_hand.py`
trains the same network with and without it, and prints both accuracies.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from sklearn.datasets import load_digits

from meta_noise import core
from meta_noise.models import from_flax


class Net(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(10)(nn.relu(nn.Dense(128)(x)))


def losses(outputs, batch):
    return optax.softmax_cross_entropy_with_integer_labels(outputs.logits, batch.labels)  # [B]


L2R = core.Problem(
    init_meta=lambda key, batch, outputs: jnp.zeros(batch.labels.shape),  # the weights
    inner_loss=lambda outputs, weights, batch: (jnp.sum(weights * losses(outputs, batch)), core.Rows(weights)),
    outer_loss=lambda outputs, clean: jnp.mean(losses(outputs, clean)),
    fresh=True,
)
PLAIN = core.Objective(lambda outputs, batch: (jnp.mean(losses(outputs, batch)), core.Rows()))


def accuracies(steps=1000):
    """Returns the accuracy on 597 test rows, plain and with L2R."""
    inputs, truth = load_digits(return_X_y=True)
    inputs, truth, rng = (inputs / 16).astype(np.float32), truth.astype(np.int32), np.random.default_rng(0)
    given = np.where(rng.random(1797) < 0.4, rng.integers(0, 10, 1797), truth).astype(np.int32)
    rows, tx = np.split(rng.permutation(1797), [50, 1200]), optax.sgd(0.1, momentum=0.9)  # trusted, train, test
    clean, found = core.Batch(inputs[rows[0]], truth[rows[0]], rows[0]), []
    for method in (core.single(PLAIN, from_flax(Net()), tx), core.bilevel(L2R, from_flax(Net()), tx, core.rectified())):
        step, state = jax.jit(method.step), method.init(jax.random.key(0), clean)
        for number in range(steps):
            some = rng.choice(rows[1], 100, replace=False)
            batch = core.Batch(inputs[some], given[some], some)
            state, _ = step(jax.random.key(number), state, batch, clean)
        found.append(float(np.mean(np.argmax(method.predict(state, inputs[rows[2]]), -1) == truth[rows[2]])))
    return found


if __name__ == "__main__":
    print("Accuracy on test rows: {:.1%} plain, {:.1%} with L2R".format(*accuracies()))
