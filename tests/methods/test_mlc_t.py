"""MLC-T: its matrix gradients against closed forms and central differences, its steps against NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.core.bilevel import bilevel
from meta_noise.core.meta_gradient import mixed_mode, unrolled
from meta_noise.core.virtual import plain_sgd
from meta_noise.losses.cross_entropy import mean_cross_entropy
from meta_noise.methods.mlc_t import defaults, mlc_t
from meta_noise.train.optimizers import OPTIMIZERS
from meta_noise.types import Batch, Inner, Learner, Network, Outputs
from tests.toy import CLASSES, separable, toy_batch, toy_network

MODES = ("prob_persistent", "logits_reset")
RATE = 0.3


def meta_rule(mode):
    """Returns the meta optimiser that the method's file names for a mode."""
    settings = dict(defaults(mode)["optimizer"])
    return OPTIMIZERS[settings.pop("name")](**settings)


def outer_of(mode, engine, batch, clean):
    """Returns `matrix -> Outer`, compiled, and the classifier's start and forward pass."""
    problem, network, tx = mlc_t(mode), toy_network(), optax.sgd(RATE)
    params, stats = network.init(jax.random.key(3), batch.inputs)
    start = Learner(params, stats, tx.init(params))

    def forward(params, stats, batch):
        return network.apply((params, stats), batch.inputs, True)

    def outer_loss(params, stats):
        return problem.outer_loss(forward(params, stats, clean)[0], clean)

    inner = Inner(forward, lambda o, m, b: problem.inner_loss(o, m, b)[0], plain_sgd(RATE).rule(tx, 0))

    @jax.jit
    def solve(matrix):
        return engine.value_and_grad(jax.random.key(0), (), inner, outer_loss, start, (batch,), matrix)

    def logits(params):
        return forward(params, stats, batch)[0].logits

    return solve, start.params, logits


def on_probabilities(z, tangent, labels, matrix):
    """`dT[c, k_i] = -(1/B) (p_ic / q_i) (zdot_ic - <pi_i, zdot_i>)`, with T + 1e-7 in place of T."""
    slope = np.zeros_like(matrix)
    for z_i, tangent_i, k in zip(z, tangent, labels, strict=True):
        p = np.exp(z_i) / np.exp(z_i).sum()
        joint = p * (matrix[:, k] + 1e-7)
        q = joint.sum()
        slope[:, k] -= p / q * (tangent_i - np.dot(joint / q, tangent_i)) / len(labels)
    return slope


def on_logits(z, tangent, labels, matrix):
    """`sum_i zdot_i^T (r_i - y_i) + z_i^T (r_i * a_i - r_i <r_i, a_i>)`, `r_i = softmax(z_i T)`, `a_i = zdot_i T`."""
    slope = np.zeros_like(matrix)
    for z_i, tangent_i, k in zip(z, tangent, labels, strict=True):
        r = np.exp(z_i @ matrix) / np.exp(z_i @ matrix).sum()
        a = tangent_i @ matrix
        slope += np.outer(tangent_i, r - np.eye(len(r))[k]) + np.outer(z_i, r * a - r * np.dot(r, a))
    return slope


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("engine", [mixed_mode(), unrolled()], ids=["mixed_mode", "unrolled"])
@pytest.mark.parametrize(("mode", "closed_form"), [(MODES[0], on_probabilities), (MODES[1], on_logits)])
def test_gradient_by_the_matrix(mode, closed_form, engine):
    batch, clean = toy_batch(0), toy_batch(100)
    solve, params, logits = outer_of(mode, engine, batch, clean)
    inside = np.random.default_rng(0).uniform(0.1, 1, (CLASSES, CLASSES))  # any positive matrix will do
    for matrix in (np.eye(CLASSES), inside):
        outer = solve(jnp.asarray(matrix))
        z, tangent = jax.jvp(logits, (params,), (outer.direction,))
        expected = closed_form(np.asarray(z), np.asarray(tangent), np.asarray(batch.labels), matrix)
        np.testing.assert_allclose(outer.grads, expected, rtol=1e-9, atol=1e-14)

    numeric = np.zeros_like(inside)
    for place in np.ndindex(*inside.shape):
        shift = np.zeros_like(inside)
        shift[place] = 1e-5
        numeric[place] = (solve(jnp.asarray(inside + shift)).value - solve(jnp.asarray(inside - shift)).value) / 2e-5
    np.testing.assert_allclose(outer.grads, numeric, rtol=1e-5, atol=1e-9)


