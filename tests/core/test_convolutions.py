"""Convolutions on CPUs: the same numbers and derivatives, in the order of axes that is fast; few channels quickly."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import meta_noise.core.convolutions  # noqa: F401  (lowers them)
from meta_noise.train.sharding import placement

ORDERS = {1: ("NWC", "WIO", "NWC"), 2: ("NHWC", "HWIO", "NHWC"), 3: ("NDHWC", "DHWIO", "NDHWC")}


FAST = "[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]"


def convolved(images, kernels, dimensions, stride=1, dilation=1, groups=1, padding="SAME"):
    return jax.lax.conv_general_dilated(
        images,
        kernels,
        (stride,) * dimensions,
        padding,
        rhs_dilation=(dilation,) * dimensions,
        dimension_numbers=ORDERS[dimensions],
        feature_group_count=groups,
    )


def drawn(dimensions, groups=1, channels=4, size=5):
    draw = np.random.default_rng(0)
    kernels = draw.standard_normal((*[3] * dimensions, channels // groups, 8))
    return jnp.asarray(draw.standard_normal((8, *[size] * dimensions, channels))), jnp.asarray(kernels)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(
    ("dimensions", "settings"),
    [(1, {}), (2, {}), (2, {"stride": 2}), (2, {"dilation": 2}), (2, {"groups": 2}), (2, {"groups": 4}), (3, {})],
)
@pytest.mark.parametrize(("channels", "size"), [(4, 5), (8, 5), (8, 3)])
def test_second_derivatives_of_convolutions(dimensions, settings, channels, size):
    """Against central differences; those of groups take a way of their own, and so do few channels in two dimensions,
    and in the gradient those of a single pixel. In a loop the numbers are the same."""
    images, kernels = drawn(dimensions, settings.get("groups", 1), channels, size)
    settings = settings | ({"padding": "VALID"} if size == 3 and "dilation" not in settings else {})

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
    images, kernels = drawn(2, groups, channels=8)
    if placed:
        images, kernels = jax.device_put((images, kernels), placement(1).replicated)

    def loss(images, kernels):
        return (convolved(images, kernels, 2, stride=2, groups=groups) ** 2).sum()

    text = jax.jit(jax.grad(loss, (0, 1))).lower(images, kernels).as_text()
    orders = re.findall(r"dim_numbers = (\S.*?),\s*window", text)
    assert orders == [FAST] * 3
    assert not re.search(r"batch_group_count = [2-9]", text)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("settings", [{}, {"stride": 2}, {"dilation": 2}, {"padding": "VALID"}])
def test_few_channels_are_written_out(settings):
    """Numbers as those of the sum in NumPy; programs have no convolution, but one where channels are many."""
    images, kernels = drawn(2, channels=3, size=7)
    stride, dilation = settings.get("stride", 1), settings.get("dilation", 1)
    lowered = jax.jit(lambda *x: convolved(*x, 2, **settings)).lower(images, kernels)
    assert "stablehlo.convolution" not in lowered.as_text()
    found = np.asarray(lowered.compile()(images, kernels))
    span = 2 * dilation + 1
    before = 0 if settings.get("padding") == "VALID" else max((found.shape[1] - 1) * stride + span - 7, 0) // 2
    padded = np.pad(np.asarray(images), ((0, 0), (before, span), (before, span), (0, 0)))
    for row, column in np.ndindex(found.shape[1:3]):
        seen = padded[:, row * stride :, column * stride :][:, :span:dilation, :span:dilation]
        np.testing.assert_allclose(found[:, row, column], np.einsum("bijc,ijco->bo", seen, kernels), rtol=1e-12)
    many = jax.jit(lambda *x: convolved(*x, 2)).lower(*drawn(2, channels=5))
    assert many.as_text().count("stablehlo.convolution") == 1


def test_few_channels_are_computed_once():
    """Equal convolutions are merged, and none is computed again in what uses it."""
    images, kernels = drawn(2, channels=3, size=8)

    def twice(images, kernels):
        return jnp.sin(convolved(images, kernels, 2)).sum() + jnp.cos(convolved(images, kernels, 2)).max((1, 2)).sum()

    compiled = jax.jit(twice).lower(images, kernels).compile()
    assert compiled.as_text().count(" conditional(") == 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_kernels_that_are_not_finite(value):
    images, kernels = drawn(2, channels=1)
    found = np.asarray(jax.jit(lambda *x: convolved(*x, 2))(images, kernels.at[0, 0, 0, 0].set(value)))
    assert not np.isfinite(found[..., 0]).all()


def test_the_gradient_of_a_single_pixel_is_a_product():
    """The gradient by the images of a kernel that sees all of them at once; the one by kernels stays a convolution."""
    images, kernels = drawn(2, channels=8, size=3)

    def loss(images, kernels):
        return (convolved(images, kernels, 2, padding="VALID") ** 2).sum()

    text = jax.jit(jax.grad(loss, (0, 1))).lower(images, kernels).as_text()
    assert text.count("stablehlo.convolution") == 2
    assert text.count("stablehlo.dot_general") == 1
