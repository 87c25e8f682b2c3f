"""Good losses pass, and each broken one is told what is wrong with it."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.errors import InputError
from meta_noise.losses.cross_entropy import cross_entropy
from meta_noise.losses.targets import shares
from meta_noise.losses.verification import verify


def test_a_good_loss_takes_both_kinds_of_targets():
    with jax.enable_x64(True):  # whatever the caller's precision
        assert verify(jax.jit(cross_entropy), num_classes=2) == ("hard", "soft")


def test_one_kind_of_targets_is_enough():
    assert verify(optax.softmax_cross_entropy) == ("soft",)
    assert verify(optax.softmax_cross_entropy_with_integer_labels) == ("hard",)


def mean(logits, targets):
    return cross_entropy(logits, targets).mean()


def table(logits, targets):
    return -shares(targets, logits) * jax.nn.log_softmax(logits)


def column(logits, targets):
    return cross_entropy(logits, targets)[:, None]


def pair(logits, targets):
    return cross_entropy(logits, targets), targets


def wide_for_soft(logits, targets):
    if targets.ndim == 2:
        return table(logits, targets)
    return cross_entropy(logits, targets)


def random(logits, targets, rng=np.random.default_rng(0)):  # noqa: B008
    return cross_entropy(logits, targets) * rng.uniform(0.5, 1.5)


def branches(logits, targets):
    return cross_entropy(logits, targets) if logits[0, 0] > 0 else 2 * cross_entropy(logits, targets)


def in_numpy(logits, targets):
    return np.log(np.exp(np.asarray(logits)).sum(-1)) - (np.asarray(shares(targets, logits)) * logits).sum(-1)


def tells_tracers_apart(logits, targets):
    return cross_entropy(logits, targets) * (1 + isinstance(logits, jax.core.Tracer))


def settings(logits, targets):
    known = jax.config.jax_default_matmul_precision
    jax.config.update("jax_default_matmul_precision", "float32" if known == "highest" else "highest")
    return cross_entropy(logits, targets)


def constant_in_double(logits, targets):
    return cross_entropy(logits, targets) * jnp.asarray(np.array([2.0]))


def cast_down(logits, targets):
    return cross_entropy(logits.astype(jnp.float32), targets)


def cast_inside(logits, targets):
    return cross_entropy(logits.astype(jnp.float16), targets).astype(logits.dtype)


def constant_in_single(logits, targets):
    return cross_entropy(jax.lax.mul(logits, np.ones(logits.shape, np.float32)), targets)


def eight_rows(logits, targets):
    return cross_entropy(logits.reshape(8, -1), targets)


def at_most_a_hundred(logits, targets):
    if not isinstance(logits, jax.core.Tracer):
        assert jnp.abs(logits).max() <= 100, "too large"
    return cross_entropy(logits, targets)


def called_back(logits, targets):
    shape = jax.ShapeDtypeStruct(logits.shape, logits.dtype)
    return cross_entropy(jax.pure_callback(lambda x: np.asarray(x), shape, logits), targets)


def by_position(logits, targets):
    return cross_entropy(logits, targets) * jnp.arange(1, 1 + len(logits), dtype=logits.dtype)


def shifted(logits, targets):
    return cross_entropy(jnp.roll(logits, 1, 0), targets)


def softmax_over_rows(logits, targets):
    return -(shares(targets, logits) * jax.nn.log_softmax(logits, axis=0)).sum(-1)


def divided(logits, targets):
    return cross_entropy(logits, targets) / len(logits)


def centred(logits, targets):
    losses = cross_entropy(logits, targets)
    return losses - losses.mean()


def log_of_softmax(logits, targets):
    return -(shares(targets, logits) * jnp.log(jax.nn.softmax(logits))).sum(-1)


def naive(logits, targets):
    return jnp.log(jnp.exp(logits).sum(-1)) - (shares(targets, logits) * logits).sum(-1)


def root(logits, targets):
    return jnp.sqrt(cross_entropy(logits, targets))


def hidden_by_where(logits, targets):
    p = (shares(targets, logits) * jax.nn.softmax(logits)).sum(-1)
    return jnp.where(p > 1e-9, -jnp.log(p), 20.0)


def detached(logits, targets):
    p = jax.lax.stop_gradient(jax.nn.softmax(logits))
    return cross_entropy(logits, 0.8 * shares(targets, logits) + 0.2 * p)


@jax.custom_jvp
def half_slope(logits, targets):
    return cross_entropy(logits, targets)


@half_slope.defjvp
def _(primals, tangents):
    logits, targets = primals
    values, slopes = jax.jvp(lambda logits: cross_entropy(logits, targets), (logits,), (tangents[0],))
    return values, slopes / 2


@jax.custom_jvp
def flat_slope(logits, targets):
    return cross_entropy(logits, targets)


@flat_slope.defjvp
def _(primals, tangents):
    logits, targets = primals
    slope = jax.lax.stop_gradient(jax.nn.softmax(logits)) - shares(targets, logits)
    return cross_entropy(logits, targets), (slope * tangents[0]).sum(-1)


@jax.custom_vjp
def reverse_only(logits, targets):
    return cross_entropy(logits, targets)


reverse_only.defvjp(
    lambda logits, targets: (cross_entropy(logits, targets), (logits, targets)),
    lambda saved, cotangent: (cotangent[:, None] * (jax.nn.softmax(saved[0]) - shares(saved[1], saved[0])), None),
)


def smoothed_if_hard(logits, targets):
    if targets.ndim == 1:
        return cross_entropy(logits, 0.9 * shares(targets, logits) + 0.1 / logits.shape[-1])
    return cross_entropy(logits, targets)


BROKEN = [
    (lambda logits: logits.sum(-1), r"takes neither integer classes .B. nor soft .*TypeError"),
    (mean, r"shape \(8,\), got \(\)\. Leave out the mean"),
    (table, r"got \(8, 5\)\. Sum over classes"),
    (column, r"got \(8, 1\)\. Drop the last axis"),
    (pair, "got tuple. Return one array"),
    (wide_for_soft, r"with soft targets, .*got \(8, 5\).*raise ValueError for them"),
    (random, "another value when called again.*random numbers"),
    (branches, "fails under jax.jit .*TracerBoolConversionError.*jnp.where in place of `if`"),
    (in_numpy, "fails under jax.jit .*TracerArrayConversionError.*jnp in place of np"),
    (tells_tracers_apart, "gives another value under jax.jit"),
    (settings, "traced again in the next call.*setting of JAX"),
    (cast_down, "got float64 and gave float32.*Leave out the cast"),
    (constant_in_single, "fails for float64 .*cast to a fixed type"),
    (eight_rows, r"fails for a single row .*logits.shape.0."),
    (at_most_a_hundred, r'fails in the check "finite" .AssertionError: too large.*finite scores'),
    (called_back, "fails under jax.vmap"),
    (by_position, "another value when the order of the rows changes.*position"),
    (shifted, "another value when the order of the rows changes.*row by row"),
    (softmax_over_rows, "gives a row alone another value.*axis -1, not over rows"),
    (divided, "gives a row alone another value.*do not divide by the number of rows"),
    (centred, 'gives a row alone another value.*skip=."rows",.'),
    (log_of_softmax, "must have a finite value, got .*log_softmax"),
    (naive, "must have a finite value, got inf"),
    (root, "must have a finite (gradient|second derivative), got .*clip before a root"),
    (hidden_by_where, r"must have a finite gradient, got \[nan.*jnp.where hides"),
    (cast_inside, "wrong gradient.*smaller type"),
    (detached, "wrong gradient: .* finite differences give .*stop_gradient"),
    (half_slope, "wrong gradient"),
    (flat_slope, "wrong second derivative"),
    (reverse_only, "cannot be differentiated .*custom_jvp in place of jax.custom_vjp"),
    (smoothed_if_hard, "another value than for the same classes as one-hot rows"),
]


@pytest.mark.parametrize("loss, message", BROKEN, ids=[loss.__name__ for loss, _ in BROKEN])
def test_a_broken_loss_is_told_why(loss, message):
    precision = jax.config.jax_default_matmul_precision
    try:
        with pytest.raises(InputError, match=f"(?s)^Loss {loss.__name__}.*{message}"):
            verify(loss)
    finally:
        jax.config.update("jax_default_matmul_precision", precision)


def test_a_check_may_be_left_out():
    assert verify(centred, skip=("rows", "gradient")) == ("hard", "soft")
    assert verify(detached, skip=("gradient",)) == ("hard", "soft")
    with pytest.raises(InputError, match="Did you mean 'rows'"):
        verify(centred, skip=("row",))


def test_what_cannot_be_tried_is_refused():
    with pytest.raises(InputError, match="num_classes=1"):
        verify(cross_entropy, num_classes=1)


def test_a_partial_function_keeps_its_name():
    with pytest.raises(InputError, match=r"^Loss mean, with integer classes, must give"):
        verify(functools.partial(mean))


def test_constants_in_double_precision_do_no_harm():
    assert verify(constant_in_double)
