from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.models.network import to_network
from meta_noise.models.resnet_cifar import Residual, resnet_cifar
from tests.models.plain import convolve, normalise


@pytest.mark.parametrize("depth", [7, 31, 2, 12])
def test_refuses_other_depths(depth):
    with pytest.raises(ValueError, match=r"6n \+ 2"):
        resnet_cifar(10, depth)


def test_resnet_32_has_its_stages_and_sizes():
    network = to_network(resnet_cifar(10))
    assert network.stages == ("stem", *(f"block{i:02d}" for i in range(15)), "head")
    inputs = jax.ShapeDtypeStruct((2, 32, 32, 3), jnp.float32)
    variables = jax.eval_shape(network.init, jax.random.key(0), inputs)

    def shape_after(stop):
        return jax.eval_shape(lambda v, x: network.apply(v, x, True, stop=stop)[0], variables, inputs).shape

    assert [shape_after(stop) for stop in (1, 6, 7, 11, 12, 16)] == [
        (2, 32, 32, 16),
        (2, 32, 32, 16),
        (2, 16, 16, 32),
        (2, 16, 16, 32),
        (2, 8, 8, 64),
        (2, 8, 8, 64),
    ]
    outputs = jax.eval_shape(lambda v, x: network.apply(v, x, True)[0], variables, inputs)
    assert outputs.features.shape == (2, 64)


@pytest.mark.parametrize(("width", "stride"), [(4, 1), (8, 2)])
def test_block_formula(width, stride):
    block, inputs = Residual(width, stride), jax.random.normal(jax.random.key(0), (3, 6, 6, 4))
    variables = jax.jit(partial(block.init, train=False))(jax.random.key(1), inputs)
    kernels = [np.asarray(variables["params"][name]["kernel"], np.float64) for name in ("conv0", "conv1")]
    x = np.asarray(inputs, np.float64)
    y = normalise(convolve(np.maximum(normalise(convolve(x, kernels[0], stride)), 0), kernels[1], 1))
    shortcut = np.zeros_like(y)
    shortcut[..., (width - 4) // 2 : (width - 4) // 2 + 4] = x[:, ::stride, ::stride]
    outputs, _ = block.apply(variables, inputs, True, mutable=["batch_stats"])
    np.testing.assert_allclose(outputs, np.maximum(y + shortcut, 0), rtol=1e-4, atol=1e-4)


def test_running_variance_is_the_biased_one():
    """The stated difference from PyTorch."""
    block, inputs = Residual(4, 1), jax.random.normal(jax.random.key(0), (3, 6, 6, 4))
    variables = jax.jit(partial(block.init, train=False))(jax.random.key(1), inputs)
    _, new = block.apply(variables, inputs, True, mutable=["batch_stats"])
    variance = convolve(np.asarray(inputs), np.asarray(variables["params"]["conv0"]["kernel"]), 1).var((0, 1, 2))
    np.testing.assert_allclose(new["batch_stats"]["norm0"]["var"], 0.9 + 0.1 * variance, rtol=1e-4)


def test_starts_he_normal():
    head = resnet_cifar(100).blocks[-1][1](name=None)
    init = jax.jit(head.init, static_argnums=2)
    linear = init(jax.random.key(0), jnp.zeros((1, 8, 8, 64)), False)["params"]["linear"]["dense"]
    np.testing.assert_allclose(np.std(linear["kernel"]), (2 / 64) ** 0.5, rtol=0.03)
    assert 0.1 < np.abs(linear["bias"]).max() <= 0.125
    init = jax.jit(Residual(64, 1).init, static_argnums=2)
    kernel = init(jax.random.key(0), jnp.zeros((1, 4, 4, 64)), False)["params"]["conv1"]["kernel"]
    np.testing.assert_allclose(np.std(kernel), (2 / (9 * 64)) ** 0.5, rtol=0.02)