@pytest.mark.usefixtures("float64")
def test_identity_is_cross_entropy_and_reports_the_given_label():
    problem, batch = mlc_t(), toy_batch(0)
    outputs = Outputs(jax.random.normal(jax.random.key(0), (8, CLASSES)), None)
    matrix = problem.init_meta(jax.random.key(0), batch, outputs)
    loss, rows = problem.inner_loss(outputs, matrix, batch)
    np.testing.assert_allclose(loss, mean_cross_entropy(outputs, batch), rtol=1e-5)
    np.testing.assert_allclose(rows.targets, jax.nn.one_hot(batch.labels, CLASSES), atol=1e-5)
    assert rows.weights is None


@pytest.mark.usefixtures("float64")
def test_a_class_absent_from_the_batch_keeps_its_column_before_the_rows_are_normalised():
    batch = toy_batch(0)._replace(labels=jnp.array([0, 1, 1, 0, 1, 0, 0, 1], jnp.int32))
    grads = outer_of("prob_persistent", mixed_mode(), batch, toy_batch(100))[0](jnp.eye(CLASSES)).grads
    np.testing.assert_array_equal(grads[:, 2], 0)
    assert np.linalg.norm(grads[:, :2]) > 1e-4


def linear_network(scale=1.0) -> Network:
    """Returns the classifier `z = x W`, with random `W` [5, 3]."""

    def init(key, inputs):
        return {"kernel": scale * jax.random.normal(key, (inputs.shape[-1], CLASSES))}, {}

    def apply(variables, inputs, train, key=None):
        return Outputs(inputs @ variables[0]["kernel"], inputs), {}

    return Network(init, apply, ("kernel",))


def softmax(z):
    return np.exp(z) / np.exp(z).sum(1, keepdims=True)


def slope_by_kernel(kernel, x, labels, matrix, mode):
    """Returns the derivative of the inner loss by the kernel, by hand."""
    z, given = x @ kernel, np.eye(CLASSES)[labels]
    if mode == "logits_reset":
        return x.T @ ((softmax(z @ matrix) - given) @ matrix.T)
    joint = softmax(z) * (matrix[:, labels].T + 1e-7)
    return x.T @ (softmax(z) - joint / joint.sum(1, keepdims=True)) / len(labels)


def numpy_step(mode, kernel, buffer, matrix, batch, clean, size, virtual_rate, meta_rate):
    """Returns (kernel, buffer, matrix) after virtual, meta (by central differences), projection and actual step."""
    (x, labels), (clean_x, clean_labels) = batch, clean

    def outer(matrix):
        virtual = kernel - virtual_rate * slope_by_kernel(kernel, x, labels, matrix, mode)
        return -np.log(softmax(clean_x @ virtual)[range(len(clean_labels)), clean_labels]).mean()

    matrix = np.eye(CLASSES) if mode == "logits_reset" else matrix
    slope = np.zeros_like(matrix)
    for place in np.ndindex(*matrix.shape):
        shift = np.zeros_like(matrix)
        shift[place] = 1e-6
        slope[place] = (outer(matrix + shift) - outer(matrix - shift)) / 2e-6
    matrix = np.maximum(matrix - meta_rate * slope, 0)
    matrix = matrix / matrix.sum(axis=0 if mode == "logits_reset" else 1, keepdims=True)
    buffer = 0.9 * buffer + slope_by_kernel(kernel, x, labels, matrix, mode) + 5e-4 * kernel
    return kernel - size * buffer, buffer, matrix


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("mode", MODES)
def test_two_steps_equal_numpy(mode):
    """The second step starts from a matrix other than the identity where it is kept, and from a used buffer."""
    size = 0.1
    tx = optax.chain(optax.add_decayed_weights(5e-4), optax.sgd(size, momentum=0.9))
    rate = defaults(mode)["virtual"]["rate"]
    virtual_rate = size if rate == "lr" else rate
    method = bilevel(mlc_t(mode), linear_network(), tx, meta_rule(mode), virtual=plain_sgd(virtual_rate))
    state = method.init(jax.random.key(0), toy_batch(0))
    kernel, matrix = np.asarray(state.learner.params["kernel"]), np.eye(CLASSES)
    buffer, start = np.zeros_like(kernel), kernel
    plain, plain_buffer = kernel, buffer
    step = jax.jit(method.step)
    for seed in (1, 2):
        batch, clean = toy_batch(seed), toy_batch(seed + 10)
        before = jax.tree.map(lambda x: (x.shape, x.dtype), state)
        state, info = step(jax.random.key(seed), state, batch, clean)
        assert jax.tree.map(lambda x: (x.shape, x.dtype), state) == before
        arrays = [(np.asarray(b.inputs), np.asarray(b.labels)) for b in (batch, clean)]
        rates = (size, virtual_rate, defaults(mode)["optimizer"]["lr"])
        kernel, buffer, matrix = numpy_step(mode, kernel, buffer, matrix, *arrays, *rates)
        plain, plain_buffer, _ = numpy_step(mode, plain, plain_buffer, np.eye(CLASSES), *arrays, *rates[:2], 0.0)
        np.testing.assert_allclose(state.learner.params["kernel"], kernel, rtol=1e-8, atol=1e-9)
        if mode == "prob_persistent":
            np.testing.assert_allclose(state.meta.params, matrix, rtol=1e-7, atol=1e-9)
            np.testing.assert_allclose(state.meta.params.sum(1), 1, rtol=1e-12)
            assert (state.meta.params >= 0).all() and info.rows.targets is not None
        else:
            assert state.meta.params == () and info.rows.targets is None
            np.testing.assert_allclose(matrix.sum(0), 1, rtol=1e-12)
    # What is compared to nine digits is far from no step, and from steps without a meta step.
    assert abs(kernel - start).max() > 0.01 and abs(kernel - plain).max() > 1e-5


