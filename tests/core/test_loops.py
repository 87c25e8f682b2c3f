"""Steps in loops: convolutions come in the order that is fast there, and a step is compiled once for all."""

import functools
import re

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from meta_noise.core.bilevel import bilevel
from meta_noise.core.loops import apart, one_by_one
from meta_noise.core.virtual import live
from meta_noise.methods.mw_net import mw_net
from meta_noise.train.sharding import placement
from tests.core.test_windows import joined
from tests.toy import toy_batch, toy_network

ORDERS = {1: ("NWC", "WIO", "NWC"), 2: ("NHWC", "HWIO", "NHWC"), 3: ("NDHWC", "DHWIO", "NDHWC")}


def convolved(images, kernels, dimensions, stride=1, dilation=1, groups=1):
    return jax.lax.conv_general_dilated(
        images,
        kernels,
        (stride,) * dimensions,
        "SAME",
        rhs_dilation=(dilation,) * dimensions,
        dimension_numbers=ORDERS[dimensions],
        feature_group_count=groups,
    )


def drawn(dimensions, groups=1):
    draw = np.random.default_rng(0)
    kernels = draw.standard_normal((*[3] * dimensions, 4 // groups, 8))
    return jnp.asarray(draw.standard_normal((2, *[5] * dimensions, 4))), jnp.asarray(kernels)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(
    ("dimensions", "settings"),
    [(1, {}), (2, {}), (2, {"stride": 2}), (2, {"dilation": 2}), (2, {"groups": 2}), (2, {"groups": 4}), (3, {})],
)
def test_second_derivatives_of_convolutions(dimensions, settings):
    """Against central differences; those of groups take a way of their own. In a loop the numbers are the same."""
    images, kernels = drawn(dimensions, settings.get("groups", 1))

    def slopes(images, kernels):
        return jax.grad(lambda *x: jnp.sin(convolved(*x, dimensions, **settings)).sum(), (0, 1))(images, kernels)

    def curve(images, kernels):
        return sum((slope**2).sum() for slope in slopes(images, kernels))

    second = jax.jit(jax.grad(curve, (0, 1)))(images, kernels)
    along = [jnp.asarray(np.random.default_rng(1).standard_normal(x.shape)) for x in (images, kernels)]
    high, low = (curve(images + step * along[0], kernels + step * along[1]) for step in (1e-6, -1e-6))
    expected = sum((slope * way).sum() for slope, way in zip(second, along, strict=True))
    np.testing.assert_allclose((high - low) / 2e-6, expected, rtol=1e-6)

    def looped(images, kernels):
        return jax.lax.scan(lambda carry, _: (carry, jax.grad(curve, (0, 1))(carry, kernels)), images, None, 2)[1]

    for found, one in zip(jax.jit(looped)(images, kernels), second, strict=True):
        np.testing.assert_allclose(found[1], one, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("placed", [False, True])
def test_every_convolution_is_one_that_is_fast_in_a_loop(groups, placed):
    """On a mesh of devices, too, as those of a run are."""
    images, kernels = drawn(2, groups)
    if placed:
        images, kernels = jax.device_put((images, kernels), placement(1).replicated)

    def loss(images, kernels):
        return (convolved(images, kernels, 2, stride=2, groups=groups) ** 2).sum()

    text = jax.jit(jax.grad(loss, (0, 1))).lower(images, kernels).as_text()
    orders = re.findall(r"dim_numbers = (\S.*?),\s*window", text)
    assert orders == ["[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]"] * 3
    assert not re.search(r"batch_group_count = [2-9]", text)


def test_steps_one_by_one():
    def step(total, batch):
        return total + batch["x"], {"before": total}

    batches = [{"x": jnp.float32(x)} for x in (1.0, 2.0, 4.0)]
    for count in (1, 3):
        total, beside = one_by_one(step, jnp.float32(0.0), batches[:count])
        assert float(total) == (1.0 if count == 1 else 7.0)
        assert [float(one["before"]) for one in apart(beside, count)] == [0.0, 1.0, 3.0][:count]


def test_a_program_does_not_grow_with_its_virtual_steps():
    @functools.cache
    def lines(steps):
        method = bilevel(
            mw_net(hidden=4), toy_network(), optax.adam(0.1), optax.sgd(0.1), virtual=live()._replace(steps=steps)
        )
        batch = joined(*[toy_batch(seed) for seed in range(steps)])
        state = jax.eval_shape(method.init, jax.random.key(0), batch)
        return len(jax.jit(method.step).lower(jax.random.key(0), state, batch, toy_batch(9)).as_text().splitlines())

    further = (lines(6) - lines(3)) / 3
    assert further < 0.05 * lines(3)  # slices of the batches and of what the steps gave
