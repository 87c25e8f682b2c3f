import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.models.network import to_network
from meta_noise.models.resnet_v2 import Bottleneck, glorot_normal, resnet_v2
from tests.models import plain

INPUTS = jax.ShapeDtypeStruct((2, 32, 32, 3), jnp.float32)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("variant", ["standard", "ieg_official"])
@pytest.mark.parametrize(("width", "stride", "activates"), [(3, 1, True), (8, 2, True), (8, 1, False)])
def test_block_formula(variant, width, stride, activates):
    def formula(p, x):
        h = x
        if activates:
            h = plain.normalise(x, p["norm0"])
            h = h if variant == "ieg_official" else plain.relu(h)
        y = plain.convolve(h, p["conv1"]["kernel"], stride)
        y = plain.convolve(plain.relu(plain.normalise(y, p["norm2"])), p["conv3"]["kernel"])
        y = plain.convolve(plain.relu(plain.normalise(y, p["norm4"])), p["conv5"]["kernel"])
        return y + (x if width == 3 else plain.convolve(x, p["shortcut"]["kernel"], stride))

    plain.agree(Bottleneck((4, width), stride, variant, activates), formula, plain.some(2, 5, 6, 3))


def test_resnet_29_has_its_stages_and_sizes():
    network = to_network(resnet_v2(10))
    assert network.stages == ("stem", *(f"block{i:02d}" for i in range(9)), "norm", "head")
    params, stats = variables = jax.eval_shape(network.init, jax.random.key(0), INPUTS)
    maps = [
        jax.eval_shape(lambda v, x, stop=stop: network.apply(v, x, True, stop=stop)[0], variables, INPUTS).shape[1:]
        for stop in (1, 4, 7, 10)
    ]
    assert maps == [(32, 32, 16), (32, 32, 64), (16, 16, 128), (8, 8, 256)]
    assert "norm0" not in params["block00"] and all("norm0" in params[f"block0{i}"] for i in range(1, 9))
    assert {name for name in params if "shortcut" in params[name]} == {"block00", "block03", "block06"}
    official = to_network(resnet_v2(10, variant="ieg_official"))
    assert jax.eval_shape(official.init, jax.random.key(0), INPUTS) == (params, stats)


def test_glorot_normal():
    values = np.asarray(glorot_normal(jax.random.key(0), (3, 3, 50, 200)))
    np.testing.assert_allclose(values.std(), (2 / (9 * 50 + 9 * 200)) ** 0.5, rtol=0.01)


@pytest.mark.parametrize(
    ("settings", "says"),
    [({"depth": 30}, r"9n \+ 2 layers.*not 30"), ({"depth": 2}, "9n"), ({"variant": "ieg"}, "'ieg'. Choices")],
)
def test_refuses(settings, says):
    with pytest.raises(InputError, match=says):
        resnet_v2(10, **settings)
