"""DenseNet against its formula, and its sizes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.models.densenet import Layer, Transition, densenet
from meta_noise.models.network import to_network
from tests.models import plain


@pytest.mark.usefixtures("float64")
def test_formulas():
    def layer(p, x):
        y = plain.convolve(plain.relu(plain.normalise(x, p["norm0"])), p["conv1"]["kernel"])
        return np.concatenate([x, plain.convolve(plain.relu(plain.normalise(y, p["norm2"])), p["conv3"]["kernel"])], -1)

    def transition(p, x):
        y = plain.convolve(plain.relu(plain.normalise(x, p["norm0"])), p["conv1"]["kernel"])
        return plain.pool(y, np.mean)

    plain.agree(Layer(2), layer, plain.some(2, 5, 6, 3))
    plain.agree(Transition(), transition, plain.some(2, 6, 6, 5))


def test_channels_and_sizes():
    network = to_network(densenet(10))
    images = jax.ShapeDtypeStruct((2, 32, 32, 3), jnp.float32)
    variables = jax.eval_shape(network.init, jax.random.key(0), images)
    expected = {"transition1": (16, 16, 108), "transition2": (8, 8, 150), "end": (8, 8, 342)}
    for name, shape in expected.items():
        stop = network.stages.index(name) + 1
        found = jax.eval_shape(lambda v, x, stop=stop: network.apply(v, x, False, stop=stop)[0], variables, images)
        assert found.shape == (2, *shape)
    assert len(network.stages) == 1 + 48 + 2 + 1 + 1


def test_depths():
    for depth in (9, 4, 99):
        with pytest.raises(InputError, match="6n"):
            densenet(10, depth=depth)
    with pytest.raises(InputError, match="growth"):
        densenet(10, growth=0)