@pytest.mark.parametrize("mode", MODES)
def test_finite_where_probabilities_underflow(mode):
    tx = optax.sgd(1e-2)
    method = bilevel(mlc_t(mode), linear_network(scale=1e4), tx, meta_rule(mode), virtual=plain_sgd(1e-2))
    state, step = method.init(jax.random.key(0), toy_batch(0)), jax.jit(method.step)
    for seed in (1, 2):
        state, info = step(jax.random.key(seed), state, toy_batch(seed), toy_batch(seed + 10))
        assert all(np.isfinite(x).all() for x in jax.tree.leaves((state, info)))


@pytest.mark.slow
def test_learns_the_transition():
    """Class c is observed as c + 1 in 40% of its rows: the matrix halves its distance from that, to the right side."""
    transition = 0.6 * np.eye(CLASSES) + 0.4 * np.roll(np.eye(CLASSES), 1, axis=1)
    inputs, _, truth = separable(0, 400, 0.0)
    clean_inputs, _, clean_labels = separable(1, 30, 0.0)
    flipped = jax.random.uniform(jax.random.key(7), truth.shape) < 0.4
    labels = jnp.where(flipped, (truth + 1) % CLASSES, truth).astype(jnp.int32)
    clean = Batch(clean_inputs, clean_labels, jnp.full(30, -1, jnp.int32))
    tx = optax.sgd(0.05, momentum=0.9)
    method = bilevel(mlc_t(), toy_network(), tx, meta_rule("prob_persistent"), virtual=plain_sgd(0.05))

    def batch_at(step):
        rows = jax.random.randint(jax.random.fold_in(jax.random.key(5), step), (50,), 0, 400, jnp.int32)
        return Batch(inputs[rows], labels[rows], rows)

    @jax.jit
    def train(state):
        def body(state, step):
            state, info = method.step(jax.random.fold_in(jax.random.key(1), step), state, batch_at(step), clean)
            return state, info.rows

        return jax.lax.scan(body, state, jnp.arange(300))

    state, rows = train(method.init(jax.random.key(0), batch_at(0)))
    learned = np.asarray(state.meta.params)
    assert np.linalg.norm(learned - transition) < 0.6 * np.linalg.norm(np.eye(CLASSES) - transition)
    assert learned[transition == 0].max() < 0.05 < 0.1 < learned[transition == 0.4].min()
    last = jax.tree.map(lambda x: x[-50:].reshape(-1, *x.shape[2:]), rows)
    corrected = jnp.mean(jnp.argmax(last.targets, -1) == truth[last.index])
    assert corrected > 0.9 > 0.7 > jnp.mean(labels[last.index] == truth[last.index])


def test_unknown_mode_is_refused():
    for function in (mlc_t, defaults):
        with pytest.raises(ValueError, match="logits_reset"):
            function("logits")
