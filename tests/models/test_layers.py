import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.models.layers import (
    NormActivation,
    PooledHead,
    block_groups,
    check_dropout,
    check_positive,
    check_size,
    he_normal_out,
    max_pool,
    torch_uniform,
)
from meta_noise.types import Outputs
from tests.models import plain
from tests.models.compiled import start


def test_he_normal_out_counts_what_a_pixel_feeds():
    values = np.asarray(he_normal_out(jax.random.key(0), (3, 3, 400, 50)))
    np.testing.assert_allclose(values.std(), (2 / (3 * 3 * 50)) ** 0.5, rtol=0.01)
    assert np.abs(values).max() > 3 * values.std()


def test_torch_uniform_fills_its_interval():
    values = np.asarray(torch_uniform(jax.random.key(0), (3, 3, 4, 1000)))
    np.testing.assert_allclose([values.min(), values.max()], [-1 / 6, 1 / 6], atol=1e-3)
    np.testing.assert_allclose(values.std(), 1 / 6 / 3**0.5, rtol=0.02)


@pytest.mark.parametrize("side", [6, 7])
def test_max_pool(side):
    x = plain.some(2, side, 5, 3)
    np.testing.assert_allclose(max_pool(jnp.asarray(x)), plain.pool(x), rtol=1e-6)


@pytest.mark.usefixtures("float64")
def test_norm_activation():
    formula = lambda params, x: np.abs(plain.normalise(x, params["norm0"]))  # noqa: E731
    plain.agree(NormActivation(jnp.abs), formula, plain.some(4, 3, 3, 2))


def test_momentum_is_what_stays():
    x = jnp.asarray(plain.some(4, 3, 3, 2), jnp.float32)
    module = NormActivation(momentum=0.1)
    variables = module.init(jax.random.key(0), x, True)
    stats = module.apply(variables, x, True, mutable=["batch_stats"])[1]["batch_stats"]["norm0"]
    np.testing.assert_allclose(stats["mean"], 0.9 * x.mean((0, 1, 2)), rtol=1e-4)
    np.testing.assert_allclose(stats["var"], 0.1 + 0.9 * x.var((0, 1, 2)), rtol=1e-4)


@pytest.mark.usefixtures("float64")
def test_pooled_head():
    def formula(params, x):
        features, dense = x.mean((1, 2)), params["linear"]["dense"]
        return Outputs(features @ dense["kernel"] + dense["bias"], features)

    plain.agree(PooledHead(5), formula, plain.some(2, 3, 4, 6))


def test_pooled_head_starts_as_pytorch_does():
    dense = start(PooledHead(300), jnp.zeros((1, 2, 2, 16)))["linear"]["dense"]
    for values in dense.values():
        np.testing.assert_allclose([values.min(), values.max()], [-0.25, 0.25], atol=0.01)
    zeros = PooledHead(3, bias_init=jax.nn.initializers.zeros)
    assert not start(zeros, jnp.zeros((1, 2, 2, 16)))["linear"]["dense"]["bias"].any()


def test_block_groups():
    blocks = block_groups(lambda width, stride: (width, stride), [4, 8, 9], [1, 2, 1])
    assert [(name, make()) for name, make in blocks] == [
        ("block00", (4, 1)),
        ("block01", (8, 2)),
        ("block02", (8, 1)),
        ("block03", (9, 2)),
    ]


@pytest.mark.parametrize(
    ("check", "says"),
    [
        (lambda: check_positive("net", width=0), "The width of net has to be above 0, not 0"),
        (lambda: check_positive("net", width=float("nan")), "not nan"),
        (lambda: check_dropout("net", 1.0), "below 1, not 1.0"),
        (lambda: check_dropout("net", -0.1), "at least 0"),
        (
            lambda: check_size("net", np.zeros((1, 32, 31, 3)), 32),
            r"at least 32x32 pixels, not inputs of shape \(32, 31",
        ),
        (lambda: check_size("net", np.zeros((1, 64)), 32), "shape"),
    ],
)
def test_refuses(check, says):
    with pytest.raises(InputError, match=says):
        check()
    check_positive("net", width=1)
    check_dropout("net", 0.0)
    check_size("net", np.zeros((1, 32, 33, 3)), 32)
