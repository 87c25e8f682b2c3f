"""A lower level whose meta-gradients NumPy can write down: least squares with weights of rows."""

import jax.numpy as jnp
import numpy as np

from meta_noise.core.virtual import plain_sgd
from meta_noise.types import Batch, Inner, Learner, Outputs

RATE, DECAY, ROWS, SIZE = 0.7, 1.0, 12, 4
_DRAW = np.random.default_rng(0)
X, Y, TARGET = _DRAW.normal(size=(ROWS, SIZE)) * 0.7, _DRAW.normal(size=ROWS), _DRAW.normal(size=SIZE)
WEIGHTS = _DRAW.uniform(0.2, 1.0, ROWS)
CURVATURE = (X.T * WEIGHTS) @ X / ROWS + DECAY * np.eye(SIZE)
SOLUTION = np.linalg.solve(CURVATURE, (X.T * WEIGHTS) @ Y / ROWS)
STEP = np.eye(SIZE) - RATE * CURVATURE  # derivative of a virtual step by the parameters


def setting(steps: int, start: np.ndarray = SOLUTION):
    """Returns (inner, outer_loss, start, batches, meta_params) of `steps` virtual steps, which see the same batch.

    The inner loss is `sum_i a_i (x_i . theta - y_i)^2 / 2 n + DECAY |theta|^2 / 2`, whose decay is the virtual step's,
    the outer one `|theta - TARGET|^2 / 2`.
    """

    def forward(params, stats, batch):
        found = batch.inputs @ params
        return Outputs(found, found), stats

    def loss(outputs, meta_params, batch):
        return jnp.mean(meta_params * (outputs.logits - batch.labels) ** 2) / 2

    def outer_loss(params, stats):
        return jnp.sum((params - TARGET) ** 2) / 2

    inner = Inner(forward, loss, plain_sgd(RATE, DECAY).rule(None, 0))
    batch = Batch(jnp.asarray(X), jnp.asarray(Y), jnp.arange(ROWS))
    return inner, outer_loss, Learner(jnp.asarray(start), {}, ()), (batch,) * steps, jnp.asarray(WEIGHTS)


def mixed_derivative(theta: np.ndarray) -> np.ndarray:
    """Returns the derivative of the inner gradient at `theta` by the weights, [ROWS, SIZE]."""
    return X * ((X @ theta - Y) / ROWS)[:, None]


def after(theta: np.ndarray) -> np.ndarray:
    """Returns the parameters after a virtual step."""
    return theta - RATE * (CURVATURE @ theta - (X.T * WEIGHTS) @ Y / ROWS)
