"""The toy network, its optimisers and losses in NumPy, to write the papers' equations down with; no autodiff,
and no JAX but for keys of random numbers.

Everything also takes complex numbers: a real function of `x + ih` has imaginary part `h f'(x)`, so one evaluation gives
a derivative to round-off, and `.real` stops a gradient. Trees are dictionaries of arrays by path, `hidden/kernel`.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import numpy as np

Params = dict[str, np.ndarray]
STEP = 1e-20  # nothing is subtracted, so it may be as small as one likes


def flat(tree, path: str = "") -> Params:
    """Returns the arrays of nested dictionaries and sequences by path."""
    if isinstance(tree, dict | list | tuple):
        items = tree.items() if isinstance(tree, dict) else enumerate(tree)
        return {name: leaf for key, part in items for name, leaf in flat(part, f"{path}/{key}").items()}
    return {path.removeprefix("/"): np.asarray(tree)}


def assert_same(found, expected, tolerance: float = 1e-9) -> None:
    """Compares two trees, each array relative to its norm."""
    found, expected = flat(found), flat(expected)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].shape == value.shape, name
        error = np.linalg.norm(found[name] - value)
        assert error <= tolerance * np.linalg.norm(value) + 1e-14, f"{name}: {found[name]} is not {value}"


def assert_same_change(found, expected, start, tolerance: float = 1e-6) -> None:
    """Compares two trees by how far each array is from `start`, so that small steps count too."""
    found, expected, start = flat(found), flat(expected), flat(start)
    for name, value in expected.items():
        change = np.linalg.norm(value - start[name])
        assert change > 0, f"{name} does not move"
        assert np.linalg.norm(found[name] - value) <= tolerance * change, f"{name}: {found[name]} is not {value}"


def derivative(function: Callable[[Params], np.ndarray], at: Params) -> Params:
    """Returns the derivative of a scalar by every entry of the arrays, by the complex step."""
    slopes = {}
    for name, value in at.items():
        slopes[name] = np.zeros(value.shape)
        for place in np.ndindex(*value.shape):
            shifted = value.astype(complex)
            shifted[place] += 1j * STEP
            slopes[name][place] = np.imag(function({**at, name: shifted})) / STEP
    return slopes


def one_hot(labels, classes: int = 3) -> np.ndarray:
    return np.eye(classes)[np.asarray(labels)]


def softmax(z):
    powers = np.exp(z - z.real.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def through_softmax(p, slope):
    """Returns the derivative by the logits from that by the probabilities `p`."""
    return p * (slope - (p * slope).sum(-1, keepdims=True))


def sharpen(p, temperature: float = 0.5):
    powers = p ** (1 / temperature)
    return powers / powers.sum(-1, keepdims=True)


class Loss(NamedTuple):
    """A loss per row: `values(z, q)` [B], and their `slopes(z, q)` [B, C] by the logits."""

    values: Callable[..., np.ndarray]
    slopes: Callable[..., np.ndarray]


CROSS_ENTROPY = Loss(lambda z, q: -(q * np.log(softmax(z))).sum(-1), lambda z, q: q.sum(-1)[:, None] * softmax(z) - q)


class Tape(NamedTuple):
    """What a pass in train mode leaves behind."""

    inputs: np.ndarray
    mean: np.ndarray
    var: np.ndarray
    normal: np.ndarray
    features: np.ndarray


def network(params: Params, inputs, running=None) -> tuple[np.ndarray, Tape]:
    """Returns the logits of dense - batch norm - tanh - dense; in evaluation mode with `running` (mean, var)."""
    x = np.asarray(inputs) @ params["hidden/kernel"]
    mean, var = (x.mean(0), ((x - x.mean(0)) ** 2).mean(0)) if running is None else running
    normal = (x - mean) / np.sqrt(var + 1e-5)
    features = np.tanh(normal * params["hidden/scale"] + params["hidden/offset"])
    tape = Tape(np.asarray(inputs), mean, var, normal, features)
    return features @ params["head/kernel"] + params["head/bias"], tape


def gradient(params: Params, tape: Tape, slopes) -> Params:
    """Returns the derivative by the parameters from that by the logits, [B, C], through the batch statistics."""
    hidden = slopes @ params["head/kernel"].T * (1 - tape.features**2)
    normal = hidden * params["hidden/scale"]
    x = (normal - normal.mean(0) - tape.normal * (normal * tape.normal).mean(0)) / np.sqrt(tape.var + 1e-5)
    return {
        "hidden/kernel": tape.inputs.T @ x,
        "hidden/scale": (hidden * tape.normal).sum(0),
        "hidden/offset": hidden.sum(0),
        "head/kernel": tape.features.T @ slopes,
        "head/bias": slopes.sum(0),
    }


def clean_loss(params: Params, clean):
    """Returns the mean cross-entropy of a clean batch."""
    return CROSS_ENTROPY.values(network(params, clean.inputs)[0], one_hot(clean.labels)).mean()


def clean_gradient(params: Params, clean) -> Params:
    z, tape = network(params, clean.inputs)
    return gradient(params, tape, CROSS_ENTROPY.slopes(z, one_hot(clean.labels)) / len(z))


class Found(NamedTuple):
    """What is compared of a learner of the library."""

    params: dict
    batch_stats: dict


class Learner(NamedTuple):
    """A classifier: parameters, momentum buffer, running mean and variance."""

    params: Params
    buffer: Params
    running: tuple[np.ndarray, np.ndarray]


def fresh(params) -> Learner:
    """Returns a learner whose momentum is zero and whose running statistics are 0 and 1."""
    params = flat(params)
    width = params["hidden/scale"].shape
    return Learner(params, zeros(params), (np.zeros(width), np.ones(width)))


def assert_same_learner(found, expected: Learner) -> None:
    """Compares parameters and batch statistics of a learner of the library with one of this file."""
    assert_same(found.params, expected.params)
    mean, var = expected.running
    assert_same(found.batch_stats, {"hidden": {"mean": mean, "var": var}})


def pair(state) -> list["Learner"]:
    """Returns both learners of a pair that has not moved yet."""
    return [fresh({name: value[copy] for name, value in flat(state.learner.params).items()}) for copy in range(2)]


def assert_same_pair(found, expected: Sequence["Learner"]) -> None:
    """Compares parameters and batch statistics of a pair with two learners of this file."""
    for copy, learner in enumerate(expected):
        one = jax.tree.map(lambda x, copy=copy: x[copy], (found.params, found.batch_stats))
        assert_same_learner(Found(*one), learner)


def mixed_loss(targets):
    """Returns the function for `step_of_rows` of the mean cross-entropy to soft targets."""

    def rows(z):
        return CROSS_ENTROPY.values(z, targets).mean(), CROSS_ENTROPY.slopes(z, targets) / len(z)

    return rows


def step_of_rows(learner: Learner, inputs, rows_of) -> tuple[Learner, float]:
    """Returns (learner, loss) after a step on `rows_of(logits) -> (loss, slopes [B, C])`."""
    z, tape = network(learner.params, inputs)
    loss, slopes = rows_of(z)
    return descend(learner, gradient(learner.params, tape, slopes), tape), loss


def key_of_prepare(key):
    """Returns the key that `prepare` of an objective gets in a step with `key`."""
    return jax.random.split(jax.random.fold_in(key, 1))[0]


def zeros(params: Params) -> Params:
    return {name: np.zeros_like(value) for name, value in params.items()}


def sgd(params, buffer, grads, lr, momentum=0.9, nesterov=False, decay=0.0) -> tuple[Params, Params]:
    """Returns (parameters, buffer): `d = g + decay theta`, `b = momentum b + d`, then along b, or d + momentum b."""
    push = {name: grads[name] + decay * params[name] for name in params}
    buffer = {name: momentum * buffer[name] + push[name] for name in params}
    along = {name: push[name] + momentum * buffer[name] for name in params} if nesterov else buffer
    return {name: params[name] - lr * along[name] for name in params}, buffer


def descend(learner: Learner, grads: Params, tape: Tape, lr=0.1, momentum=0.9, nesterov=False, decay=5e-3) -> Learner:
    """Returns the learner after a step; `tape` is of the pass whose batch statistics count."""
    params, buffer = sgd(learner.params, learner.buffer, grads, lr, momentum, nesterov, decay)
    running = tuple(0.9 * old + 0.1 * new for old, new in zip(learner.running, (tape.mean, tape.var), strict=True))
    return Learner(params, buffer, running)


class Adam:
    """Adam of PyTorch, with the L2 term in the gradient; with `largest` AMSGrad."""

    def __init__(self, lr: float, decay: float = 0.0, largest: bool = False):
        self.lr, self.decay, self.largest = lr, decay, largest
        self.count, self.moments = 0, {}

    def step(self, params: Params, grads: Params) -> Params:
        self.count += 1
        moved = {}
        for name, value in params.items():
            g = grads[name] + self.decay * value
            m, v, top = self.moments.get(name, (0.0, 0.0, 0.0))
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            top = np.maximum(top, v) if self.largest else v
            self.moments[name] = m, v, top
            below = np.sqrt(top / (1 - 0.999**self.count)) + 1e-8
            moved[name] = value - self.lr / (1 - 0.9**self.count) * m / below
        return moved
