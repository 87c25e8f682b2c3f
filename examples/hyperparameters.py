"""A weight decay for every layer, learned by exact meta-gradients through five steps of training; no noise anywhere.

The lower level trains a network on 60 tumours with the penalty `sum_l exp(a_l) |W_l|^2 / 2`; the upper level moves `a`
down the loss on 100 others after five steps. A loss sees what a network answers, so the network answers with its
squared norms, too: they take the place of features. `python examples/hyperparameters.py` trains with and without it,
and prints the loss on all other rows and the decays that were learned.
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
from sklearn.datasets import load_breast_cancer

from meta_noise import core
from meta_noise.models import from_functions

SHAPES, STEPS = ((30, 64), (64, 64), (64, 2)), 5  # of the kernels; virtual steps
NONE, START = -20.0, -7.0  # a_l: as good as none, and where it starts
INPUTS, LABELS = load_breast_cancer(return_X_y=True)
INPUTS = (INPUTS - INPUTS.mean(0)) / INPUTS.std(0)


def init(key, inputs):
    return [jax.random.normal(key, shape) * (2 / shape[0]) ** 0.5 for shape in SHAPES]


def apply(params, inputs, train, key):
    hidden = jax.nn.relu(jax.nn.relu(inputs @ params[0]) @ params[1])
    norms = jnp.stack([jnp.sum(kernel**2) for kernel in params])
    return hidden @ params[2], jnp.tile(norms, (len(inputs), 1))


def loss(outputs, batch):
    return jnp.mean(optax.softmax_cross_entropy_with_integer_labels(outputs.logits, batch.labels))


def inner_loss(outputs, logs, batch):
    return loss(outputs, batch) + jnp.exp(logs) @ jnp.mean(outputs.features, 0) / 2, core.Rows()


def decayed(start, meta_lr):
    problem = core.Problem(lambda key, batch, outputs: jnp.full(3, start), inner_loss, loss)
    virtual = core.live()._replace(steps=STEPS)
    return core.bilevel(problem, from_functions(init, apply), optax.sgd(0.05), optax.adam(meta_lr), virtual=virtual)


def batch_of(rows):
    return core.Batch(jnp.asarray(INPUTS[rows]), jnp.asarray(LABELS[rows], jnp.int32), jnp.asarray(rows, jnp.int32))


def train(start, meta_lr, moves=250, seed=0):
    """Returns the loss on rows of neither level, and the decay of every layer."""
    rng, method = np.random.default_rng(seed), decayed(start, meta_lr)
    lower, upper, test = np.split(rng.permutation(len(LABELS)), [60, 160])
    clean, step, state = batch_of(upper), jax.jit(method.step), method.init(jax.random.key(seed), batch_of(lower))
    for number in range(moves):
        rows = np.concatenate([rng.choice(lower, 20, replace=False) for _ in range(STEPS)])  # a batch for every step
        state, _ = step(jax.random.key(number), state, batch_of(rows), clean)
    logits = method.predict(state, INPUTS[test])
    return float(loss(core.Outputs(logits, logits), batch_of(test))), np.exp(state.meta.params)


if __name__ == "__main__":
    (plain, _), (learned, decays) = train(NONE, 0.0), train(START, 0.05)
    print(f"Loss on other rows: {plain:.3f} without weight decay, {learned:.3f} with learned ones {decays.round(4)}")
