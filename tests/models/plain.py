"""Layers in plain NumPy, double precision, for comparison with the networks."""

from functools import partial

import jax
import numpy as np


def convolve(x, kernel, stride=1, padding=None):
    """Returns the convolution of `x`, zeros around it: `padding` (before, after) or as many as keep its size."""
    rows, columns = kernel.shape[:2]
    around = [padding or (size // 2, size // 2) for size in (rows, columns)]
    x = np.pad(x, ((0, 0), *around, (0, 0)))
    out = np.zeros((len(x), (x.shape[1] - rows) // stride + 1, (x.shape[2] - columns) // stride + 1, kernel.shape[-1]))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            window = x[:, i * stride : i * stride + rows, j * stride : j * stride + columns]
            out[:, i, j] = np.einsum("bhwc,hwcd->bd", window, kernel)
    return out


def normalise(x, params=None, epsilon=1e-5):
    """Returns the batch normalisation of `x` by its own statistics."""
    y = (x - x.mean((0, 1, 2))) / np.sqrt(x.var((0, 1, 2)) + epsilon)
    return y if params is None else y * params["scale"] + params["bias"]


def relu(x, slope=0.0):
    return np.where(x > 0, x, slope * x)


def pool(x, reduce=np.max):
    """Returns the maximum (or another function) over 2x2 pixels."""
    windows = [x[:, i::2, j::2][:, : x.shape[1] // 2, : x.shape[2] // 2] for i in range(2) for j in range(2)]
    return reduce(windows, axis=0)


def drawn(module, inputs, seed=0):
    """Returns parameters and statistics of a module, all drawn from normal distributions, in double precision."""
    rng = np.random.default_rng(seed)
    shapes = jax.eval_shape(partial(module.init, train=True), jax.random.key(0), inputs)
    return jax.tree.map(lambda leaf: rng.normal(size=leaf.shape), shapes)


def agree(module, formula, inputs, train=True):
    """Asserts that a module on `inputs` is `formula(params, inputs)`; call it in double precision."""
    variables = drawn(module, inputs)
    outputs = jax.jit(partial(module.apply, train=train, mutable=["batch_stats"]))(variables, inputs)[0]
    expected = formula(variables["params"], inputs)
    assert jax.tree.structure(outputs) == jax.tree.structure(expected)
    jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-9, atol=1e-9), outputs, expected)


def some(*shape):
    return np.random.default_rng(1).normal(size=shape)
