"""What every loss file must satisfy; a new file in the room is found by itself."""

import functools
import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from meta_noise.config import registry
from meta_noise.losses.verification import verify

CLASSES, ROWS = 4, 6
LOSSES = [name for name in registry.names("losses") if name != "verify"]
STATED = "zero where the target class"  # in a docstring: a row that is certainly right costs nothing
# values of parameters that have no default
NEEDED = {
    "class_counts": np.array([40, 20, 5, 1]),
    "transition": 0.8 * np.eye(CLASSES, dtype=np.float32) + 0.05,
}
# further settings of a loss to be verified, where they change the formula
VARIANTS = {
    "focal": [{"gamma": 0.5}, {"gamma": 2.0, "form": "sigmoid"}],
    "gce": [{"truncate": 0.5}],
    "ldam": [{"beta": 0.9999}],
}


def make(name, settings=None, **needed):
    """Returns the loss `(logits, targets) -> [B]` with values for all that it needs."""
    function = registry.find("losses", name)
    parameters = list(inspect.signature(function).parameters.values())
    assert [parameter.name for parameter in parameters[:2]] == ["logits", "targets"]
    given = {}
    for parameter in parameters[2:]:
        if parameter.default is inspect.Parameter.empty:
            assert parameter.kind is inspect.Parameter.KEYWORD_ONLY, f"{name}: {parameter.name} must follow `*`"
            assert parameter.name in NEEDED, f"give {parameter.name} a value in NEEDED of {__file__}"
            given[parameter.name] = {**NEEDED, **needed}[parameter.name]
    return functools.partial(function, **given, **(settings or {}))


def some(dtype=jnp.float32):
    """Returns logits, classes and soft targets."""
    keys = jax.random.split(jax.random.key(0), 3)
    soft = jax.random.dirichlet(keys[2], jnp.ones(CLASSES), (ROWS,))
    labels = jax.random.randint(keys[1], (ROWS,), 0, CLASSES, jnp.int32)
    return 2 * jax.random.normal(keys[0], (ROWS, CLASSES), dtype), labels, soft.astype(dtype)


def accepted(loss, logits, labels, soft):
    """Returns the targets that the loss does not refuse by ValueError."""
    taken = []
    for targets in (labels, soft):
        try:
            loss(logits, targets)
        except ValueError:
            continue
        taken.append(targets)
    assert taken
    return taken


@pytest.mark.parametrize("name", LOSSES)
def test_is_a_value_per_row_of_the_type_of_the_logits(name):
    loss = make(name)
    logits, labels, soft = some()
    for targets in accepted(loss, logits, labels, soft):
        losses = loss(logits, targets)
        assert losses.shape == (ROWS,) and losses.dtype == logits.dtype
        assert jnp.isfinite(losses).all()


@pytest.mark.parametrize("name", LOSSES)
def test_is_finite_at_extreme_scores(name):
    loss = make(name)
    logits = 1e4 * jnp.array([[1, -1, -1, -1], [-1, 1, 1, 1], [1, 1, 1, 1], [-1, -1, -1, -1], [0, 1, -1, 0]])
    logits = jnp.concatenate([logits, logits])  # [10, C]
    labels = jnp.repeat(jnp.array([0, 1], jnp.int32), 5)
    for targets in accepted(loss, logits, labels, jax.nn.one_hot(labels, CLASSES)):
        gradient = jax.jit(jax.grad(lambda logits, t=targets: loss(logits, t).sum()))(logits)
        assert jnp.isfinite(loss(logits, targets)).all() and jnp.isfinite(gradient).all()


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", LOSSES)
def test_derivatives_are_those_of_finite_differences(name):
    loss = make(name)
    logits, labels, soft = some(jnp.float64)
    targets = accepted(loss, logits, labels, soft)[-1]  # the other kind, and second derivatives: see verify
    function = jax.jit(lambda logits: loss(logits, targets))
    assert function(logits).dtype == jnp.float64
    check_grads(function, (logits,), order=1, modes=("fwd", "rev"))


@pytest.mark.parametrize("name", LOSSES)
def test_certainty_costs_nothing_where_stated(name):
    if STATED not in inspect.getdoc(registry.find("losses", name)):
        pytest.skip("does not state so")
    loss = make(name, transition=np.eye(CLASSES, dtype=np.float32))
    labels = jnp.arange(CLASSES)
    for scale in (100.0, 1e4):
        logits = scale * (2 * jnp.eye(CLASSES) - 1)
        for targets in accepted(loss, logits, labels, jnp.eye(CLASSES)):
            np.testing.assert_allclose(loss(logits, targets), 0, atol=1e-30)


@pytest.mark.parametrize("name, settings", [(name, s) for name in LOSSES for s in [{}, *VARIANTS.get(name, [])]])
def test_passes_the_check_that_users_are_given(name, settings):
    assert verify(make(name, settings), CLASSES)
