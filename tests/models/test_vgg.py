import jax
import jax.numpy as jnp
import pytest

from meta_noise.errors import InputError
from meta_noise.models.network import to_network
from meta_noise.models.vgg import Pair, vgg
from tests.models import plain


@pytest.mark.usefixtures("float64")
def test_block_formula():
    def formula(p, x):
        for number in range(2):
            x = plain.convolve(x, p[f"conv{number}"]["kernel"])
            x = plain.relu(plain.normalise(x, p[f"norm{number}"]))
        return plain.pool(x)

    plain.agree(Pair(4, 2), formula, plain.some(2, 5, 6, 3))


def test_sizes():
    network = to_network(vgg(10))
    inputs = jax.ShapeDtypeStruct((2, 32, 32, 3), jnp.float32)
    variables = jax.eval_shape(network.init, jax.random.key(0), inputs)
    maps = [
        jax.eval_shape(lambda v, x, stop=stop: network.apply(v, x, True, stop=stop)[0], variables, inputs).shape[1:]
        for stop in range(1, 6)
    ]
    assert maps == [(16, 16, 64), (8, 8, 128), (4, 4, 256), (2, 2, 512), (1, 1, 512)]


def test_refuses():
    with pytest.raises(InputError, match="above 0"):
        vgg(10, width=0)
    with pytest.raises(InputError, match=r"at least 32x32 pixels, not inputs of shape \(31, 32, 3\)"):
        jax.eval_shape(to_network(vgg(10, 2)).init, jax.random.key(0), jnp.zeros((1, 31, 32, 3)))
