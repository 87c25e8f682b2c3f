import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.models.lenet import lenet
from meta_noise.models.network import to_network
from meta_noise.types import Outputs
from tests.models import plain
from tests.models.compiled import start


def count(network, shape):
    params, _ = jax.eval_shape(network.init, jax.random.key(0), jax.ShapeDtypeStruct((2, *shape), jnp.float32))
    return sum(x.size for x in jax.tree.leaves(params))


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("convolutions", [(2, 3, 4), (2, 3)])
def test_formula_of_the_whole_network(convolutions):
    def formula(params, x):
        x = np.pad(x, ((0, 0), (2, 2), (1, 2), (0, 0)))
        for number in range(len(convolutions)):
            conv = params[f"conv{number}"]["conv"]
            x = plain.relu(plain.convolve(x, conv["kernel"], padding=(0, 0)) + conv["bias"])
            x = plain.pool(x) if number < 2 else x
        dense, last = params["dense"]["dense"], params["head"]["linear"]["dense"]
        features = plain.relu(x.reshape(len(x), -1) @ dense["kernel"] + dense["bias"])
        return Outputs(features @ last["kernel"] + last["bias"], features)

    plain.agree(lenet(5, convolutions, 6), formula, plain.some(2, 28, 29, 1))


def test_the_other_network_of_the_code():
    assert count(to_network(lenet(10, (32, 64), 512)), (28, 28, 1)) == 876_938


def test_starts_within_the_bound_of_pytorch():
    blocks = dict(lenet(10, (6, 16), 512).blocks)
    for name, shape, fan_in in (("conv1", (1, 14, 14, 6), 150), ("dense", (1, 16), 16), ("head", (1, 512), 512)):
        params = start(blocks[name](name=None), jnp.zeros(shape))
        for values in jax.tree.leaves(params):
            assert 0.7 * fan_in**-0.5 < jnp.abs(values).max() <= fan_in**-0.5


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"convolutions": ()}, "one to three convolutions.*not 0"),
        ({"convolutions": (1, 1, 1, 1)}, "not 4"),
        ({"convolutions": (6, 0)}, "above 0, not 0"),
        ({"dense": 0}, "above 0"),
    ],
)
def test_refuses(settings, says):
    with pytest.raises(InputError, match=says):
        lenet(10, **settings)


def test_refuses_large_images():
    with pytest.raises(InputError, match=r"up to 32x32 pixels, not inputs of shape \(33, 32, 1\)"):
        count(to_network(lenet(10)), (33, 32, 1))
