from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.models.cnn9 import Pooled, Valid, cnn9
from meta_noise.models.network import to_network
from tests.models import plain


def layers(p, x, padding):
    for number in range(3):
        x = plain.convolve(x, p[f"conv{number}"]["kernel"], padding=padding)
        x = plain.relu(plain.normalise(x, p[f"norm{number}"]), 0.01)
    return x


@pytest.mark.usefixtures("float64")
def test_block_formulas():
    plain.agree(Pooled(3, 0.0, 4), lambda p, x: plain.pool(layers(p, x, (1, 1))), plain.some(2, 5, 6, 2))
    plain.agree(Valid((4, 3, 2)), lambda p, x: layers(p, x, (0, 0)), plain.some(2, 7, 8, 2))


def test_parameters_one_by_one():
    widths = (3, 128, 128, 128, 256, 256, 256, 512, 256, 128)
    convolutions = sum(9 * one * two + 2 * two for one, two in pairwise(widths))
    assert convolutions + 128 * 10 + 10 == 4_432_522


def test_dropout_takes_whole_channels():
    block, inputs = Pooled(8, 0.5, 4), jnp.asarray(plain.some(4, 8, 8, 3), jnp.float32)
    variables = jax.jit(partial(block.init, train=False))(jax.random.key(0), inputs)
    dropped, kept = (
        jax.jit(partial(module.apply, train=True, mutable=["batch_stats"]))(
            variables, inputs, rngs={"dropout": jax.random.key(1)}
        )[0]
        for module in (block, Pooled(8, 0.0, 4))
    )
    share = np.asarray(dropped / kept)  # [4, 4, 4, 8]
    assert set(np.unique(share.round(4))) == {0.0, 2.0}
    np.testing.assert_allclose(share, np.broadcast_to(share[:, :1, :1], share.shape), rtol=1e-5)


def test_needs_28_pixels():
    network = to_network(cnn9(10, width=2))
    inputs = jax.ShapeDtypeStruct((2, 28, 28, 3), jnp.float32)
    variables = jax.eval_shape(network.init, jax.random.key(0), inputs)
    maps = jax.eval_shape(lambda v, x: network.apply(v, x, False, stop=3)[0], variables, inputs)
    assert maps.shape == (2, 1, 1, 2)
    with pytest.raises(InputError, match=r"at least 28x28 pixels, not inputs of shape \(27, 32, 3\)"):
        jax.eval_shape(network.init, jax.random.key(0), jnp.zeros((1, 27, 32, 3)))


def test_refuses():
    with pytest.raises(InputError, match="above 0"):
        cnn9(10, width=0)
    with pytest.raises(InputError, match=r"dropout of cnn9 has to be at least 0 and below 1, not 1\.5"):
        cnn9(10, dropout=1.5)
