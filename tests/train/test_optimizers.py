"""Learning-rate schedules against their formulas."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.build.defaults import resolved
from meta_noise.build.method import make_method
from meta_noise.build.optimizer import Lengths
from meta_noise.config.parse import parse
from meta_noise.errors import InputError
from meta_noise.train.optimizers import DIFFERENTIABLE, OPTIMIZERS, cosine_restarts
from tests.toy import toy_network


def rates(schedule, steps):
    return np.array([float(schedule(step)) for step in steps])


def restarts(values):
    """Returns the steps at which the rate goes up."""
    return (np.flatnonzero(np.diff(values) > 0) + 1).tolist()


def test_cosine_restarts_are_the_cycles_of_ieg():
    """500 steps, then 1.5 times longer each: ends at 500, 1250, 2375, 4062; first rates 0.9 times the one before."""
    schedule = cosine_restarts(0.1, steps=4200, steps_per_epoch=500)
    bounds = [0, 500, 1250, 2375, 4062]
    np.testing.assert_allclose(rates(schedule, bounds), 0.1 * 0.9 ** np.arange(5), rtol=1e-5)
    ends = np.array(bounds[1:]) - 1
    assert (rates(schedule, ends) < 1e-5 * 0.1).sum() >= 3 and (rates(schedule, ends) < 2e-5 * 0.1).all()
    near = [step for bound in bounds for step in range(max(bound - 3, 0), bound + 3)]
    found = rates(schedule, near)
    assert [near[i] for i in restarts(found) if near[i] - near[i - 1] == 1] == bounds[1:]
    for begin, end, height in zip(bounds[:-1], bounds[1:], 0.1 * 0.9 ** np.arange(4), strict=True):
        steps = np.linspace(begin, end - 1, 7).astype(int)
        expected = height / 2 * (1 + np.cos(np.pi * (steps - begin) / (end - begin)))
        np.testing.assert_allclose(rates(schedule, steps), expected, rtol=1e-4, atol=1e-7)


def test_the_thirteenth_cycle_of_ieg_ends_near_193_600():
    schedule = cosine_restarts(0.1, steps=200_000, steps_per_epoch=500)
    values = rates(schedule, range(193_600, 193_640))
    assert restarts(values) == [20]  # 1000 (1.5^13 - 1) = 193,619.5, the even neighbour of it
    np.testing.assert_allclose(values[20], 0.1 * 0.9**13, rtol=1e-5)


@pytest.mark.parametrize(
    ("steps", "cycles", "growth"),
    [(11, 3, 1.5), (100, 3, 1.5), (101, 4, 1.5), (57, 5, 1.3), (40, 1, 2.0), (20, 6, 1.0)],
)
def test_a_number_of_cycles_fills_the_run(steps, cycles, growth):
    """The last cycle ends with the run, whatever the lengths are rounded to; none begins just before the end."""
    values = rates(cosine_restarts(1.0, steps, 10, first=99.0, growth=growth, cycles=cycles), range(steps + 1))
    assert abs(values[steps]) < 1e-6
    starts = [0, *restarts(values)]
    assert len(starts) == cycles
    np.testing.assert_allclose(values[starts], 0.9 ** np.arange(cycles), rtol=1e-5)
    lengths, exact = np.diff([*starts, steps]), growth ** np.arange(cycles)
    assert (np.abs(lengths - steps * exact / exact.sum()) <= 1).all()


def test_without_growth_and_decay_all_cycles_are_alike():
    values = rates(cosine_restarts(1.0, 12, 2, first=2.0, growth=1.0, decay=1.0), range(12))
    assert restarts(values) == [4, 8]
    np.testing.assert_allclose(values[:4], values[8:], rtol=1e-5)


@pytest.mark.parametrize("setting", [{"growth": 0.5}, {"first": 0.0}, {"cycles": -1}])
def test_wrong_settings_are_one_sentence(setting):
    config = resolved(parse({"schedule": {"name": "cosine_restarts", **setting}}))
    with pytest.raises(InputError, match="growth >= 1, first > 0 and cycles >= 0") as caught:
        make_method(config, toy_network(), Lengths(100, 10))
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_adam_is_that_of_optax_unless_it_is_differentiated(name):
    """Gradients of 1e-9 tell the forms apart: by Adam's formula the first step of each is g / (|g| + 1e-8)."""
    params, grads = jnp.array([0.5, 1.0]), jnp.array([1e-9, 1e-2])
    plain, smooth = (table[name](1.0, weight_decay=0.0) for table in (OPTIMIZERS, DIFFERENTIABLE))
    found, _ = plain.update(grads, plain.init(params), params)
    np.testing.assert_allclose(found, -grads / (jnp.abs(grads) + 1e-8), rtol=1e-12)
    apart, _ = smooth.update(grads, smooth.init(params), params)
    np.testing.assert_allclose(apart, -grads / (jnp.sqrt(grads**2 + 1e-16) + 1e-8), rtol=1e-12)
    slope = jax.jacobian(lambda g: smooth.update(g, smooth.init(params), params)[0])(jnp.zeros(2))
    assert np.isfinite(slope).all()


@pytest.mark.parametrize(("virtual", "smooth"), [("live", True), ("plain_sgd", False)])
def test_only_a_live_virtual_step_takes_the_smooth_form(virtual, smooth):
    method = {"live": {"name": "mlc_lcn", "embedding": 3, "hidden": 4}, "plain_sgd": {"name": "mw_net", "hidden": 4}}
    config = resolved(parse({"method": method[virtual], "optimizer": {"name": "adam", "lr": 1.0}}))
    assert config.meta is not None and config.meta.virtual.name == virtual
    seen = []

    def looks(lr, b1=0.9, b2=0.999, weight_decay=0.0, clip=0.0):
        seen.append(lr)
        return optax.sgd(lr)

    table = DIFFERENTIABLE if smooth else OPTIMIZERS
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(table, "adam", looks)
        make_method(config, toy_network(), Lengths(10, 5))
    rates_seen = [
        callable(lr) for lr in seen
    ]  # of all phases; the classifier's rate is a schedule, the meta optimiser's a number
    assert set(rates_seen) == ({True} if smooth else {True, False})
