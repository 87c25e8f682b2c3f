import jax
import jax.numpy as jnp
import pytest

from meta_noise.core.cotangents import forward_order, tensor_names
from meta_noise.errors import InputError
from meta_noise.models.network import to_network
from meta_noise.models.preact_resnet import PreAct, preact_resnet
from tests.models import plain

INPUTS = jax.ShapeDtypeStruct((2, 32, 32, 3), jnp.float32)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(("width", "stride"), [(3, 1), (5, 1), (4, 2)])
def test_block_formula(width, stride):
    def formula(p, x):
        h = plain.relu(plain.normalise(x, p["norm0"]))
        y = plain.convolve(h, p["conv1"]["kernel"], stride)
        y = plain.convolve(plain.relu(plain.normalise(y, p["norm2"])), p["conv3"]["kernel"])
        return y + (plain.convolve(h, p["shortcut"]["kernel"], stride) if (width, stride) != (3, 1) else h)

    plain.agree(PreAct(width, stride), formula, plain.some(2, 5, 6, 3))


def test_sizes():
    network = to_network(preact_resnet(10))
    variables = jax.eval_shape(network.init, jax.random.key(0), INPUTS)
    maps = [
        jax.eval_shape(lambda v, x, stop=stop: network.apply(v, x, True, stop=stop)[0], variables, INPUTS).shape[1:]
        for stop in (1, 3, 5, 7, 9)
    ]
    assert maps == [(32, 32, 64), (32, 32, 64), (16, 16, 128), (8, 8, 256), (4, 4, 512)]


def test_last_tensors_are_those_that_famus_gates():
    """The classifier, and 13 tensors of the last group: scale and offset first, the shortcut last."""
    network = to_network(preact_resnet(10))
    params, _ = jax.eval_shape(network.init, jax.random.key(0), INPUTS)
    names = [tensor_names(params)[position] for position in forward_order(params, network.stages)]
    block = ["norm0/scale", "norm0/bias", "conv1/kernel", "norm2/scale", "norm2/bias", "conv3/kernel"]
    assert names[-15:] == [
        *(f"block06/{name}" for name in [*block, "shortcut/kernel"]),
        *(f"block07/{name}" for name in block),
        "head/linear/dense/kernel",
        "head/linear/dense/bias",
    ]


def test_34_layers():
    assert len(to_network(preact_resnet(10, 34)).stages) == 2 + 16


@pytest.mark.parametrize(
    ("settings", "says"),
    [({"depth": 20}, "10, 18 or 34 layers, not 20"), ({"width": 0}, "above 0"), ({"head": "cosine"}, "'cosine'")],
)
def test_refuses(settings, says):
    with pytest.raises(InputError, match=says):
        preact_resnet(10, **settings)
