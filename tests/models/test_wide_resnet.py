import jax
import jax.numpy as jnp
import numpy as np
import pytest

from meta_noise.errors import InputError
from meta_noise.models.network import to_network
from meta_noise.models.wide_resnet import Wide, wide_resnet
from tests.models import plain

INPUTS = jax.ShapeDtypeStruct((2, 32, 32, 3), jnp.float32)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(("width", "stride"), [(3, 1), (6, 1), (6, 2)])
def test_block_formula(width, stride):
    def formula(p, x):
        h = plain.relu(plain.normalise(x, p["norm0"]))
        y = plain.convolve(h, p["conv1"]["kernel"], stride)
        y = plain.convolve(plain.relu(plain.normalise(y, p["norm2"])), p["conv3"]["kernel"])
        return y + (x if width == 3 else plain.convolve(h, p["shortcut"]["kernel"], stride))

    plain.agree(Wide(width, stride, 0.0), formula, plain.some(2, 5, 6, 3))


@pytest.mark.parametrize(
    ("depth", "widening", "count", "features"), [(40, 2, 2_243_546, 128), (28, 2, 1_467_610, 128), (28, 10, None, 640)]
)
def test_sizes(depth, widening, count, features):
    network = to_network(wide_resnet(10, depth, widening))
    assert len(network.stages) == depth // 2 - 2 + 3
    variables = jax.eval_shape(network.init, jax.random.key(0), INPUTS)
    assert count in (None, sum(x.size for x in jax.tree.leaves(variables[0])))
    per_group = (depth - 4) // 6
    maps = [
        jax.eval_shape(lambda v, x, stop=stop: network.apply(v, x, True, stop=stop)[0], variables, INPUTS).shape[1:]
        for stop in (1, 1 + per_group, 1 + 2 * per_group, 1 + 3 * per_group)
    ]
    widths = (16 * widening, 32 * widening, 64 * widening)
    assert maps == [(32, 32, 16), *((32 // 2**i, 32 // 2**i, width) for i, width in enumerate(widths))]
    outputs = jax.eval_shape(lambda v, x: network.apply(v, x, False)[0], variables, INPUTS)
    assert outputs.features.shape == (2, features)


@pytest.mark.usefixtures("float64")
def test_dropout_is_between_the_convolutions():
    """With the first kernel at zero, what enters the second is the offset, kept and doubled or dropped."""
    x = plain.some(2, 4, 4, 3)
    variables = plain.drawn(Wide(3, 1, 0.5), x)
    params = variables["params"]
    params["conv1"]["kernel"] *= 0
    params["norm2"]["bias"] = np.abs(params["norm2"]["bias"])
    params["conv3"]["kernel"] *= 0
    params["conv3"]["kernel"][1, 1] = np.eye(3)
    outputs, _ = Wide(3, 1, 0.5).apply(variables, x, True, mutable=["batch_stats"], rngs={"dropout": jax.random.key(0)})
    ratio = np.asarray(outputs - x) / params["norm2"]["bias"]
    assert set(np.unique(ratio.round(9))) == {0.0, 2.0}


def test_starts_as_in_the_code_of_mw_net():
    block = jax.jit(Wide(80, 1, 0.0).init, static_argnums=2)(jax.random.key(0), jnp.zeros((1, 4, 4, 20)), False)
    for name, fan_out in (("conv1", 9 * 80), ("conv3", 9 * 80), ("shortcut", 80)):
        np.testing.assert_allclose(block["params"][name]["kernel"].std(), (2 / fan_out) ** 0.5, rtol=0.05)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"depth": 32}, r"6n \+ 4 layers.*not 32"),
        ({"depth": 4}, r"6n \+ 4"),
        ({"widening": 0}, "widening of wide_resnet has to be above 0"),
        ({"dropout": 1.0}, "below 1"),
        ({"head": "cosine"}, "Unknown head 'cosine'"),
    ],
)
def test_refuses(settings, says):
    with pytest.raises(InputError, match=says):
        wide_resnet(10, **settings)
