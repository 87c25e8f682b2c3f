"""Truncated meta-gradients against reverse mode through the last steps alone; in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.core.meta_gradient import mixed_mode, unrolled
from meta_noise.core.truncation import truncated
from tests.core import quadratic
from tests.core.test_meta_gradient import OPTIMISERS, PROBLEMS, _error, _setting
from tests.core.test_windows import joined, make
from tests.toy import toy_batch

pytestmark = pytest.mark.usefixtures("float64")


def setting():
    return _setting(PROBLEMS["mw_net_live"](), OPTIMISERS["heavy_ball_decay"](), 3)


def solve(engine, inner, outer_loss, start, batches, meta_params):
    def solved(start, batches, meta_params):
        state = engine.init(jax.random.key(0), start.params, meta_params)
        outer = engine.value_and_grad(jax.random.key(0), state, inner, outer_loss, start, batches, meta_params)
        return outer._replace(passed=None), outer.passed is None

    return jax.jit(solved)(start, batches, meta_params)


def by_hand(last, inner, outer_loss, start, batches, meta_params):
    """Returns the gradient by reverse mode where the steps before the last ones are constants."""

    def outer(meta_params):
        carry, stats = (start.params, start.opt_state), start.batch_stats
        for number, batch in enumerate(batches):

            def loss(params, stats=stats, batch=batch):
                return inner.loss(inner.forward(params, stats, batch)[0], meta_params, batch)

            carry, stats = inner.update(jax.grad(loss)(carry[0]), carry), inner.forward(carry[0], stats, batch)[1]
            if number < len(batches) - last:
                carry, stats = jax.lax.stop_gradient((carry, stats))
        return outer_loss(carry[0], stats)

    return jax.jit(jax.grad(outer))(meta_params)


@pytest.mark.parametrize("last", [2, *(pytest.param(last, marks=pytest.mark.slow) for last in (1, 3))])
def test_the_last_terms_of_the_sum_in_numpy(last):
    start = np.linspace(-1, 1, quadratic.SIZE)
    found, _ = solve(truncated(mixed_mode(), last), *quadratic.setting(3, start))
    path = [start]
    for _ in range(3):
        path.append(quadratic.after(path[-1]))
    slope, total = path[3] - quadratic.TARGET, 0.0
    for theta in reversed(path[3 - last : 3]):
        total = total - quadratic.RATE * quadratic.mixed_derivative(theta) @ slope
        slope = quadratic.STEP @ slope
    np.testing.assert_allclose(found.grads, total, rtol=1e-9)
    np.testing.assert_allclose(found.virtual.params, path[3], rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("last", [1, 2, 3])
def test_the_last_steps_alone_are_differentiated(last):
    given = setting()
    found, no_pass = solve(truncated(mixed_mode(), last), *given)
    assert _error(found.grads, by_hand(last, *given)) < 1e-10
    assert len(found.outputs) == 3 and no_pass


@pytest.mark.slow
def test_all_steps_are_the_exact_gradient_and_fewer_are_not():
    given = setting()
    exact, _ = solve(unrolled(), *given)
    errors = []
    for last in (1, 2, 3):
        found, _ = solve(truncated(mixed_mode(), last), *given)
        errors.append(_error(found.grads, exact.grads))
        for field in ("value", "virtual", "outer_grads", "outputs"):
            assert _error(getattr(found, field), getattr(exact, field)) < 1e-10, field
    assert errors[0] > errors[1] > 1e-6 and errors[2] < 1e-8


@pytest.mark.parametrize("steps", [1, 2])
def test_shapes_and_types_are_those_of_the_engine(steps):
    inner, outer_loss, *given = quadratic.setting(steps)

    def kinds(engine):
        def solved(start, batches, meta_params):
            outer = engine.value_and_grad(jax.random.key(0), (), inner, outer_loss, start, batches, meta_params)
            return outer._replace(passed=None)

        return jax.tree.map(lambda x: (x.shape, x.dtype), jax.eval_shape(solved, *given))

    assert kinds(truncated(mixed_mode(), 1)) == kinds(mixed_mode())


def test_a_method_takes_every_step():
    method = make(PROBLEMS["mw_net_weights"](), truncated(mixed_mode(), 1), steps=2)
    batch = joined(toy_batch(0), toy_batch(1))
    start = method.init(jax.random.key(0), batch)
    state, info = jax.eval_shape(method.step, jax.random.key(1), start, batch, toy_batch(9))
    assert state.step.dtype == jnp.int32 and info.rows.weights.shape == batch.labels.shape


@pytest.mark.parametrize(("last", "words"), [(0, "at least 1 virtual step, got 0"), (4, "last 4 of 3 virtual steps")])
def test_what_cannot_be(last, words):
    inner, outer_loss, start, batches, meta_params = quadratic.setting(3)
    with pytest.raises(ValueError, match=words):
        engine = truncated(mixed_mode(), last)
        engine.value_and_grad(jax.random.key(0), (), inner, outer_loss, start, batches, meta_params)
